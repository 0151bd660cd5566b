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
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// A frame is one scene of a figure; a figure without a slider has one.
type frame struct {
	label   string
	caption string
	scene   *draw.Scene
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
	emit(figure(caption, "", []frame{{scene: s}}, 0))
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

// figure is the output of one figure: a live chart over a picture, the picture,
// and the numbers as text. The frame start is the one that makes the point.
func figure(caption, parameter string, frames []frame, start int) output {
	s := frames[start].scene
	still, about := caption, ""
	if len(frames) > 1 {
		still, about = caption+" ("+frames[start].label+")", "Shown: "+frames[start].label+". "
	}
	png, err := draw.Picture(still, s)
	if err != nil {
		return complaint(caption, err)
	}
	alt := fmt.Sprintf("%s: %s %s%s", s.Kind, stop(caption), about, s.Says)
	item := struct {
		ID     string           `json:"id"`
		Frames []map[string]any `json:"frames"`
		Labels []string         `json:"labels,omitempty"`
		Start  int              `json:"start"`
		Plot   int              `json:"plot"`
		Square bool             `json:"square,omitempty"`
		Log    [2]bool          `json:"log"`
		X      string           `json:"x"`
	}{Start: start, Plot: 340, Square: s.Square, Log: [2]bool{s.X.Log, s.Y.Log}, X: s.X.Name}
	if s.Square {
		item.Plot = 420
	}
	for _, f := range frames {
		item.Frames = append(item.Frames, draw.Option(f.scene))
		if len(frames) > 1 {
			item.Labels = append(item.Labels, f.label)
		}
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
	if len(frames) > 1 {
		b.WriteString(slider(parameter, frames, start))
	}
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
	return output{html: b.String(), png: png, text: text + "\n\n" + s.Table}
}

// slider is a range input with its value beside it; loader.js connects it.
func slider(parameter string, frames []frame, start int) string {
	label := cmp.Or(html.EscapeString(parameter), "frame")
	return fmt.Sprintf(`<label class="l2o-cap" style="display:none;font:13.5px/1.5 system-ui,sans-serif;margin:0 0 .8em .6em">%s `+
		`<input type="range" min="0" max="%d" step="1" value="%d" style="vertical-align:middle;width:min(16em,50%%);accent-color:%s"> <output style="font-weight:600">%s</output></label>`+"\n",
		label, len(frames)-1, start, draw.Blue, html.EscapeString(frames[start].label))
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
	for i, v := range values {
		if f, ok := any(v).(float64); ok {
			labels[i] = draw.Num(f)
		} else {
			labels[i] = fmt.Sprint(v)
		}
	}
	timeline(caption, parameter, labels, start, func(i int) { figure(values[i]) })
}

func timeline(caption, parameter string, labels []string, start int, show func(int)) {
	if len(labels) == 0 || start < 0 || start >= len(labels) {
		emit(complaint(caption, fmt.Errorf("frame %d of %d does not exist: start must index values", start, len(labels))))
		return
	}
	if outer := recording(); outer != nil {
		outer.add(frame{}, errors.New("a timeline cannot hold another timeline"))
		return
	}
	rec := newRecorder()
	defer rec.stop() // also when show panics
	for i := range labels {
		show(i)
		if len(rec.frames) != i+1 && rec.err == nil {
			rec.err = fmt.Errorf("the function must call one figure function for each value, but for %s it called %d", labels[i], len(rec.frames)-i)
		}
		if rec.err != nil {
			rec.stop()
			emit(complaint(caption, fmt.Errorf("%s: %w", labels[i], rec.err)))
			return
		}
		rec.frames[i].label = strings.TrimSpace(labels[i])
		if parameter != "" {
			rec.frames[i].label = parameter + " = " + labels[i]
		}
	}
	rec.stop()
	share(rec.frames)
	emit(figure(caption, parameter, rec.frames, start))
}

// share gives all frames the axes that hold each of them.
func share(frames []frame) {
	var x, y draw.Span
	for _, f := range frames {
		x.See(f.scene.X.Lo, f.scene.X.Hi)
		y.See(f.scene.Y.Lo, f.scene.Y.Hi)
	}
	for _, f := range frames {
		f.scene.X.Fit(x.Lo, x.Hi)
		f.scene.Y.Fit(y.Lo, y.Hi)
		if c := f.scene.Cells; c != nil {
			c.Lo = slices.MinFunc(frames, func(a, b frame) int { return cmp.Compare(a.scene.Cells.Lo, b.scene.Cells.Lo) }).scene.Cells.Lo
			c.Hi = slices.MaxFunc(frames, func(a, b frame) int { return cmp.Compare(a.scene.Cells.Hi, b.scene.Cells.Hi) }).scene.Cells.Hi
		}
	}
}

// errEmpty is what a figure says that has nothing to show.
var errEmpty = errors.New("there is nothing to draw: no data were given")
