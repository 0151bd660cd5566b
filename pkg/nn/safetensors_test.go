package nn_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
	"github.com/l2olab/l2o/pkg/nn"
)

func sample() nn.Params {
	th := nn.NewParams()
	nn.LSTM{In: 2, Hidden: 3, Layers: 1}.Init(th.Sub("z"), rand.New(rand.NewPCG(1, 0)))
	th.Set("a", ad.Row(math.Pi, math.Inf(-1), math.NaN(), 5e-324))
	th.Set("none", ad.New(0, 3, nil))
	return th
}

// finite is a sample that a file may hold.
func finite() nn.Params {
	th := sample()
	th.Set("a", ad.Row(math.Pi, -math.MaxFloat64, math.Copysign(0, -1), 5e-324))
	return th
}

func TestWeightsRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "w.safetensors")
	if err := nn.Save(path, finite(), map[string]string{"recipe": "τέστ \"quoted\""}); err != nil {
		t.Fatal(err)
	}
	got, meta, err := nn.Load(path)
	if err != nil || len(meta) != 1 || meta["recipe"] != "τέστ \"quoted\"" {
		t.Fatal(err, meta)
	}
	same(t, finite(), got)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); left != nil {
		t.Error("temporary files stayed:", left)
	}
}

// TestNotFinite: files hold finite weights; what is encoded for a checkpoint, any.
func TestNotFinite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w")
	const want = `"a" holds -Inf in row 0, column 1`
	if err := nn.Save(path, sample(), nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	data, err := nn.Encode(sample(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := nn.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	same(t, sample(), got)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := nn.Load(path); err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
}

// same compares two θ to the bit.
func same(t *testing.T, th, got nn.Params) {
	t.Helper()
	if !slices.Equal(got.Names(), th.Names()) {
		t.Fatalf("%q, were %q", got.Names(), th.Names())
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
}

// TestWrittenIsRead: names, order and metadata of all kinds and sizes come back, or are
// refused when they are written.
func TestWrittenIsRead(t *testing.T) {
	of := func(names ...string) nn.Params {
		th := nn.NewParams()
		for _, n := range names {
			th.Set(n, ad.New(0, 3, nil))
		}
		return th
	}
	many := nn.NewParams()
	for i := range 3000 {
		many.Set(strings.Repeat("x", 2000)+strconv.Itoa(i), ad.Scalar(float64(i)))
	}
	long := map[string]string{"config": strings.Repeat("0123456789", 1<<20)} // such as a dictionary of 1024×1024
	for _, c := range []struct {
		th   nn.Params
		meta map[string]string
		bad  bool
	}{
		{nn.Params{}, nil, false},
		{nn.NewParams(), map[string]string{"a": "b"}, false},
		{of("b", "a", "", "c d", "\u2028<&>\x00"), nil, false},
		{many, long, false},
		{of("__metadata__"), nil, true},
		{of("\xff"), nil, true},
		{of("a"), map[string]string{"a": "\xff"}, true},
		{of("a"), map[string]string{"sha256": "mine"}, true},
	} {
		path := filepath.Join(t.TempDir(), "w")
		err := nn.Save(path, c.th, c.meta)
		if c.bad != (err != nil) {
			t.Errorf("%.80q: %v", c.th.Names(), err)
		}
		if err != nil {
			continue
		}
		got, meta, err := nn.Load(path)
		if err != nil || !maps.Equal(meta, c.meta) {
			t.Fatalf("%.80q: %v, metadata %.80q", c.th.Names(), err, meta)
		}
		same(t, c.th, got)
	}
}

// TestEveryFlip: a bit that changes is an error; in the name of the checksum it leaves θ alone.
func TestEveryFlip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w")
	if err := nn.Save(path, finite(), map[string]string{"recipe": "r"}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	silent := 0
	for i := range 8 * len(whole) {
		data := slices.Clone(whole)
		data[i/8] ^= 1 << (i % 8)
		if th, _, err := nn.Decode(data); err == nil {
			silent++
			same(t, finite(), th)
		}
	}
	if silent > 8*len("sha256") {
		t.Errorf("%d of %d flips pass", silent, 8*len(whole))
	}
}

// file makes a safetensors file from a header and n bytes of data.
func file(header string, n int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), make([]byte, n)...)
}

// testdata are the files of others that ours once read in silence.
func testdata(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".safetensors"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
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
		"null":        {file("null", 0), "no JSON"},
		"no UTF-8":    {file("{\"\xff\":1}", 0), "UTF-8"},
		"two objects": {file("{}{}", 0), "something follows"},
		"no end":      {file(`{"__metadata__":{}`, 0), "no JSON"},
		"twice":       {testdata(t, "dup"), `"a" stands there twice`},
		"said twice":  {testdata(t, "dupmeta"), `"__metadata__" stands there twice`},
		"key twice":   {file(`{"__metadata__":{"a":"1","a":"2"}}`, 0), `metadata: "a" stands there twice`},
		"null text":   {file(`{"__metadata__":{"a":null}}`, 0), `metadata: "a" is no string`},
		"other case":  {file(`{"w":{"dtype":"F64","DType":"F32","shape":[1],"data_offsets":[0,8]}}`, 8), `is unknown`},
		"no shape":    {file(`{"w":{"dtype":"F64","shape":null,"data_offsets":[0,8]}}`, 8), `tensor "w"`},
		"two of it":   {file(`{"w":{"dtype":"F64","shape":[1],"shape":[1],"data_offsets":[0,8]}}`, 8), `twice`},
		"offsets":     {file(`{"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8,16]}}`, 8), `two data_offsets`},
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
	for _, name := range []string{"dup", "dupmeta", "nan"} {
		f.Add(testdata(f, name))
	}
	f.Add(file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		var th nn.Params
		var meta map[string]string
		var err error
		filetest.Frugal(t, 1<<20, len(data), func() { th, meta, err = nn.Decode(data) })
		if err != nil {
			return
		}
		again, err := nn.Encode(th, meta)
		if err != nil {
			t.Fatal(err)
		}
		back, kept, err := nn.Decode(again)
		if err != nil || !maps.Equal(kept, meta) {
			t.Fatal("a decoded file does not survive", err)
		}
		same(t, th, back)
	})
}

// Python reads what Save wrote.
func TestPythonReadsWeights(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := nn.Save(path, finite(), map[string]string{"recipe": "r"}); err != nil {
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

// TestDecodeIsFrugal with what takes little in a file and much in memory.
func TestDecodeIsFrugal(t *testing.T) {
	for what, value := range filetest.JSON(1 << 16) {
		for _, at := range []string{"%s", `{"__metadata__":%s}`, `{"w":%s}`, `{"w":{"dtype":"F64","shape":%s,"data_offsets":[0,8]}}`} {
			t.Run(what, func(t *testing.T) {
				data := file(fmt.Sprintf(at, value), 8)
				filetest.Frugal(t, 1<<18, len(data), func() { _, _, _ = nn.Decode(data) })
			})
		}
	}
	header, end := strings.Builder{}, 0
	for i := range 5000 { // as many tensors as there is place for
		fmt.Fprintf(&header, `,"%d":{"dtype":"F32","shape":[1],"data_offsets":[%d,%d]}`, i, end, end+4)
		end += 4
	}
	data := file("{"+header.String()[1:]+"}", end)
	filetest.Frugal(t, 1<<18, len(data), func() {
		if _, _, err := nn.Decode(data); err != nil {
			t.Error(err)
		}
	})
}
