package optimizee

import "math"

// many is how many terms are added without compensation: losses of more samples are summed
// with it.
const many = 10000

// summed is a sum that grows term by term. Beyond many terms what rounding loses is carried
// along (Neumaier 1974), so that the error does not grow with their number.
type summed struct {
	sum, lost float64
	carry     bool
}

// sumOf is a sum of n terms, none of which is there yet.
func sumOf(n int) *summed { return &summed{carry: n > many} }

func (s *summed) add(x float64) {
	if !s.carry {
		s.sum += x
		return
	}
	t := s.sum + x
	if math.Abs(s.sum) >= math.Abs(x) {
		s.lost += (s.sum - t) + x
	} else {
		s.lost += (x - t) + s.sum
	}
	s.sum = t
}

func (s *summed) value() float64 {
	if math.IsInf(s.sum, 0) {
		return s.sum
	}
	return s.sum + s.lost
}
