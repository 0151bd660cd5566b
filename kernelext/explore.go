package kernelext

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"os"
	"slices"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
)

// A Control is a slider of [Explore]: the values that it takes, and the one where it begins,
// or the nearest to it.
type Control struct {
	Values trace.Range
	Start  float64
}

// How many figures are made beforehand: of one control, and of each of two.
const (
	framesOfOne = 21
	framesOfTwo = 6
)

// done is what the button says.
const done = "done"

// How long a cell listens to sliders: until somebody moves one, and after the last move.
const (
	firstMove = 15 * time.Second
	nextMove  = 2 * time.Minute
)

// Explore puts a function of the reader's own below sliders. figure gets a value for each
// control and calls one of the figure functions. At first it is called for some of the values,
// and these frames need no kernel: at most 21 values of a single control, 6 by 6 of two; more
// controls stay where they begin. In JupyterLab the cell then goes on for a while, and figure
// is called for whatever the sliders say. That ends 15 seconds after the cell has begun to
// listen when nobody has moved one, two minutes after the last move, and with Stop; elsewhere
// no cell waits. So figure should not take more than a tenth of a second.
//
//	kernelext.Explore("Where does it begin to swing?", []kernelext.Control{
//		{trace.Lin("step p·L", 0.5, 2, 16), 1}, {trace.Lin("momentum a", 0, 1, 11), 0.5},
//	}, func(at []float64) { kernelext.Convergence("", run(at[0], at[1]), kernelext.Axes{Top: 10}) })
func Explore(caption string, controls []Control, figure func(at []float64)) {
	if err := checkControls(controls, figure); err != nil {
		emit(complaint(caption, err))
		return
	}
	dials, values := thinned(controls)
	at := starts(controls)
	frames := framed(caption, dials, func(i int) {
		now := slices.Clone(at)
		for k, place := range places(dials, i) {
			now[k] = values[k][place]
		}
		figure(now)
	})
	if !live() {
		emit(frames)
		return
	}
	emitTo(listen(caption, controls, figure), frames) // a saved notebook has what works in it
}

// live reports whether somebody may be moving sliders: programs that execute notebooks name no
// kernel. What is covered by a question is shown when its cell has ended.
func live() bool {
	return gonbui.IsNotebook && os.Getenv("GONB_JUPYTER_KERNEL_ID") != "" && !covering()
}

func checkControls(controls []Control, figure func([]float64)) error {
	if figure == nil {
		return errors.New("an exploration needs the function that draws its figures")
	}
	if len(controls) == 0 {
		return errors.New("an exploration needs a control: {trace.Lin(name, lo, hi, n), start}")
	}
	for _, c := range controls {
		if len(c.Values.Values) < 2 || !draw.Finite(c.Values.Values...) {
			return fmt.Errorf("control %q needs two values or more, all of them finite, not %v", c.Values.Name, c.Values.Values)
		}
	}
	return nil
}

// starts are the values at which controls begin.
func starts(controls []Control) []float64 {
	at := make([]float64, len(controls))
	for k, c := range controls {
		at[k] = c.Values.Values[nearest(c.Values.Values, c.Start)]
	}
	return at
}

// nearest is the place of the value closest to v.
func nearest(values []float64, v float64) (place int) {
	for i, x := range values {
		if math.Abs(x-v) < math.Abs(values[place]-v) {
			place = i
		}
	}
	return place
}

// thinned are the dials over frames, and their values.
func thinned(controls []Control) (dials []dial, values [][]float64) {
	most := framesOfTwo
	if len(controls) == 1 {
		most = framesOfOne
	}
	for _, c := range controls[:min(len(controls), 2)] {
		all := c.Values.Values
		start := nearest(all, c.Start)
		keep := []int{start}
		for i := range min(len(all), most) {
			keep = append(keep, i*(len(all)-1)/max(min(len(all), most)-1, 1))
		}
		slices.Sort(keep)
		keep = slices.Compact(keep)
		if len(keep) > most { // the start has come in addition: its nearer neighbour goes
			i := slices.Index(keep, start)
			if i == len(keep)-2 || i > 1 && keep[i]-keep[i-1] < keep[i+1]-keep[i] {
				keep = slices.Delete(keep, i-1, i)
			} else {
				keep = slices.Delete(keep, i+1, i+2)
			}
		}
		d := dial{parameter: c.Values.Name, start: slices.Index(keep, start)}
		var v []float64
		for _, i := range keep {
			v = append(v, all[i])
			d.labels = append(d.labels, draw.Within(all[i], all[len(all)-1]-all[0]))
		}
		dials, values = append(dials, d), append(values, v)
	}
	return dials, values
}

