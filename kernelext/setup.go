// Package kernelext shows results inside a GoNB notebook: questions, figures of races and of
// plain data, live progress, kept results, checks, exercises, and ledger rows. It holds no
// rule and no mathematics; what it draws was computed elsewhere.
//
// The first cell of a notebook calls Setup, every figure is then one call:
//
//	res := kernelext.Race(optimizee.PaperLasso, trace.Config{Problems: 64, Steps: 100}, entries...)
//	kernelext.Convergence("FISTA overtakes after 20 steps", res, kernelext.Axes{})
//
// A notebook asks before it shows. Predict covers what a function shows until the reader has
// chosen an answer, and the answer stands in a folded cell:
//
//	kernelext.Predict(overtakes, func() { kernelext.Convergence("When does FISTA overtake ISTA?", res.Medians(), kernelext.Axes{}) })
//
// Curves are Convergence and Box; pictures of the thing itself are Stems (sparse signals), Images
// and Tiles (images, patches), Matrix and Heat, Scatter and Clusters, Contour and Landscape, and
// Diagram (what is connected with what). Timeline puts any of them under a slider, and Explore
// under sliders that a kernel answers.
//
// A figure is one output: a live chart (zoom, legend, values under the pointer)
// where scripts run, a picture where they do not, a table of numbers where there
// are neither. Live charts need neither network nor kernel, so they work in
// saved and exported notebooks. Outside a notebook the same calls print their
// numbers, or, after Report, write a self-contained HTML page.
//
// What a cell shows is deterministic: same data, same bytes.
package kernelext

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/l2olab/l2o/kernelext/internal/page"
)

//go:embed assets/echarts.min.js.gz
var echarts []byte // Apache ECharts 5.6.0, Apache-2.0, see assets/LICENSES

//go:embed assets/loader.js
var loader string

//go:embed assets/predict.js
var predictJS string

//go:embed assets/still.js
var stillJS string

// Setup makes the figures of a notebook live. Call it in the first cell: it puts
// the chart library into the notebook, once, so that no figure needs a network.
// Without it figures show their picture and say why. Outside a notebook it does
// nothing.
func Setup() {
	if gonbui.IsNotebook {
		emit(output{html: setupHTML() + `<div style="font:13px system-ui,sans-serif;opacity:.7">Live figures are on.</div>`, text: "Live figures are on.\n"})
	}
}

// setupHTML is the figure runtime and ECharts as HTML. ECharts is evaluated with
// its own module and without define, so that it neither registers with a
// RequireJS of the page nor touches a global; as an inline script, because a page
// that runs ours allows those.
func setupHTML() string {
	return `<script>` + loader + predictJS + stillJS + `(async function(packed){
  var L=window.__l2o;if(L.echarts)return;
  try{
    var bytes=Uint8Array.from(atob(packed),function(c){return c.charCodeAt(0)});
    var src=await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    var e=document.createElement("script");
    e.textContent="(function(){var define,require,module={exports:{}},exports=module.exports;"+src+"\n;window.__l2o.install(module.exports)})()";
    document.head.appendChild(e);e.remove();
  }catch(x){console.error("l2o: figures stay pictures:",x)}
})("` + base64.StdEncoding.EncodeToString(echarts) + `");</script>`
}

// Report sends what follows to a self-contained HTML page instead of the
// terminal. The page is written anew after each output, so it also shows how far
// a run came that failed. In a notebook it does nothing.
func Report(path string) {
	if gonbui.IsNotebook {
		return
	}
	state.Lock()
	defer state.Unlock()
	state.report, state.path = page.New("L2O Lab"), path
	state.report.HTML(setupHTML())
}

// Markdown shows text with LaTeX between dollar signs. Unlike printed text it
// keeps its place between figures.
func Markdown(text string) {
	emit(output{markdown: text, text: text})
}

// stopped is the context that Stop cancels, once Context listens to it. Before that Stop ends
// the process at once.
var stopped, cancel = context.WithCancel(context.Background())

// Context is cancelled when the reader presses Stop. The process then has five
// seconds to save what it reached and to end by itself.
var Context = sync.OnceValue(func() context.Context {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // a second one ends the process at once
		state.Lock()
		last := state.onStop
		state.Unlock()
		for _, f := range last { // before the cancellation: a cell may end right after it
			f()
		}
		cancel()
	}()
	return stopped
})

// tell shows a line of text in its place among the outputs.
func tell(text string) {
	emit(output{text: text, html: line(text)})
}

// line is a line of text as HTML.
func line(text string) string {
	return `<div style="font:14px/1.6 system-ui,sans-serif">` + html.EscapeString(text) + `</div>`
}

// exit ends the process; a variable so that tests can watch it.
var exit = os.Exit

// fail ends the cell with a message, or only the attempt at an exercise.
func fail(format string, args ...any) {
	state.Lock()
	trying := state.trying
	state.Unlock()
	if trying {
		panic(failure(fmt.Sprintf(format, args...)))
	}
	uncover()
	fmt.Fprintln(os.Stderr, printable(fmt.Sprintf(format, args...)))
	exit(1)
}
