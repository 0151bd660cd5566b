package exact

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
)

type inner struct {
	F    float64
	Tags []string
}

type everything struct {
	B      bool
	I      int8
	U      uint64
	F      float64
	G      float32
	S      string
	List   []inner
	Nil    []float64
	Empty  []float64
	Array  [2]int
	Map    map[string]float64
	Ptr    *inner
	None   *inner
	When   time.Time
	Named  inner  `json:"renamed"`
	Hidden func() `json:"-"`
}

func sample() everything {
	return everything{
		B: true, I: -128, U: math.MaxUint64, F: math.Copysign(0, -1), G: 0.1, S: "a\"</script>\u2028",
		List:  []inner{{1e-308, nil}, {0.1 + 0.2, []string{"x"}}, {math.Inf(-1), []string{}}},
		Empty: []float64{}, Array: [2]int{1, 2}, Map: map[string]float64{"b": 1, "a": math.Inf(1)},
		Ptr: &inner{F: math.MaxFloat64}, When: time.Unix(1, 5).UTC(), Named: inner{F: 5e-324},
	}
}

func TestRoundTripIsExact(t *testing.T) {
	want := sample()
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	var got everything
	if err := Decode(data, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || !math.Signbit(got.F) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	again, err := Encode(got)
	if err != nil || string(again) != string(data) {
		t.Errorf("not canonical: %s, then %s (%v)", data, again, err)
	}
	nan, err := Encode([]float64{math.NaN()})
	var back []float64
	if e := Decode(nan, &back); err != nil || e != nil || len(back) != 1 || !math.IsNaN(back[0]) {
		t.Errorf("NaN became %v by way of %s", back, nan)
	}
}

type secret struct{ Shown, hidden int }

func TestRefusesWhatWouldBeLost(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{Check[secret](), "hidden"},
		{Check[struct{ A []map[string]secret }](), "A: field hidden"},
		{Check[struct{ F func() }](), "F: a func() cannot be kept"},
		{Check[struct{ E any }](), "E: a interface {} cannot be kept"},
		{Check[map[int]string](), "map keys must be strings"},
		{second(Encode(secret{1, 2})), "hidden"},
		{second(Encode(map[string]any{"f": func() {}})), "f: a func()"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
	if err := Check[everything](); err != nil {
		t.Error(err)
	}
	type tree struct{ Kids []*tree }
	if err := Check[tree](); err != nil {
		t.Error("a recursive type:", err)
	}
}

func second(_ []byte, err error) error { return err }

func TestDecodeRefusesOtherShapes(t *testing.T) {
	for _, data := range []string{`{`, `[]`, `{"F":1}`, `{"F":1,"Tags":null,"More":2}`, `{"F":true,"Tags":null}`, `{"F":1,"Tags":7}`, `{"F":"x","Tags":null}`, `null`} {
		var v inner
		if err := Decode([]byte(data), &v); err == nil {
			t.Errorf("%s was read as %+v", data, v)
		}
	}
	var small int8
	if err := Decode([]byte("300"), &small); err == nil {
		t.Error("300 fitted an int8")
	}
}

func FuzzDecode(f *testing.F) {
	data, err := Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var v everything
		var err error
		filetest.Frugal(t, 1<<20, len(data), func() { v = everything{}; err = Decode(data, &v) })
		if err != nil {
			return
		}
		again, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		var w everything
		if err := Decode(again, &w); err != nil {
			t.Errorf("%s: %v", again, err)
		}
	})
}

// A ring holds itself.
type ring struct{ Next *ring }

// chain is a list of links.
func chain(n int) *ring {
	var r *ring
	for range n {
		r = &ring{r}
	}
	return r
}

// TestWrittenIsRead: what comes back as another value, or not at all, is refused when it is written.
func TestWrittenIsRead(t *testing.T) {
	self := &ring{}
	self.Next = self
	list := []any{nil}
	list[0] = list
	var none []int
	for want, v := range map[string]any{
		"is not UTF-8":      struct{ Text string }{"\xff"},
		"not UTF-8":         map[string]int{"\xff": 1},
		"levels deep":       self,
		"it holds itself":   list,
		"list of links":     chain(20_000),
		"pointer to a nil ": &none,
	} {
		if _, err := Encode(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, n := range []int{0, 1, 1000, maxDepth / 2} {
		data, err := Encode(chain(n))
		if err != nil {
			t.Fatal(n, err)
		}
		file, err := json.Marshal(map[string]json.RawMessage{"value": data}) // what Keep puts around
		var back struct{ Value json.RawMessage }
		var r *ring
		if err == nil {
			err = json.Unmarshal(file, &back)
		}
		if err == nil {
			err = Decode(back.Value, &r)
		}
		if err != nil {
			t.Fatal(n, err)
		}
		for ; r != nil; r = r.Next {
			n--
		}
		if n != 0 {
			t.Errorf("%d links too few", n)
		}
	}
}

// TestDecodeIsFrugal with what takes little in a file and much in memory.
func TestDecodeIsFrugal(t *testing.T) {
	type box struct {
		Lists [][][]float64
		Maps  map[string]map[string]float64
		Texts []string
		Ring  *ring
	}
	for what, value := range filetest.JSON(1 << 16) {
		for _, at := range []string{"%s", `{"Lists":%s,"Maps":null,"Texts":null,"Ring":null}`, `{"Lists":null,"Maps":%s,"Texts":null,"Ring":null}`, `{"Lists":null,"Maps":null,"Texts":%s,"Ring":null}`, `{"Lists":null,"Maps":null,"Texts":null,"Ring":%s}`} {
			t.Run(what, func(t *testing.T) {
				data := fmt.Appendf(nil, at, value)
				filetest.Frugal(t, 1<<18, len(data), func() { _ = Decode(data, new(box)) })
			})
		}
	}
}
