package draw

import (
	"math"
	"slices"
)

// Levels are n values at which to draw level lines of a function with these values, which it
// sorts: more near the minimum, so that valleys stay visible under steep walls, and none that
// a cell of the grid could swallow. It gives nil where the function is constant or nowhere finite.
func Levels(values []float64, n int) []float64 {
	values = slices.DeleteFunc(values, func(v float64) bool { return !Finite(v) })
	slices.Sort(values)
	if len(values) == 0 || values[0] == values[len(values)-1] {
		return nil
	}
	levels := make([]float64, n)
	for k := range levels {
		q := (float64(k) + .5) / float64(n)
		q = .03 + .95*q*math.Sqrt(q)
		levels[k] = values[int(q*float64(len(values)-1))]
	}
	return slices.Compact(levels)
}

// Isolines are the lines on which bilinear interpolation of v equals level
// (marching squares), joined where cells meet, with gaps between lines.
func Isolines(xs, ys []float64, v [][]float64, level float64) Points {
	// Edge 2(i·n + j) goes from (i, j) to the right, the next one upwards; a line crosses it
	// from one of its two cells to the other.
	n := len(xs)
	next := make([][2]int32, 2*n*len(ys))
	for e := range next {
		next[e] = [2]int32{-1, -1}
	}
	var order []int32
	link := func(a, b int32) {
		if next[a][0] < 0 {
			next[a][0] = b
		} else {
			next[a][1] = b
		}
		order = append(order, a)
	}
	for i := range len(ys) - 1 {
		for j := range n - 1 {
			corners := [4]float64{v[i][j], v[i][j+1], v[i+1][j+1], v[i+1][j]}
			if !Finite(corners[:]...) {
				continue
			}
			// The edges of the cell in turn; a line enters and leaves through those
			// whose ends lie on different sides of the level.
			at := int32(2 * (i*n + j))
			edges := [4]int32{at, at + 3, at + 2*int32(n), at + 1}
			var cross [4]int32
			m := 0
			for k, e := range edges {
				if (corners[k] > level) != (corners[(k+1)%4] > level) {
					cross[m] = e
					m++
				}
			}
			for k := 0; k+1 < m; k += 2 {
				link(cross[k], cross[k+1])
				link(cross[k+1], cross[k])
			}
		}
	}
	at := func(e int32) [2]float64 {
		i, j := int(e/2)/n, int(e/2)%n
		a := v[i][j]
		if e%2 == 0 {
			return [2]float64{xs[j] + (level-a)/(v[i][j+1]-a)*(xs[j+1]-xs[j]), ys[i]}
		}
		return [2]float64{xs[j], ys[i] + (level-a)/(v[i+1][j]-a)*(ys[i+1]-ys[i])}
	}
	var out Points
	done := make([]bool, len(next))
	follow := func(start int32) {
		if len(out) > 0 {
			out = append(out, [2]float64{out[len(out)-1][0], math.NaN()})
		}
		e, last := start, start
		for {
			done[e] = true
			out = append(out, at(e))
			to := next[e][0]
			if to < 0 || done[to] {
				to = next[e][1]
			}
			if to < 0 || done[to] {
				break
			}
			last, e = e, to
		}
		if e != start && last != start && (next[e][0] == start || next[e][1] == start) {
			out = append(out, at(start))
		}
	}
	for _, open := range []bool{true, false} { // open lines first, from their ends; then the closed ones
		for _, e := range order {
			if !done[e] && (next[e][1] < 0) == open {
				follow(e)
			}
		}
	}
	return out
}
