package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// MovieLensOrStandIn returns the ratings of MovieLens from the data folder: of ml-100k or
// ml-latest-small, unpacked there. Nobody but GroupLens may hand them out, so they are
// neither shipped nor downloaded. Without them it returns [RatingsStandIn] with a fixed
// seed together with the reason, which says where to get them; the ratings are usable in
// both cases. A file that is there and cannot be read is a reason, too.
func MovieLensOrStandIn() (Ratings, error) {
	dir, _, err := folder()
	if err != nil {
		return RatingsStandIn(standInSeed), err
	}
	for _, name := range []string{"u.data", "ml-100k/u.data", "ratings.csv", "ml-latest-small/ratings.csv"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		r, err := ReadRatings(path)
		if err != nil {
			return RatingsStandIn(standInSeed), err
		}
		r.Name = "MovieLens, " + name
		return r, nil
	}
	return RatingsStandIn(standInSeed), fmt.Errorf("datasets: MovieLens: %w: unpack ml-100k.zip of https://grouplens.org/datasets/movielens/100k in %s", fs.ErrNotExist, dir)
}

// RatingsStandIn returns synthetic ratings of 200 users for 150 items, from 1 to 5 and 15 %
// of all: a mean, what a user and an item add to it, three tastes, and noise. They show
// how methods behave on noisy ratings; they say nothing about real ones.
func RatingsStandIn(seed uint64) Ratings {
	const users, items, tastes = 200, 150, 3
	rng := rand.New(rand.NewPCG(seed, 0x72617465))
	r := Ratings{
		Name: "ratings stand-in (synthetic)", StandIn: true, Source: fmt.Sprintf("datasets.RatingsStandIn(%d)", seed),
		Users: counted(users), Items: counted(items), Entries: Entries{Rows: users, Cols: items},
	}
	normal := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	ofUser, ofItem, likes, is := normal(users), normal(items), normal(users*tastes), normal(items*tastes)
	for i := range users {
		for j := range items {
			if rng.Float64() >= 0.15 {
				continue
			}
			v := 3.5 + 0.4*ofUser[i] + 0.5*ofItem[j] + 0.5*rng.NormFloat64()
			for t := range tastes {
				v += 0.4 * likes[i*tastes+t] * is[j*tastes+t]
			}
			r.Row, r.Col, r.Value = append(r.Row, i), append(r.Col, j), append(r.Value, clip(math.Round(v), 1, 5))
		}
	}
	return r
}

// counted returns the names 1, 2, ….
func counted(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i + 1)
	}
	return names
}
