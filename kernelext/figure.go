package kernelext

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// A frame is one scene, or one still, of a figure; a figure without a slider has one.
type frame struct {
	caption string
	scene   *draw.Scene
	still   *still
}

// show is the one way of a figure into the world. What is wrong with its data
// becomes its content: a message, never a blank chart.
func show(caption string, s *draw.Scene, err error) {
	if rec := recording(); rec != nil {
		rec.add(frame{caption: caption, scene: s}, err)
		return
	}
	if err != nil {
		emit(complaint(caption, err))
		return
	}
	emit(figure(caption, nil, []frame{{scene: s}}))
}

// complaint is the output of a figure that could not be drawn.
func complaint(caption string, err error) output {
	text := fmt.Sprintf("This figure could not be drawn: %v.", err)
	return output{
		text: caption + "\n" + text + "\n",
		html: fmt.Sprintf(`<div role="alert" style="border-left:4px solid %s;padding:.4em 1em;margin:1em 0;font:14px/1.5 system-ui,sans-serif"><b>%s</b><br>%s</div>`,
			draw.Crimson, html.EscapeString(caption), html.EscapeString(text)),
	}
}

// A dial is a slider over frames: what it changes, and the value at each place.
type dial struct {
	parameter string
	labels    []string
	start     int
}

// startOf is the frame that is seen first: the one that makes the point. Frames are in the
// order in which the last dial turns first.
func startOf(dials []dial) (frame int) {
	for _, d := range dials {
		frame = frame*len(d.labels) + d.start
	}
	return frame
}

// placed says where dials stand at first.
func placed(dials []dial) string {
	var at []string
	for _, d := range dials {
		at = append(at, d.at(d.start))
	}
	return strings.Join(at, ", ")
}

// at is what the dial says at a place.
func (d dial) at(i int) string {
	if d.parameter == "" {
		return strings.TrimSpace(d.labels[i])
	}
	return d.parameter + " = " + d.labels[i]
}

// withPlace is the caption of a picture, and what its words say of the frame.
func withPlace(caption string, dials []dial) (shown, about string) {
	if len(dials) == 0 {
		return caption, ""
	}
	return caption + " (" + placed(dials) + ")", "Shown: " + placed(dials) + ". "
}

