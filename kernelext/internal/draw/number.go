package draw

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Num writes v with three significant digits, so that what a notebook shows is
// the same on every machine; whole numbers below a million stay whole.
func Num(v float64) string { return write(v, 3) }

// Apart writes two numbers with three significant digits, or as many more as tell them apart.
func Apart(v, w float64) (string, string) {
	a, b := Num(v), Num(w)
	for p := 4; a == b && v != w && p <= 17; p++ { // NaN differs from NaN
		a, b = write(v, p), write(w, p)
	}
	return a, b
}

// Within writes v with the digits that tell it from others in a range of that span: three, and
// more where the range is short against its distance from zero.
func Within(v, span float64) string { return write(v, digits(v, span)) }

// digits reach a hundredth of the span, or less.
func digits(v, span float64) int {
	if !(span > 0) || v == 0 || !Finite(v, span) {
		return 3
	}
	return min(max(exponent(v)-exponent(span)+3, 3), 15)
}

// write is the one way of a number into text, picture and live chart; the function of
// this name in loader.js gives the same. It has p significant digits without the zeros at their end.
// Exponents begin at a million, unless the digits reach as far as the units.
func write(v float64, p int) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return strconv.FormatFloat(v, 'g', -1, 64)
	case v == math.Trunc(v) && math.Abs(v) < 1e6:
		return strconv.FormatFloat(v+0, 'f', 0, 64) // +0: no "-0"
	}
	s := strconv.FormatFloat(v, 'e', p-1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	if e, _ := strconv.Atoi(exp); e < -3 || e > max(5, p+1) {
		if strings.Contains(mantissa, ".") {
			mantissa = strings.TrimSuffix(strings.TrimRight(mantissa, "0"), ".")
		}
		return mantissa + "e" + strconv.Itoa(e)
	}
	rounded, _ := strconv.ParseFloat(s, 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// exponent is that of the first digit.
func exponent(v float64) int {
	_, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exp)
	return e
}

// Num writes a value as text, picture and live chart show it: relative to the axis, and by its
// ends where the axis does not say more of it.
func (a Axis) Num(v float64) string {
	switch {
	case a.AtLeast && v <= a.Floor:
		return "unproven"
	case a.Floor > 0 && v <= a.Floor:
		return "≤ " + Num(a.Floor)
	case a.Top > 0 && v > a.Top && !math.IsInf(v, 0):
		return "> " + Num(a.Top)
	case a.AtLeast && Finite(v):
		return "≥ " + Within(v, a.span())
	}
	return Within(v, a.span())
}

// span is 0 where three digits are enough for any value: a logarithmic axis shows no more.
func (a Axis) span() float64 {
	if a.Log || a.Labels != nil {
		return 0
	}
	return a.Hi - a.Lo
}

// Value is what stands at a coordinate. A logarithm has lost the last digits of its number:
// ten are sure.
func (a Axis) Value(t float64) float64 {
	if !a.Log {
		return t
	}
	v, _ := strconv.ParseFloat(strconv.FormatFloat(math.Pow(10, t), 'e', 9, 64), 64)
	return v
}

// End names an end of the axis.
func (a Axis) End(t float64) string { return a.Num(a.Value(t)) }

// Label names the tick at axis coordinate t, with all digits that it has, or that its
// neighbours have.
func (a Axis) Label(t float64) string {
	switch {
	case a.Labels != nil:
		return a.Labels[int(t)]
	case a.Log:
		return powerOfTen(int(math.Round(t)))
	case t == 0:
		return "0"
	}
	own := strings.TrimRight(strings.Replace(strconv.FormatFloat(math.Abs(t), 'e', 14, 64)[:16], ".", "", 1), "0")
	t, _ = strconv.ParseFloat(strconv.FormatFloat(t, 'e', 14, 64), 64)
	return write(t, min(max(len(own), exponent(t)-exponent(a.Step)+1), 15))
}

// short is a coordinate with no more digits than a screen can show, and enough for the live
// chart to write its value as the axis does.
func (a Axis) short(t float64) float64 {
	span := a.Hi - a.Lo
	if !Finite(t, span) || !(span > 0) {
		return t
	}
	want, first := a.Num(a.Value(t)), 4-exponent(span)
	for d := range 12 {
		if r := round(t, first+d); a.surely(r, want) {
			return r
		}
	}
	// A number halfway between two that can be written: the written one takes its place.
	if v, err := strconv.ParseFloat(strings.TrimLeft(want, "≥≤> "), 64); err == nil && Finite(a.At(v)) {
		return a.At(v)
	}
	return t
}

// surely reports whether a coordinate is written so in a browser as well, which rounds up
// halfway and has another power in its last digits.
func (a Axis) surely(t float64, want string) bool {
	for _, off := range []float64{-1e-13, 0, 1e-13} {
		v := a.Value(t)
		if a.Log {
			v = a.Value(t + off)
		}
		whole := v == math.Trunc(v) && math.Abs(v) < 1e6
		if a.Num(v) != want || !whole && (a.Num(v*(1-1e-14)) != want || a.Num(v*(1+1e-14)) != want) {
			return false
		}
	}
	return true
}

// round rounds to so many decimals, which may be less than none.
func round(v float64, decimals int) float64 {
	if decimals < 0 {
		v /= math.Pow(10, float64(-decimals))
	}
	s := strconv.FormatFloat(v, 'f', max(decimals, 0), 64)
	if decimals < 0 {
		s += "e" + strconv.Itoa(-decimals)
	}
	r, _ := strconv.ParseFloat(s, 64)
	return r + 0
}

// Points are in axis coordinates; NaN makes a gap.
type Points [][2]float64

// Numbers is a list of values that may have gaps.
type Numbers []float64

// MarshalJSON writes null for a gap.
func (vs Numbers) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, v := range vs {
		if i > 0 {
			b = append(b, ',')
		}
		if !Finite(v) {
			b = append(b, "null"...)
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		b = append(b, text...)
	}
	return append(b, ']'), nil
}
