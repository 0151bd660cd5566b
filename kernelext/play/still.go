//go:build !js

package play

import (
	"encoding/base64"
	"fmt"
	"html"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// Still is the first scene as a picture.
func (p Playground) Still() ([]byte, error) { return p.Picture(p.Start()) }

// Picture is the scene for some values of the controls as a PNG, with the points that can be dragged.
func (p Playground) Picture(v Values) ([]byte, error) {
	s := p.Draw(v)
	for _, c := range p.Controls { // where the points can be taken hold of
		if c.Kind == "point" && (c.When == "" || slices.Contains(c.Is, v.Int(c.When))) {
			x, y := v.At(c.Name)
			s.Panels[c.Panel].Layers = append(s.Panels[c.Panel].Layers, dots("", c.Hue, 15, draw.Points{{x, y}}))
		}
	}
	return draw.Pictures(p.Title, s.Says, s.Panels...)
}

// StillHint says why nothing moves.
const StillHint = "This is its first picture. It can be moved in JupyterLab (go run ./kernelext/lab) once the cell has run there, and in the exported pages."

// HTML is the playground in a page: its first scene, which comes to life where the [Files] are.
func (p Playground) HTML(still []byte) string {
	const text = `font:14px/1.5 system-ui,sans-serif;margin:.3em 0`
	return fmt.Sprintf(`<figure class="l2o-play" data-l2o-play="%s" style="margin:.7em 0;max-width:920px">
<figcaption style="font:600 15px/1.4 system-ui,sans-serif;margin:0 0 .3em">%s</figcaption>
<p style="%s">%s</p>
<div class="l2o-live" style="display:none;font-family:system-ui,sans-serif" hidden></div>
<img class="l2o-static" alt="%s" style="width:720px;max-width:100%%;height:auto;background:#fff;border-radius:6px" src="data:image/png;base64,%s">
<p class="l2o-hint" style="%s;opacity:.75">%s</p>
</figure>
<script>%s</script>
`, p.Name, html.EscapeString(p.Title), text, html.EscapeString(p.How), html.EscapeString(p.Title+" "+p.First().Says),
		base64.StdEncoding.EncodeToString(still), text, StillHint, Bootstrap)
}
