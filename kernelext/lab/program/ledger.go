package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/l2olab/l2o/kernelext/internal/console"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/pkg/cite"
)

// runLedger prints the ledger rows of executed notebooks.
func runLedger(ctx context.Context, args []string) error {
	fs := flags("ledger")
	asJSON := fs.Bool("json", false, "print JSON instead of a table")
	markdown := fs.Bool("markdown", false, "print a Markdown table, a row in a line")
	paper := fs.String("paper", "", "print the rows of this paper alone; a part of its name is enough")
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if files, err = r.orAll(files); err != nil {
		return err
	}
	rows, err := r.ledgerRows(files)
	if err != nil {
		return err
	}
	if rows, err = ofPaper(rows, *paper); err != nil {
		return err
	}
	switch {
	case *asJSON:
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	case *markdown:
		fmt.Print(ledgerTable(rows), "\n", verdictTable(rows))
	default:
		width := console.Columns(os.Stdout)
		fmt.Print(fittedLedger(rows, width))
		if papers := papersOf(rows); len(papers) > 1 {
			fmt.Print("\n", indented("", "With -paper NAME the table has one of them alone: "+strings.Join(papers, ", "), "  ", width))
		}
	}
	return nil
}

// ledgerRows collects the rows of notebooks, with the notebook that each stands in.
func (r *repo) ledgerRows(files []string) ([]map[string]any, error) {
	rows := []map[string]any{}
	for _, f := range files {
		nb, err := jupyter.ReadFile(f)
		if err != nil {
			return nil, err
		}
		list, err := entries(nb)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", relative(f), err)
		}
		if !executed(nb) {
			fmt.Fprintf(os.Stderr, "lab: %s was not executed: its rows are missing\n", relative(f))
		}
		for _, e := range list {
			if e.kind == ledgerKind {
				e.fields["notebook"] = r.key(f)
				rows = append(rows, e.fields)
			}
		}
	}
	return rows, nil
}

// ofPaper keeps the rows of papers whose name has a part in it, in any case; all of them for "".
func ofPaper(rows []map[string]any, part string) ([]map[string]any, error) {
	kept := []map[string]any{}
	for _, row := range rows {
		if strings.Contains(strings.ToLower(cellText(row["paper"])), strings.ToLower(part)) {
			kept = append(kept, row)
		}
	}
	if len(kept) == 0 && part != "" {
		return nil, usageError{fmt.Sprintf("ledger: no row is about a paper %q; there are rows about %s", part, strings.Join(papersOf(rows), ", "))}
	}
	return kept, nil
}

// papersOf are the papers that rows are about, in their order.
func papersOf(rows []map[string]any) (papers []string) {
	for _, row := range rows {
		if name := console.Plain(cellText(row["paper"])); !slices.Contains(papers, name) {
			papers = append(papers, name)
		}
	}
	return papers
}

// fittedLedger formats rows in at most width columns: paper by paper, with texts that run over several lines.
func fittedLedger(rows []map[string]any, width int) string {
	var b strings.Builder
	for rest := rows; len(rest) > 0; {
		paper := cellText(rest[0]["paper"])
		table := [][]string{{"where", "what", "published", "ours", "tuned", "verdict"}}
		var others []map[string]any
		for _, row := range rest {
			if cellText(row["paper"]) != paper {
				others = append(others, row)
				continue
			}
			unit := ""
			if u, ok := row["unit"].(string); ok && u != "" {
				unit = " " + u
			}
			line := []string{cellText(row["where"]), cellText(row["what"])}
			for _, f := range []string{"published", "ours_published", "ours_tuned"} {
				if text := cellText(row[f]); text == "–" {
					line = append(line, text)
				} else {
					line = append(line, text+unit)
				}
			}
			table = append(table, append(line, cellText(row["verdict"])))
		}
		fmt.Fprintf(&b, "%s: %d rows\n\n%s\n", console.Plain(paper), len(table)-1, wrapped(table, width))
		rest = others
	}
	count := map[string]int{}
	for _, row := range rows {
		count[cellText(row["verdict"])]++
	}
	for _, v := range cite.Verdicts() {
		for i, text := range wrap(fmt.Sprintf("%d %s: %s", count[string(v)], v, v.Meaning()), width-2) {
			b.WriteString(map[bool]string{true: "", false: "  "}[i == 0] + text + "\n")
		}
	}
	return b.String()
}

