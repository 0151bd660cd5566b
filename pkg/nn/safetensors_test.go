package nn_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
)

func sample() nn.Params {
	th := nn.NewParams()
	nn.LSTM{In: 2, Hidden: 3, Layers: 1}.Init(th.Sub("z"), rand.New(rand.NewPCG(1, 0)))
	th.Set("a", ad.Row(math.Pi, math.Inf(-1), math.NaN(), 5e-324))
	th.Set("none", ad.New(0, 3, nil))
	return th
}

func TestWeightsRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "w.safetensors")
	th := sample()
	if err := nn.Save(path, th, map[string]string{"recipe": "τέστ \"quoted\""}); err != nil {
		t.Fatal(err)
	}
	got, meta, err := nn.Load(path)
	if err != nil || meta["recipe"] != "τέστ \"quoted\"" || !slices.Equal(got.Names(), th.Names()) {
		t.Fatal(err, meta, got.Names())
	}
	for _, n := range th.Names() {
		a, b := th.At(n), got.At(n)
		if a.R != b.R || a.C != b.C {
			t.Errorf("%s is %s, was %s", n, b.Shape(), a.Shape())
		}
		for i := range a.Data {
			if math.Float64bits(a.Data[i]) != math.Float64bits(b.Data[i]) {
				t.Errorf("%s entry %d: %g, was %g", n, i, b.Data[i], a.Data[i])
			}
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); left != nil {
		t.Error("temporary files stayed:", left)
	}
}

// file makes a safetensors file from a header and n bytes of data.
func file(header string, n int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), make([]byte, n)...)
}

func TestDamagedWeights(t *testing.T) {
	whole, err := nn.Encode(sample(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":       {nil, "first eight bytes"},
		"truncated":   {whole[:len(whole)-5], `tensor "a"`},
		"much less":   {whole[:len(whole)-60], `tensor "z.bias_hh_l0"`},
		"oversized":   {append(slices.Clone(whole), 1), "oversized"},
		"huge header": {binary.LittleEndian.AppendUint64(nil, 1<<60), "header says"},
		"no JSON":     {file("hello", 0), "no JSON"},
		"shape":       {file(`{"w":{"dtype":"F64","shape":[3,3],"data_offsets":[0,64]}}`, 64), `tensor "w": shape [3 3]`},
		"huge shape":  {file(`{"w":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}}`, 8), `tensor "w": shape`},
		"huge tensor": {file(`{"w":{"dtype":"F64","shape":[1,1000000000000],"data_offsets":[0,8000000000000]}}`, 8), `tensor "w": 8000000000000 bytes`},
		"negative":    {file(`{"w":{"dtype":"F64","shape":[-1,-1],"data_offsets":[0,8]}}`, 8), `tensor "w": negative`},
		"overlap":     {file(`{"v":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"w":{"dtype":"F64","shape":[1,1],"data_offsets":[4,12]}}`, 12), `tensor "w": starts at byte 4`},
		"type":        {file(`{"w":{"dtype":"I8","shape":[1,8],"data_offsets":[0,8]}}`, 8), `tensor "w": element type "I8"`},
		"rank":        {file(`{"w":{"dtype":"F64","shape":[1,1,1],"data_offsets":[0,8]}}`, 8), `tensor "w": shape [1 1 1]`},
	} {
		_, _, err := nn.Decode(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	other := sample()
	other.Set("z.bias_ih_l0", ad.New(1, 2, nil))
	if err := nn.Match(other, sample()); err == nil || !strings.Contains(err.Error(), `"z.bias_ih_l0" is 1×2 and has to be 1×12`) {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	whole, _ := nn.Encode(sample(), map[string]string{"a": "b"})
	f.Add(whole)
	f.Add(file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		th, meta, err := nn.Decode(data)
		if err != nil {
			return
		}
		again, err := nn.Encode(th, meta)
		if err != nil {
			t.Fatal(err)
		}
		back, _, err := nn.Decode(again)
		if err != nil || !slices.Equal(back.Names(), th.Names()) {
			t.Fatal("a decoded file does not survive", err)
		}
	})
}

// Python reads what Save wrote.
func TestPythonReadsWeights(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := nn.Save(path, sample(), map[string]string{"recipe": "r"}); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("python3", "-c", `
import sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="numpy") as f:
    print(f.metadata()["recipe"], f.get_tensor("a").shape, float(f.get_tensor("a")[0,0]))`, path).CombinedOutput()
	if err != nil {
		if os.Getenv("L2O_REQUIRE") == "1" {
			t.Fatalf("python3 with safetensors and numpy: %v\n%s", err, out)
		}
		t.Skip("skipped reading weights from Python: it needs python3 with `pip install safetensors numpy`")
	}
	if want := "r (1, 4) 3.141592653589793\n"; !bytes.Equal(out, []byte(want)) {
		t.Errorf("Python read %q, want %q", out, want)
	}
}
