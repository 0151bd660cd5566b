package weights_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/weights"
)

// bits is a θ as bytes.
func bits(tb testing.TB, th nn.Params) []byte {
	tb.Helper()
	data, err := nn.Encode(th, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func trained(tb testing.TB, o learned.Optimizer, card weights.Card) weights.Trained {
	tb.Helper()
	t, err := weights.NewTrained(o, o.First(optimizee.Stream(1)), optimizee.SmallLasso, card)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func net(hidden int) learned.Network { return learned.Network{Hidden: hidden, Layers: 1} }

// own is a dictionary that is no drawn one.
func own(rows, cols int) *sparse.Dictionary {
	return sparse.NewDictionary(sparse.DrawDictionary(rows, cols, 1).A())
}

// TestWrittenIsRead: each kind comes back from disk with the same θ, Config and card, with
// large dictionaries and with validations that are not finite.
func TestWrittenIsRead(t *testing.T) {
	card := weights.Card{Name: "mine", Curve: []weights.Validation{{1, math.NaN()}, {2, math.Inf(1)}, {3, math.Inf(-1)}, {4, 0.1}}}
	for name, o := range map[string]learned.Optimizer{
		"pa": learned.PA(learned.PAConfig{Network: net(3)}), "dm": learned.DM(learned.DMConfig{Network: net(3)}),
		"rnnprop": learned.RNNprop(learned.RNNpropConfig{Network: net(3)}), "wiring": learned.CoordinateWise(learned.Wiring{Network: net(3)}),
		"scale": learned.Scale(learned.ScaleConfig{Parameter: 3, Tensor: 4, Global: 2}), "swarm": learned.Swarm(learned.SwarmConfig{Network: net(3), Dim: 2}),
		"mlam": mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: net(3)}}), "rows": mlam.Rows(mlam.RowsConfig{}),
		"adalista": lista.AdaLISTA(lista.AdaLISTAConfig{Rows: 4}),
		"LISTA":    lista.LISTA(lista.Config{Dictionary: own(4, 6)}), "CP": lista.CP(lista.Config{Dictionary: own(4, 6)}),
		"ALISTA": lista.ALISTA(lista.Config{Dictionary: own(4, 6), Layers: 200}), "HyperLISTA": lista.HyperLISTA(lista.Config{Dictionary: own(4, 6)}),
		"LFISTA": lista.LFISTA(lista.Config{Dictionary: own(4, 6)}), "GLISTA": lista.GLISTA(lista.Config{Dictionary: own(4, 6), FreeInput: true}),
		"LAMP": lista.LAMP(lista.Config{Dictionary: own(4, 6)}), "TiLISTA": lista.TiLISTA(lista.Config{Dictionary: own(4, 6)}),
		"512×1024": lista.StepLISTA(lista.Config{Dictionary: own(512, 1024), Layers: 2}),
	} {
		w := trained(t, o, card)
		file := filepath.Join(t.TempDir(), "w.safetensors")
		if err := w.Save(file); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := weights.LoadFile(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(bits(t, w.Theta), bits(t, got.Theta)) || got.Optimizer.Name != o.Name || got.Card.Name != "mine" {
			t.Errorf("%s came back as %s", name, got)
		}
		c := got.Card.Curve
		if len(c) != 4 || !math.IsNaN(c[0].Value) || !math.IsInf(c[1].Value, 1) || !math.IsInf(c[2].Value, -1) || c[3] != card.Curve[3] {
			t.Errorf("%s: validations %v", name, c)
		}
	}
}

// TestEveryFlip: each bit of a file that changes is an error.
func TestEveryFlip(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.safetensors")
	if err := trained(t, learned.DM(learned.DMConfig{Network: net(1)}), weights.Card{Name: "mine"}).Save(file); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(whole) {
		data := slices.Clone(whole)
		data[i/8] ^= 1 << (i % 8)
		if _, err := weights.Decode(data); err == nil {
			t.Fatalf("bit %d of byte %d passes: %q", i%8, i/8, data[max(0, i/8-20):min(len(data), i/8+20)])
		}
	}
	for n := range whole {
		if _, err := weights.Decode(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes pass", n, len(whole))
		}
	}
	t.Logf("%d flips and %d truncations are errors", 8*len(whole), len(whole))
}

// TestBombs: what a file says of its size is compared with it before anything is made.
func TestBombs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.safetensors")
	if err != nil || len(files) != 5 {
		t.Fatal(files, err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, f := range files {
		if _, err := weights.LoadFile(f); err == nil || !strings.Contains(err.Error(), filepath.Base(f)) || !strings.Contains(err.Error(), "config") {
			t.Errorf("%s: %v", f, err)
		}
	}
	one := nn.NewParams()
	one.Set("a", ad.Scalar(1))
	for kind, configs := range map[string][]string{
		"pa":              {`{"Hidden":1000000000}`, `{"Layers":1000000000}`, `{"Hidden":-1}`, `{"Layers":-5}`, `{"hiddem":1}`, `{`},
		"rnnprop":         {`{"Hidden":4611686018427387904}`},
		"coordinate-wise": {`{"Hidden":100000}`},
		"mlam":            {`{"Hidden":-7}`, `{"Blocks":["a","b"],"Hidden":70000}`},
		"mlam rows":       {`{"P":1000000000}`, `{"Hidden":1000000000}`, `{"P":-1}`},
		"adalista":        {`{"Rows":1000000}`, `{"Rows":-1}`, `{"Rows":1,"Layers":1000000000}`},
		"unrolled": {
			`{"Rule":"HyperLISTA"}`, `{"Rule":"none"}`, `{"Rule":"ALISTA","Dictionary":{"Rows":1000000,"Cols":1000000,"Seed":1},"Layers":1000000000}`,
			`{"Rule":"LISTA","Dictionary":{"Rows":1,"Cols":1000000,"Seed":1},"Layers":1}`,
			`{"Rule":"GLISTA","Dictionary":{"Rows":1000000,"Cols":1000000,"Seed":1},"Layers":1}`,
			`{"Rule":"CP","Dictionary":{"Rows":4294967296,"Cols":4294967296,"Numbers":""},"Layers":1}`,
			`{"Rule":"LISTA-CP","Dictionary":null}`,
		},
	} {
		for _, config := range configs {
			data, err := nn.Encode(one, map[string]string{"kind": kind, "config": config, "card": "{}"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := weights.Decode(data); err == nil {
				t.Errorf("%s %s passes", kind, config)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if grew := after.TotalAlloc - before.TotalAlloc; grew > 1<<20 {
		t.Errorf("refusing small files took %d bytes", grew)
	}
}

// A drawn dictionary is not made when a file is read, only on a problem of its size.
func TestDrawnDictionaryWaits(t *testing.T) {
	th := nn.NewParams()
	th.Set("layer1.alpha", ad.Scalar(1))
	data, err := nn.Encode(th, map[string]string{
		"kind": "unrolled", "card": "{}",
		"config": `{"Rule":"Step-LISTA","Dictionary":{"Rows":10000000,"Cols":10000000,"Seed":1},"Layers":1}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := weights.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Optimizer.Rule(w.Theta)(optimizee.SmallLasso.Draw(optimizee.Stream(1)), nil); err == nil || !strings.Contains(err.Error(), "10000000×10000000") {
		t.Error(err)
	}
}

// TestNotFinite: weights that are not finite are neither written nor read.
func TestNotFinite(t *testing.T) {
	w := trained(t, learned.DM(learned.DMConfig{Network: net(1)}), weights.Card{Name: "mine"})
	name := w.Theta.Names()[0]
	w.Theta = w.Theta.Clone()
	w.Theta.At(name).Data[0] = math.NaN()
	if err := w.Save(filepath.Join(t.TempDir(), "w")); err == nil || !strings.Contains(err.Error(), "holds NaN in row 0, column 0") {
		t.Error(err)
	}
}

// TestShippedAreSealed: all that ships has a checksum.
func TestShippedAreSealed(t *testing.T) {
	for _, name := range weights.Names() {
		data, err := os.ReadFile(filepath.Join("theta", name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(data, []byte(`"sha256":"`)) {
			t.Errorf("%s has no checksum", name)
		}
		data[len(data)-1] ^= 1
		if _, err := weights.Decode(data); err == nil || !strings.Contains(err.Error(), "checksum") {
			t.Errorf("%s with a bit changed: %v", name, err)
		}
		if _, err := weights.Load(name); err != nil {
			t.Error(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	dir := f.TempDir()
	for i, o := range []learned.Optimizer{
		learned.DM(learned.DMConfig{Network: net(1)}), lista.ALISTA(lista.Config{Dictionary: sparse.DrawDictionary(2, 3, 1), Layers: 2}),
		mlam.Rows(mlam.RowsConfig{P: 1, Hidden: 1}), lista.LISTA(lista.Config{Dictionary: own(2, 3), Layers: 1}),
	} {
		file := filepath.Join(dir, string(rune('a'+i)))
		if err := trained(f, o, weights.Card{Name: "mine"}).Save(file); err != nil {
			f.Fatal(err)
		}
		th, meta, err := nn.Load(file)
		if err != nil {
			f.Fatal(err)
		}
		plain, err := nn.Encode(th, meta) // without a checksum, which would refuse each mutation
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	bombs, _ := filepath.Glob("testdata/*.safetensors")
	for _, b := range bombs {
		data, err := os.ReadFile(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var w weights.Trained
		var err error
		filetest.Frugal(t, 1<<20, len(data), func() { w, err = weights.Decode(data) })
		if err != nil {
			return
		}
		file := filepath.Join(t.TempDir(), "w")
		if err := w.Save(file); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := weights.LoadFile(file)
		if err != nil || !bytes.Equal(bits(t, again.Theta), bits(t, w.Theta)) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}
