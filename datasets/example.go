package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// ExampleCSV writes an example file into the user's cache folder (where that cannot
// be, into a new folder for temporary files, so that it is nobody else's either) and returns its path, for code that is to run before its reader has put a file of their own in the place:
//
//	sales       shop, month and sales, with gaps: what [ReadRatings] takes
//	points      width and height of 300 things of three kinds
//	dictionary  a matrix of 30×60, its columns of length 1, without names
//	signals     five columns, each of four columns of the dictionary with noise at 40 dB
//	codes       what the signals were made from: 60×5 numbers, all but twenty of them 0
//
// The content is synthetic and always the same.
func ExampleCSV(kind string) (path string, err error) {
	var text string
	switch kind {
	case "sales":
		text = sales()
	case "points":
		text = points()
	case "dictionary", "signals", "codes":
		text = mixtures(kind)
	default:
		return "", fmt.Errorf("datasets: there is no example %q: choose sales, points, dictionary, signals or codes", kind)
	}
	if dir, err := os.UserCacheDir(); err == nil {
		path = filepath.Join(dir, "l2o", "examples", kind+".csv")
		if atomicfile.Write(path, []byte(text)) == nil {
			return path, nil
		}
	}
	dir, err := os.MkdirTemp("", "l2o-examples-")
	if err != nil {
		return "", fmt.Errorf("datasets: %w", err)
	}
	path = filepath.Join(dir, kind+".csv")
	if err := atomicfile.Write(path, []byte(text)); err != nil {
		return "", fmt.Errorf("datasets: %w", err)
	}
	return path, nil
}

func example(tag uint64) *rand.Rand { return rand.New(rand.NewPCG(1, tag)) }

// sales have a size and a season for each shop.
func sales() string {
	rng, text := example(1), "shop,month,sales\n"
	for i := range 30 {
		size, summer := 1+2*rng.Float64(), rng.Float64()
		for j := range 24 {
			if rng.Float64() < 0.5 {
				season := math.Cos(2 * math.Pi * float64(j-6) / 12)
				text += fmt.Sprintf("s%02d,m%02d,%.3f\n", i, j, size*(1+0.02*float64(j))+summer*season+0.02*rng.NormFloat64())
			}
		}
	}
	return text
}

func points() string {
	rng, text := example(2), "width,height\n"
	centres := [][2]float64{{1, 1}, {4, 2}, {2, 4.5}}
	for range 300 {
		c := centres[rng.IntN(3)]
		text += fmt.Sprintf("%.3f,%.3f\n", c[0]+0.5*rng.NormFloat64(), c[1]+0.5*rng.NormFloat64())
	}
	return text
}

// mixtures draws the dictionary, the codes and the signals, and writes one of them.
func mixtures(kind string) string {
	const rows, cols, signals, nonzeros = 30, 60, 5, 4
	rng := example(3)
	d, x, y := make([]float64, rows*cols), make([]float64, cols*signals), make([]float64, rows*signals)
	for j := range cols {
		var ss float64
		for i := range rows {
			v := rng.NormFloat64()
			d[i*cols+j], ss = v, ss+v*v
		}
		for i := range rows {
			d[i*cols+j] /= math.Sqrt(ss)
		}
	}
	for s := range signals {
		var ss float64
		for _, j := range rng.Perm(cols)[:nonzeros] {
			x[j*signals+s] = rng.NormFloat64()
			for i := range rows {
				y[i*signals+s] += d[i*cols+j] * x[j*signals+s]
			}
		}
		for i := range rows {
			ss += y[i*signals+s] * y[i*signals+s]
		}
		for i := range rows {
			y[i*signals+s] += 0.01 * math.Sqrt(ss/rows) * rng.NormFloat64()
		}
	}
	switch kind {
	case "dictionary":
		return lines(d, cols)
	case "codes":
		return lines(x, signals)
	}
	return lines(y, signals)
}

func lines(data []float64, cols int) string {
	var b strings.Builder
	for k, v := range data {
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
		if (k+1)%cols == 0 {
			b.WriteByte('\n')
		} else {
			b.WriteByte(',')
		}
	}
	return b.String()
}