// listen shows a figure below sliders, and redraws it for what they say, until nobody moves
// them any more. It returns the name of that figure's output.
func listen(caption string, controls []Control, figure func([]float64)) (id string) {
	id = "explore-" + gonbui.UniqueId()
	redraw := func(at []int) {
		emitTo(id, framed(caption, placedAt(controls, at), func(int) { figure(valuesAt(controls, at)) }))
	}
	comms.Start()
	address := "/l2o/" + id
	moves := make(chan string, 1)
	sub := comms.Subscribe(address, func(_, value string) {
		select {
		case <-moves: // an older one
		default:
		}
		select {
		case moves <- value:
		default:
		}
	})
	defer comms.Unsubscribe(sub)
	panel := "controls-" + id
	emitTo(panel, output{html: controlsHTML(address, controls), text: "Live: move a slider.\n"})
	first := make([]int, len(controls))
	for k, c := range controls {
		first[k] = nearest(c.Values.Values, c.Start)
	}
	redraw(first)
	ctx := Context()
	for wait := firstMove; wait > 0; {
		select {
		case <-ctx.Done():
			wait = 0
		case <-time.After(wait):
			wait = 0
		case move := <-moves:
			var at []int
			if move == done {
				wait = 0
			} else if json.Unmarshal([]byte(move), &at) == nil && len(at) == len(controls) { // a page says nothing at first
				redraw(at)
				wait = nextMove
			}
		}
	}
	emitTo(panel, output{html: line("Run the cell again to move the sliders to any value."), text: "Run the cell again to move the sliders to any value.\n"})
	return id
}

// placedAt are dials that stand still.
func placedAt(controls []Control, at []int) (dials []dial) {
	for k, v := range valuesAt(controls, at) {
		dials = append(dials, dial{parameter: controls[k].Values.Name, labels: []string{draw.Num(v)}})
	}
	return dials
}

func valuesAt(controls []Control, at []int) []float64 {
	v := make([]float64, len(controls))
	for k, c := range controls {
		v[k] = c.Values.Values[min(max(at[k], 0), len(c.Values.Values)-1)]
	}
	return v
}

// controlsHTML are sliders that talk to the cell.
func controlsHTML(address string, controls []Control) string {
	rows := ""
	for _, c := range controls {
		all := c.Values.Values
		labels := make([]string, len(all))
		for i, v := range all {
			labels[i] = draw.Within(v, all[len(all)-1]-all[0])
		}
		list, err := json.Marshal(labels)
		if err != nil {
			panic(err) // strings always can be
		}
		start := nearest(all, c.Start)
		rows += fmt.Sprintf(`<label style="display:block">%s <input type="range" min="0" max="%d" value="%d" data-l2o-labels="%s" style="vertical-align:middle;width:min(22em,60%%);accent-color:%s"> <output style="font-weight:600">%s</output></label>`,
			html.EscapeString(c.Values.Name), len(all)-1, start, html.EscapeString(string(list)), draw.Blue, labels[start])
	}
	name, err := json.Marshal(address)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`<div id="%s" style="font:14px/1.7 system-ui,sans-serif;margin:.4em 0">%s<button type="button">Done</button> <span style="opacity:.75">The kernel draws each place of the sliders, until Done.</span></div>
<script>(function(tries){
  var box=document.getElementById(%s);
  if(!box){if(tries<50)setTimeout(arguments.callee.bind(null,tries+1),100);return}
  var say=null,all=Array.from(box.querySelectorAll("input"));
  function send(v){var c=globalThis.gonb_comm;if(!c)return;say=say||c.newSyncedVariable(%s,"");say.set(v)}
  all.forEach(function(e){e.oninput=function(){
    e.parentNode.querySelector("output").textContent=JSON.parse(e.getAttribute("data-l2o-labels"))[+e.value];
    send(JSON.stringify(all.map(function(f){return +f.value})))}});
  box.querySelector("button").onclick=function(){send("done")};
})(0)</script>`, html.EscapeString(address), rows, name, name)
}
