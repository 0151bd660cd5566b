package kernelext

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// chromium is where the browser is; without a word that it is wanted the test ends.
func chromium(t *testing.T) string {
	t.Helper()
	if os.Getenv("L2O_REQUIRE") != "1" {
		t.Skip("no browser was asked: that takes seconds, and is done with L2O_REQUIRE=1")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	return browser
}

// dom is a page after its scripts have run in a headless browser.
func dom(t *testing.T, browser, path string) string {
	t.Helper()
	cmd := exec.Command(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=15000", "--dump-dom", "file://"+path)
	cmd.WaitDelay = time.Second
	timer := time.AfterFunc(90*time.Second, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestReportIsLiveInABrowser renders every figure.
func TestReportIsLiveInABrowser(t *testing.T) {
	browser := chromium(t)
	path := filepath.Join(t.TempDir(), "gallery.html")
	if keep := os.Getenv("KERNELEXT_GALLERY"); keep != "" {
		path = keep // for looking at it
	}
	capture(t)
	Report(path)
	gallery()
	page := dom(t, browser, path)
	charts, stills, live := strings.Count(page, `class="l2o-fig"`), strings.Count(page, `class="l2o-still"`), strings.Count(page, `data-l2o-state="live"`)
	if charts != 12 || stills != 5 || live != charts+stills-1 { // one is covered by a question
		t.Errorf("%d of %d charts and %d stills are live", live, charts, stills)
	}
	if n := strings.Count(page, "<math "); n != 6 {
		t.Errorf("%d formulas became MathML", n)
	}
}

// A spoken axis is what a live chart gets of an axis and some values on it, and how the
// text and the picture write them.
type spoken struct {
	Option map[string]any
	Values []string
	Ticks  []float64
	Labels []string
}

// spokenAxes are of every size and place, with values of every kind.
func spokenAxes() (all []spoken) {
	rng := rand.New(rand.NewPCG(17, 3))
	for i := range 300 {
		y := draw.Axis{Log: i%3 == 0, AtLeast: i%11 == 0}
		lo := math.Pow(10, 24*rng.Float64()-12) * rng.NormFloat64()
		hi := lo + math.Abs(lo)*math.Pow(10, 12*rng.Float64()-9)
		switch {
		case y.Log:
			lo = float64(rng.IntN(30) - 18)
			hi = lo + float64(rng.IntN(16))
			y.Floor, y.Top = math.Pow(10, lo)*2, math.Pow(10, hi)/2
		case i%10 == 1:
			lo, hi = 1e9, 1e9+math.Pow(10, -float64(i%4))
		}
		y.Fit(lo, hi)
		line := draw.Layer{Name: "values"}
		s := spoken{Ticks: y.Ticks()}
		for range 40 {
			at := y.Lo + (y.Hi-y.Lo)*rng.Float64()
			if p := rng.IntN(6); p < 4 { // short numbers, and those halfway between two
				var v float64
				_, _ = fmt.Sscanf(fmt.Sprintf("%.*e", p, y.Value(at)), "%g", &v)
				if !math.IsNaN(y.At(v)) {
					at = y.At(v)
				}
			}
			line.Pts = append(line.Pts, [2]float64{0, at})
			s.Values = append(s.Values, y.Num(y.Value(at)))
		}
		for _, tick := range s.Ticks {
			s.Labels = append(s.Labels, y.Label(tick))
		}
		s.Option = draw.Option(&draw.Scene{Kind: "Line chart", Y: y, Layers: []draw.Layer{line}})
		all = append(all, s)
	}
	return all
}

var listed = regexp.MustCompile(`(?s)<pre id="wrong">(.*?)</pre>`)

// TestNumbersAreWrittenAlikeInABrowser compares the numbers of live charts with those of text and picture.
func TestNumbersAreWrittenAlikeInABrowser(t *testing.T) {
	browser := chromium(t)
	data, err := json.Marshal(spokenAxes())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "numbers.html")
	page := `<!doctype html><meta charset="utf-8"><pre id="wrong"></pre><script>` + loader + `</script><script>
var L = window.__l2o, wrong = [], n = 0;
` + string(data) + `.forEach(function (s) {
  var axis = s.Option.yAxis.l2o;
  function same(got, want, of) { n++; if (got !== want) wrong.push(got + " and not " + want + ": " + of + " on " + JSON.stringify(axis)); }
  s.Option.series[0].data.forEach(function (p, i) { same(L.num(axis, p[1]), s.Values[i], p[1]); });
  if (!axis.log) s.Ticks.forEach(function (t, i) { same(L.tick(axis, t), s.Labels[i], t); });
});
document.getElementById("wrong").textContent = n + " compared\n" + wrong.slice(0, 20).join("\n");
</script>`
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	m := listed.FindStringSubmatch(dom(t, browser, path))
	if m == nil {
		t.Fatal("the page says nothing")
	}
	head, wrong, _ := strings.Cut(html.UnescapeString(m[1]), "\n")
	var n int
	if _, err := fmt.Sscanf(head, "%d compared", &n); err != nil || n < 12000 || wrong != "" {
		t.Errorf("%s\n%s", head, wrong)
	}
	t.Log(head)
}