// widths are those of the columns of a table that is at most so wide: the widest give way, as long as that cuts no word.
func widths(table [][]string, width, gap int) []int {
	wide, word := make([]int, len(table[0])), make([]int, len(table[0])) // all of a cell, and its longest word
	for _, row := range table {
		for j, text := range row {
			wide[j] = max(wide[j], utf8.RuneCountInString(console.Plain(text)))
			for _, w := range strings.Fields(console.Plain(text)) {
				word[j] = max(word[j], utf8.RuneCountInString(w))
			}
		}
	}
	widest := func(least []int) (at int) {
		at = -1
		for j := range wide {
			if wide[j] > least[j] && (at < 0 || wide[j] > wide[at]) {
				at = j
			}
		}
		return at
	}
	none := slices.Repeat([]int{4}, len(wide))
	over := gap*(len(wide)-1) - width
	for _, w := range wide {
		over += w
	}
	for ; over > 0; over-- {
		at := widest(word)
		if at < 0 {
			at = widest(none)
		}
		if at < 0 {
			break
		}
		wide[at]--
	}
	return wide
}

// wrapped formats a table, whose first row is its header, in at most width columns.
func wrapped(table [][]string, width int) string {
	const gap = 2
	wide := widths(table, width, gap)
	var b strings.Builder
	for _, row := range table {
		parts, height := make([][]string, len(row)), 0
		for j, text := range row {
			parts[j] = wrap(text, wide[j])
			height = max(height, len(parts[j]))
		}
		for i := range height {
			line := ""
			for j := range row {
				text := ""
				if i < len(parts[j]) {
					text = parts[j][i]
				}
				line += text + strings.Repeat(" ", wide[j]-len([]rune(text))+gap)
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return b.String()
}

// wrap cuts a text into lines of at most n characters, between words where it can.
func wrap(text string, n int) (lines []string) {
	line := []rune{}
	for _, word := range strings.Fields(console.Plain(text)) {
		w := []rune(word)
		if len(line) > 0 && len(line)+1+len(w) <= n {
			line = append(append(line, ' '), w...)
			continue
		}
		if len(line) > 0 {
			lines = append(lines, string(line))
		}
		for len(w) > n {
			lines, w = append(lines, string(w[:n])), w[n:]
		}
		line = w
	}
	return append(lines, string(line))
}

// indented is a text in at most width columns: behind head, and where it goes on behind margin.
func indented(head, text, margin string, width int) string {
	var b strings.Builder
	for i, line := range wrap(text, max(width-len([]rune(margin)), 20)) {
		b.WriteString(map[bool]string{true: head, false: margin}[i == 0] + line + "\n")
	}
	return b.String()
}

// executed reports whether any code cell carries a number.
func executed(nb *jupyter.Notebook) bool {
	for _, c := range nb.Cells() {
		if c.Count() > 0 {
			return true
		}
	}
	return false
}

// ledgerTable formats rows as a Markdown table.
func ledgerTable(rows []map[string]any) string {
	columns := []struct{ title, field string }{
		{"paper", "paper"},
		{"where", "where"},
		{"what", "what"},
		{"published", "published"},
		{"ours, published settings", "ours_published"},
		{"ours, tuned baseline", "ours_tuned"},
		{"unit", "unit"},
		{"verdict", "verdict"},
		{"notebook", "notebook"},
	}
	var b strings.Builder
	for _, c := range columns {
		b.WriteString("| " + c.title + " ")
	}
	b.WriteString("|\n" + strings.Repeat("| --- ", len(columns)) + "|\n")
	for _, row := range rows {
		for _, c := range columns {
			b.WriteString("| " + console.Plain(cellText(row[c.field])) + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// verdictTable says what the verdicts mean, and how many rows have each.
func verdictTable(rows []map[string]any) string {
	count := map[string]int{}
	for _, row := range rows {
		count[cellText(row["verdict"])]++
	}
	var b strings.Builder
	b.WriteString("| verdict | rows | it means |\n| --- | --- | --- |\n")
	for _, v := range cite.Verdicts() {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", v, count[string(v)], v.Meaning())
	}
	return b.String()
}
