package optim_test

import (
	"math"
	"os"
	"runtime"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// photograph is the middle of a photograph, where L2O_DATA has some, and rings elsewhere.
func photograph(t *testing.T, side int) ad.Value {
	out := ad.New(side*side, 1, nil)
	if os.Getenv("L2O_DATA") != "" {
		if all, err := datasets.BSDS500(t.Context()); err == nil {
			img := all.All[0]
			for i := range out.Data {
				out.Data[i] = img.At((img.Rows-side)/2+i/side, (img.Cols-side)/2+i%side)
			}
			t.Logf("photograph %s", img.Name)
			return out
		}
	}
	for i := range out.Data {
		r := math.Hypot(float64(i/side-side/2), float64(i%side-side/2))
		out.Data[i] = 0.5 + 0.5*math.Sin(r*r/800)
	}
	t.Log("rings; photographs are used where L2O_DATA names a folder with those of BSDS500")
	return out
}

// TestDeblur restores 65,536 pixels in less memory than a hundredth of a per cent of the
// matrix between them would take.
func TestDeblur(t *testing.T) {
	const side, steps = 256, 30
	picture := photograph(t, side)
	blur, wavelets := linear.Blur(side, side, linear.Gaussian(9, 1.5)), linear.Wavelet(side, side, 4, linear.DB4)
	seen := blur.Apply(picture).AddScaled(0.01, optimizee.Gaussian(optimizee.Stream(1), side*side, 1))
	p := optimizee.LeastSquares(linear.Compose(blur, wavelets.T()), seen).Plus(prox.L1(1e-3))
	step, err := optim.FISTARestart(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	var peak uint64
	var c ad.Value
	for k, x := range optim.Steps(step, p.Start) {
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
		if c = x.X(); k == steps {
			break
		}
	}
	psnr := func(v ad.Value) float64 {
		return 10 * math.Log10(float64(v.Len())/v.Sub(picture).SumSquares().Item())
	}
	before, after := psnr(seen), psnr(wavelets.Transpose(c))
	if !(after > before+1) {
		t.Errorf("from %.2f dB to %.2f dB", before, after)
	}
	if peak > 100e6 {
		t.Errorf("up to %.0f MB of heap", float64(peak)/1e6)
	}
	t.Logf("from %.2f dB to %.2f dB in %d steps, up to %.0f MB of heap", before, after, steps, float64(peak)/1e6)
}
