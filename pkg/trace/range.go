package trace

import "math"

// A Range lists the values that a constant of a rule takes in a search. See [Lin], [Log]
// and [Values].
type Range struct {
	Name    string
	Values  []float64
	Spacing Spacing
}

// Spacing says how further values lie between those of a range.
type Spacing int

// The spacings of a range.
const (
	Listed Spacing = iota // there are no others
	Equal
	Ratios
)

// Values are the values of a range, written down.
func Values(name string, v ...float64) Range { return Range{Name: name, Values: v} }

// Lin is n values from lo to hi in equal steps, both ends among them.
func Lin(name string, lo, hi float64, n int) Range {
	return spaced(name, Equal, n, func(t float64) float64 { return lo*(1-t) + hi*t })
}

// Log is n values from lo to hi in equal ratios, both ends among them up to rounding. Both
// have to be positive.
func Log(name string, lo, hi float64, n int) Range {
	return spaced(name, Ratios, n, func(t float64) float64 { return lo * math.Pow(hi/lo, t) })
}

// spaced has the values at n even places from 0 to 1.
func spaced(name string, s Spacing, n int, at func(t float64) float64) Range {
	r := Range{Name: name, Spacing: s}
	for i := range n {
		r.Values = append(r.Values, at(float64(i)/float64(max(n-1, 1))))
	}
	return r
}

// around is as many values between the neighbours of x, at equal distances or ratios with
// them; it may reach beyond r.
func (r Range) around(x float64) Range {
	n := len(r.Values)
	if n < 2 || r.Spacing == Listed {
		return r
	}
	lo, hi := r.Values[0], r.Values[n-1]
	if r.Spacing == Ratios {
		ratio := math.Pow(hi/lo, 1/float64(n+1))
		return Log(r.Name, x/ratio, x*ratio, n)
	}
	step := (hi - lo) / float64(n+1)
	return Lin(r.Name, x-step, x+step, n)
}

// border reports whether x lies at an end of the range.
func (r Range) border(x float64) bool {
	n := len(r.Values)
	return n > 1 && (x <= r.Values[0] || x >= r.Values[n-1])
}
