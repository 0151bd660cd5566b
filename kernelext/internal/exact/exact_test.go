package exact

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
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
		if Decode(data, &v) != nil {
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
