package kernelext

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// A still is a figure that is no chart: a drawing, or images. Images need no script. A drawing
// is SVG in the page's colours where scripts run, and a picture elsewhere.
type still struct {
	kind   string // for the alt text
	note   string
	sketch *draw.Sketch // of a drawing
	panels []draw.Panel // of images
	words  func() (says, table string)
}

func (s *still) picture(caption string) ([]byte, error) {
	if s.sketch != nil {
		return s.sketch.Picture(caption, s.note)
	}
	return draw.Panels(caption, s.note, s.panels)
}

// showStill is the one way of a still into the world.
func showStill(caption string, s *still, err error) {
	if rec := recording(); rec != nil {
		rec.add(frame{caption: caption, still: s}, err)
		return
	}
	if err != nil {
		emit(complaint(caption, err))
		return
	}
	emit(stillFigure(caption, nil, []frame{{still: s}}))
}

// stillFigure is the output of stills under a slider, or of one.
func stillFigure(caption string, dials []dial, frames []frame) output {
	start := startOf(dials)
	s := frames[start].still
	shown, about := withPlace(caption, dials)
	png, err := s.picture(shown)
	if err != nil {
		return complaint(caption, err)
	}
	says, table := s.words()
	alt := fmt.Sprintf("%s: %s %s%s", s.kind, stop(caption), about, says)
	var body strings.Builder
	head := "" // the picture of a drawing has its caption
	if s.sketch != nil {
		head = "display:none;"
		fmt.Fprintf(&body, `<img class="l2o-static" alt="%s" style="width:720px;max-width:100%%;height:auto;background:#fff;border-radius:6px" src="data:image/png;base64,%s">`+"\n",
			html.EscapeString(alt), base64.StdEncoding.EncodeToString(png))
	}
	for i, f := range frames {
		hide := ""
		if i != start {
			hide = "display:none"
		}
		fmt.Fprintf(&body, `<div class="l2o-frame" style="%s">`, hide)
		if f.still.sketch != nil { // as the text of a script it is not shown where scripts do not run
			says, _ := f.still.words()
			svg := f.still.sketch.SVG(fmt.Sprintf("%s: %s %s", f.still.kind, stop(caption), says))
			fmt.Fprintf(&body, `<script type="image/svg+xml">%s</script>`, svg)
		} else {
			body.WriteString(panelsHTML(f.still.panels))
		}
		body.WriteString("</div>\n")
	}
	sum := sha256.Sum256([]byte(caption + body.String()))
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="l2o-still" data-l2o="fig-%s" style="margin:.7em 0;max-width:920px">`+"\n", hex.EncodeToString(sum[:6]))
	fmt.Fprintf(&b, `<figcaption class="l2o-cap" style="%sfont:600 15px/1.4 system-ui,sans-serif;margin:0 0 .5em .6em">%s</figcaption>`+"\n", head, html.EscapeString(caption))
	b.WriteString(sliders(dials))
	b.WriteString(body.String())
	if s.note != "" {
		fmt.Fprintf(&b, `<div class="l2o-cap" style="%sfont:12.5px/1.5 system-ui,sans-serif;opacity:.75;margin:.2em .8em 0">%s</div>`+"\n", head, html.EscapeString(s.note))
	}
	b.WriteString("</figure>\n")
	text := alt
	if s.note != "" {
		text += "\n" + s.note
	}
	if table != "" {
		text += "\n\n" + table
	}
	return output{html: b.String(), png: png, text: text + "\n"}
}

// panelsHTML are images beside one another, as many as there is room for.
func panelsHTML(panels []draw.Panel) string {
	var b strings.Builder
	b.WriteString(`<div style="display:flex;flex-wrap:wrap;gap:14px;align-items:flex-end;margin:0 .6em">`)
	for _, p := range panels {
		numbers, beside, below := panelTicks(p)
		fmt.Fprintf(&b, `<div style="width:%dpx;max-width:100%%%s"><div style="position:relative"><img alt="%s" style="width:100%%;height:auto;display:block;image-rendering:pixelated" src="data:image/png;base64,%s">%s</div>`+
			`<div style="font:12.5px/1.4 system-ui,sans-serif;margin-top:%s">%s</div></div>`,
			draw.PanelWidth(panels, p), beside, html.EscapeString(p.Name), base64.StdEncoding.EncodeToString(p.PNG()), numbers, below, html.EscapeString(p.Name))
	}
	b.WriteString("</div>")
	if s := panels[0].Scale; s != nil {
		fmt.Fprintf(&b, `<div style="font:12px/1.4 system-ui,sans-serif;margin:.5em .6em 0">%s <span style="display:inline-block;vertical-align:middle;width:120px;height:10px;background:linear-gradient(to right,%s)"></span> %s</div>`,
			draw.Num(panels[0].Lo), strings.Join(s, ","), draw.Num(panels[0].Hi))
	}
	return b.String()
}

// panelTicks are the numbers of rows and columns beside an image, and the room that they need.
func panelTicks(p draw.Panel) (numbers, beside, below string) {
	if !p.Ticks {
		return "", "", ".2em"
	}
	const font = "position:absolute;font:10px/1 system-ui,sans-serif;opacity:.7;"
	var b strings.Builder
	for _, t := range draw.Ticks(len(p.V)) {
		fmt.Fprintf(&b, `<span aria-hidden="true" style="%sright:100%%;margin-right:3px;top:%.1f%%;transform:translateY(-50%%)">%d</span>`,
			font, 100*(float64(t)-.5)/float64(len(p.V)), t)
	}
	for _, t := range draw.Ticks(len(p.V[0])) {
		fmt.Fprintf(&b, `<span aria-hidden="true" style="%stop:100%%;margin-top:3px;left:%.1f%%;transform:translateX(-50%%)">%d</span>`,
			font, 100*(float64(t)-.5)/float64(len(p.V[0])), t)
	}
	return b.String(), ";max-width:calc(100% - 22px);padding-left:22px", "16px"
}
