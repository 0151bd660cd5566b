package kernelext

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
)

// Table shows rows under a header. Cells are written as fmt.Sprint does, floats
// with three significant digits; give strings where you want it otherwise. Rows
// may be [][]any, [][]string or [][]float64.
func Table[T any](caption string, header []string, rows [][]T) {
	text := make([][]string, len(rows))
	for i, r := range rows {
		for _, c := range r {
			text[i] = append(text[i], cell(c))
		}
	}
	showTable(caption, header, text, nil)
}

// ShowTable shows a table that a race or a study made, with its notes.
//
//	kernelext.ShowTable("Who is how far", res.Table(20, 100))
func ShowTable(caption string, t trace.Table) { showTable(caption, t.Header, t.Rows, t.Notes) }

func showTable(caption string, header []string, rows [][]string, notes []string) {
	if len(header) == 0 {
		show(caption, nil, errEmpty)
		return
	}
	numeric := make([]bool, len(header))
	for i, r := range rows {
		if len(r) != len(header) {
			show(caption, nil, fmt.Errorf("row %d has %d cells, the header has %d", i, len(r), len(header)))
			return
		}
		for j, c := range r {
			if _, err := strconv.ParseFloat(c, 64); err == nil {
				numeric[j] = true
			}
		}
	}
	o := output{html: tableHTML(caption, header, rows, numeric), text: caption + "\n\n" + grid(header, rows)}
	for _, note := range notes {
		o.html += `<div style="font:12.5px/1.5 system-ui,sans-serif;opacity:.75;margin:-.8em .8em .4em">` + html.EscapeString(note) + `</div>`
		o.text += note + "\n"
	}
	emit(o)
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return draw.Num(v)
	case float32:
		return draw.Num(float64(v))
	}
	return fmt.Sprint(v)
}

func tableHTML(caption string, header []string, rows [][]string, numeric []bool) string {
	const line = "1px solid rgba(128,128,128,.35)"
	var b strings.Builder
	fmt.Fprintf(&b, `<figure style="margin:1em 0;overflow-x:auto"><figcaption style="font:600 15px/1.4 system-ui,sans-serif;margin:0 0 .4em .6em">%s</figcaption>`, html.EscapeString(caption))
	b.WriteString(`<table style="border-collapse:collapse;font:13.5px/1.5 system-ui,sans-serif;margin:0">`)
	write := func(tag string, cells []string, border string) {
		b.WriteString("<tr>")
		for j, c := range cells {
			align := "left"
			if numeric[j] {
				align = "right"
			}
			whole := ""
			if _, err := strconv.ParseFloat(c, 64); err == nil {
				whole = "white-space:nowrap;" // or 5.7e-02 breaks at its minus
			}
			fmt.Fprintf(&b, `<%s style="text-align:%s;%spadding:.3em .8em;border-bottom:%s;font-variant-numeric:tabular-nums;background:none">%s</%s>`, tag, align, whole, border, html.EscapeString(c), tag)
		}
		b.WriteString("</tr>")
	}
	write("th", header, "2px solid rgba(128,128,128,.6)")
	for _, r := range rows {
		write("td", r, line)
	}
	b.WriteString("</table></figure>")
	return b.String()
}

// grid lays out rows under a header in aligned columns.
func grid(header []string, rows [][]string) string {
	lines := make([][]string, len(rows))
	for i, row := range rows {
		lines[i] = inOneLine(row)
	}
	return trace.Table{Header: inOneLine(header), Rows: lines}.String()
}

// inOneLine keeps a name with a line break from ending its row.
func inOneLine(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(c)
	}
	return out
}
