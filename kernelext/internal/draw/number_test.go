package draw

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestNum(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", -3: "-3", 12345: "12345", 0.1234: "0.123", 0.1: "0.1", 1.8e-3: "0.0018", 9.99e-5: "9.99e-5", 1e-15: "1e-15",
		1234.5: "1230", 99.96: "100", 0.09996: "0.1", 1.5e6: "1.5e6", 1e300: "1e300", -2.5e-10: "-2.5e-10", math.Inf(1): "+Inf",
	} {
		if got := Num(v); got != want {
			t.Errorf("num(%v) = %q, want %q", v, got, want)
		}
	}
	if got := Num(math.Copysign(0, -1)); got != "0" {
		t.Errorf("minus zero is %q", got)
	}
}

func TestNumbersJSON(t *testing.T) {
	b, err := json.Marshal([]Numbers{{1, 2.3457}, {2, math.NaN()}, {math.Inf(1), 1e-20}})
	if err != nil || string(b) != "[[1,2.3457],[2,null],[null,1e-20]]" {
		t.Errorf("%s, %v", b, err)
	}
}

// Far from zero a number has the digits that tell it from its neighbours.
func TestWithin(t *testing.T) {
	for _, c := range []struct {
		v, span float64
		want    string
	}{
		{500003.9, 40, "500003.9"},
		{4649759.4, 50, "4649759.4"},
		{4649750, 50, "4649750"},
		{123456.9, 4, "123456.9"},
		{123454, 4, "123454"},
		{100001.75, 3, "100001.75"},
		{100000.1, .3, "100000.1"},
		{1e9 + .25, 1, "1000000000.25"},
		{-1e9 - .25, 1, "-1000000000.25"},
		{1.5e6, 2e6, "1.5e6"},
		{2.5e-12, 1e-13, "2.5e-12"},
		{1.00025e-12, 1e-15, "1.00025e-12"},
		{0.12345, 1, "0.123"},
		{0, 1, "0"},
		{math.NaN(), 1, "NaN"},
		{1, math.NaN(), "1"},
		{5, 0, "5"},
		{99999.96, 1, "99999.96"},
	} {
		if got := Within(c.v, c.span); got != c.want {
			t.Errorf("%v within %v is %q, want %q", c.v, c.span, got, c.want)
		}
	}
}

// axes are linear ones of any size and any place, and logarithmic ones.
func axes(n int) []Axis {
	rng := rand.New(rand.NewPCG(17, 1))
	all := []Axis{}
	for _, r := range [][2]float64{{499980, 500020}, {4649750, 4649800}, {123453.7, 123456.9}, {100001, 100004}, {1e9, 1e9 + 1e-2}, {-1e-9, 1e-9}, {-1e15, -1e15 + 3e3}, {0, 1e300}} {
		a := Axis{}
		a.Fit(r[0], r[1])
		all = append(all, a)
	}
	for i := range n {
		a := Axis{Log: i%4 == 0}
		if a.Log {
			lo := float64(rng.IntN(40) - 20)
			a.Fit(lo, lo+float64(rng.IntN(16)))
			a.Floor, a.Top = math.Pow(10, a.Lo)*1.7, math.Pow(10, a.Hi)*.9
		} else {
			lo := math.Pow(10, 24*rng.Float64()-12) * rng.NormFloat64()
			a.Fit(lo, lo+math.Abs(lo)*math.Pow(10, 12*rng.Float64()-9))
		}
		a.AtLeast = i%7 == 0
		all = append(all, a)
	}
	return all
}

// What is drawn is where it belongs, and reads in the live chart as in the text; numbers
// halfway between two that can be written are among them.
func TestShortNumbersSayTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 2))
	for _, a := range axes(300) {
		for range 100 {
			at := a.Lo + (a.Hi-a.Lo)*rng.Float64()
			if rng.IntN(3) == 0 { // a short number, or halfway between two of three digits
				v, _ := strconv.ParseFloat(strconv.FormatFloat(a.Value(at), 'e', 1+rng.IntN(4), 64), 64)
				if v += 5 * math.Pow(10, float64(exponent(v)-3)) * float64(rng.IntN(2)); Finite(a.At(v)) {
					at = a.At(v)
				}
			}
			short := a.short(at)
			if got, want := a.Num(a.Value(short)), a.Num(a.Value(at)); got != want {
				t.Fatalf("%+v: %v became %v, which reads %s and not %s", a, at, short, got, want)
			}
			if off := math.Abs(short - at); off > 6e-3*(a.Hi-a.Lo) {
				t.Fatalf("%+v: %v became %v, %g of the axis away", a, at, short, off/(a.Hi-a.Lo))
			}
			if _, err := json.Marshal(Numbers{short}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Ticks have different labels, which are the numbers where they stand.
func TestLabelsAreTheirTicks(t *testing.T) {
	for _, a := range axes(4000) {
		seen := map[string]bool{}
		for _, tick := range a.Ticks() {
			l := a.Label(tick)
			if seen[l] {
				t.Errorf("%+v: two ticks are called %s", a, l)
			}
			if seen[l] = true; a.Log {
				continue
			}
			if v, err := strconv.ParseFloat(l, 64); err != nil || math.Abs(v-tick) > 1e-3*a.Step+1e-14*math.Abs(tick) {
				t.Errorf("%+v: the tick at %v is called %s", a, tick, l)
			}
		}
	}
	a := Axis{}
	a.Fit(4649951, 4650029)
	var all []string
	for _, v := range a.Ticks() {
		all = append(all, a.Label(v))
	}
	if got := strings.Join(all, " "); !strings.Contains(got, "4650000") || strings.Contains(got, "e") {
		t.Errorf("ticks of one axis in two ways: %s", got)
	}
}

func TestWhatAnAxisSaysOfItsEnds(t *testing.T) {
	a := Axis{Log: true, Lo: -14, Hi: 3, Floor: 1e-14, Top: 1000}
	for v, want := range map[float64]string{0: "≤ 1e-14", 1e-14: "≤ 1e-14", 2e-14: "2e-14", .25: "0.25", 1000: "1000", 1001: "> 1000", math.Inf(1): "+Inf"} {
		if got := a.Num(v); got != want {
			t.Errorf("%g is %q, want %q", v, got, want)
		}
	}
	a.AtLeast = true
	for v, want := range map[float64]string{0: "unproven", .25: "≥ 0.25", math.Inf(1): "+Inf"} {
		if got := a.Num(v); got != want {
			t.Errorf("%g of an unproven gap is %q, want %q", v, got, want)
		}
	}
}