// figure is the output of one figure: a live chart over a picture, the picture,
// and the numbers as text.
func figure(caption string, dials []dial, frames []frame) output {
	start := startOf(dials)
	s := frames[start].scene
	still, about := withPlace(caption, dials)
	png, err := draw.Picture(still, s)
	if err != nil {
		return complaint(caption, err)
	}
	says, table := s.Words()
	alt := fmt.Sprintf("%s: %s %s%s", s.Kind, stop(caption), about, says)
	item := struct {
		ID     string           `json:"id"`
		Frames []map[string]any `json:"frames"`
		Start  int              `json:"start"`
		Plot   int              `json:"plot"`
		Square bool             `json:"square,omitempty"`
		X      string           `json:"x"`
	}{Start: start, Plot: 340, Square: s.Square, X: s.X.Name}
	if s.Square {
		item.Plot = 420
	}
	for _, f := range frames {
		item.Frames = append(item.Frames, draw.Option(f.scene))
	}
	content, err := json.Marshal(item) // escapes <, > and &, so no label can end the script
	if err != nil {
		return complaint(caption, err)
	}
	sum := sha256.Sum256(append(content, caption...))
	item.ID = "fig-" + hex.EncodeToString(sum[:6])
	if content, err = json.Marshal(item); err != nil {
		return complaint(caption, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="l2o-fig" data-l2o="%s" style="margin:.7em 0;max-width:920px">`+"\n", item.ID)
	fmt.Fprintf(&b, `<figcaption class="l2o-cap" style="display:none;font:600 15px/1.4 system-ui,sans-serif;margin:0 0 .5em .6em">%s</figcaption>`+"\n", html.EscapeString(caption))
	b.WriteString(sliders(dials))
	fmt.Fprintf(&b, `<div class="l2o-live" role="img" aria-label="%s" style="display:none;width:100%%"></div>`+"\n", html.EscapeString(alt))
	if s.Note != "" {
		fmt.Fprintf(&b, `<div class="l2o-cap" style="display:none;font:12.5px/1.5 system-ui,sans-serif;opacity:.75;margin:.2em .8em 0">%s</div>`+"\n", html.EscapeString(s.Note))
	}
	fmt.Fprintf(&b, `<img class="l2o-static" alt="%s" style="width:720px;max-width:100%%;height:auto;background:#fff;border-radius:6px" src="data:image/png;base64,%s">`+"\n",
		html.EscapeString(alt), base64.StdEncoding.EncodeToString(png))
	fmt.Fprintf(&b, `<div class="l2o-hint" hidden style="font:12.5px/1.5 system-ui,sans-serif;opacity:.75">This is a still picture: run the notebook’s first cell, kernelext.Setup(), for the live figure.</div>
</figure>
<script>(function(){var L=window.__l2o=window.__l2o||{};(L.q=L.q||[]).push(%s);if(L.run)L.run();
setTimeout(function(){if(!L.echarts)document.querySelectorAll(".l2o-hint").forEach(function(e){e.hidden=false})},5000)})()</script>
`, content)
	text := alt
	if s.Note != "" {
		text += "\n" + s.Note
	}
	return warned(output{html: b.String(), png: png, text: text + "\n\n" + table}, caption, s)
}

// sliders are range inputs with their values beside them; loader.js connects them.
func sliders(dials []dial) string {
	var b strings.Builder
	for _, d := range dials {
		labels := make([]string, len(d.labels))
		for i := range labels {
			labels[i] = d.at(i)
		}
		list, err := json.Marshal(labels)
		if err != nil {
			panic(err) // strings always can be
		}
		if len(labels) == 1 {
			continue
		}
		fmt.Fprintf(&b, `<label class="l2o-cap" style="display:none;font:13.5px/1.5 system-ui,sans-serif;margin:0 0 .8em .6em">%s `+
			`<input type="range" min="0" max="%d" step="1" value="%d" data-l2o-labels="%s" style="vertical-align:middle;width:min(16em,50%%);accent-color:%s"> <output style="font-weight:600">%s</output></label>`+"\n",
			html.EscapeString(cmp.Or(d.parameter, "frame")), len(d.labels)-1, d.start, html.EscapeString(string(list)), draw.Blue, html.EscapeString(d.at(d.start)))
	}
	return b.String()
}

// stop ends a sentence.
func stop(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}

// Timeline shows one figure for each value of a parameter, under a slider that
// needs no kernel: it works in exported HTML too. figure is called once for each
// value and calls one of the figure functions; that figure becomes a frame, and
// all frames share their axes, so that they can be compared. The frame of
// values[start] is seen first and is the picture: it must make the caption's
// point before anyone moves the slider.
//
//	kernelext.Timeline("A larger λ makes the race shorter", "λ", []float64{.01, .1, 1}, 1,
//		func(lambda float64) { kernelext.Convergence("", race(lambda), kernelext.Axes{}) })
func Timeline[T any](caption, parameter string, values []T, start int, figure func(T)) {
	labels := make([]string, len(values))
	var all draw.Span
	for _, v := range values {
		if f, ok := any(v).(float64); ok {
			all.See(f)
		}
	}
	for i, v := range values {
		if f, ok := any(v).(float64); ok {
			labels[i] = draw.Within(f, all.Hi-all.Lo)
		} else {
			labels[i] = fmt.Sprint(v)
		}
	}
	if figure == nil {
		timeline(caption, parameter, labels, start, nil)
		return
	}
	timeline(caption, parameter, labels, start, func(i int) { figure(values[i]) })
}

func timeline(caption, parameter string, labels []string, start int, show func(int)) {
	if show == nil {
		emit(complaint(caption, errors.New("a timeline needs the function that draws its frames")))
		return
	}
	if len(labels) == 0 || start < 0 || start >= len(labels) {
		emit(complaint(caption, fmt.Errorf("frame %d of %d does not exist: start must index values", start, len(labels))))
		return
	}
	if outer := recording(); outer != nil {
		outer.add(frame{}, errors.New("a timeline cannot hold another timeline"))
		return
	}
	emit(framed(caption, []dial{{parameter, labels, start}}, show))
}

// framed is the output of the figures that show draws, one for each place of the dials.
func framed(caption string, dials []dial, show func(i int)) output {
	total := 1
	for _, d := range dials {
		total *= len(d.labels)
	}
	rec := newRecorder()
	defer rec.stop() // also when show panics
	for i := range total {
		if err := stopped.Err(); err != nil {
			rec.stop()
			return complaint(caption, fmt.Errorf("it was stopped: %w", err))
		}
		show(i)
		at := atFrame(dials, i)
		if len(rec.frames) != i+1 && rec.err == nil {
			rec.err = fmt.Errorf("the function must call one figure function for each value, but for %s it called %d", at, len(rec.frames)-i)
		}
		if rec.err != nil {
			rec.stop()
			return complaint(caption, fmt.Errorf("%s: %w", at, rec.err))
		}
	}
	rec.stop()
	if rec.frames[0].still != nil {
		return stillFigure(caption, dials, rec.frames)
	}
	share(rec.frames)
	return figure(caption, dials, rec.frames)
}

// places are where the dials stand in a frame.
func places(dials []dial, frame int) []int {
	at := make([]int, len(dials))
	for k := len(dials) - 1; k >= 0; k-- {
		n := len(dials[k].labels)
		at[k], frame = frame%n, frame/n
	}
	return at
}

// atFrame are the values of a frame.
func atFrame(dials []dial, frame int) string {
	var at []string
	for k, i := range places(dials, frame) {
		at = append(at, dials[k].labels[i])
	}
	return strings.Join(at, ", ")
}

// share gives all frames the axes that hold each of them.
func share(frames []frame) {
	var x, y, colours draw.Span
	for _, f := range frames {
		if c := f.scene.Cells; c != nil {
			colours.See(c.Colour.Lo, c.Colour.Hi)
		}
		x.See(f.scene.X.Lo, f.scene.X.Hi)
		y.See(f.scene.Y.Lo, f.scene.Y.Hi)
	}
	for _, f := range frames {
		f.scene.X.Fit(x.Lo, x.Hi)
		f.scene.Y.Fit(y.Lo, y.Hi)
		if c := f.scene.Cells; c != nil {
			c.Colour.Lo, c.Colour.Hi = colours.Lo, colours.Hi
		}
	}
}

// errEmpty is what a figure says that has nothing to show.
var errEmpty = errors.New("there is nothing to draw: no data were given")
