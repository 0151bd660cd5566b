package datasets

import (
	"slices"
	"strings"
	"testing"
)

func TestRatings(t *testing.T) {
	for name, content := range map[string]string{
		"tabs":    "10\t7\t3\t881250949\n9\t200\t4.5\t881250950\n\n10\t200\t1\t881250951\n",
		"blanks":  "10 7 3 881250949\r\n9   200 4.5 881250950\r\n10 200 1 881250951",
		"colons":  "10::7::3::881250949\n9::200::4.5::881250950\n10::200::1::881250951\n",
		"csv":     "\ufeffuserId,movieId,rating,timestamp\n10,7,3.0,881250949\n9,200,4.5,881250950\n10,200,1.0,881250951\n",
		"no time": "row;column;value\n\"10\"; 7; 3\n9;200;4.5\n10;200;1\n",
	} {
		r, err := ReadRatings(write(t, "u.data", content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// numbers, not letters: 9 before 10, 7 before 200
		if !slices.Equal(r.Users, []string{"9", "10"}) || !slices.Equal(r.Items, []string{"7", "200"}) || r.Rows != 2 || r.Cols != 2 {
			t.Errorf("%s: users %q, items %q", name, r.Users, r.Items)
		}
		if !slices.Equal(r.Row, []int{1, 0, 1}) || !slices.Equal(r.Col, []int{0, 1, 1}) || !slices.Equal(r.Value, []float64{3, 4.5, 1}) {
			t.Errorf("%s: entries %v %v %v", name, r.Row, r.Col, r.Value)
		}
		if want := []int64{881250949, 881250950, 881250951}; name != "no time" && !slices.Equal(r.Time, want) || name == "no time" && r.Time != nil {
			t.Errorf("%s: times %v", name, r.Time)
		}
		if s := r.String(); s != "u: 3 ratings by 2 users of 2 items, 75 % of all" || !strings.HasSuffix(r.Source, "u.data") {
			t.Errorf("%s: %q from %q", name, s, r.Source)
		}
	}
	r, err := ReadRatings(write(t, "named.csv", "bob,tea,1\nann,tea,2\nann,10,3\n"))
	if err != nil || !slices.Equal(r.Users, []string{"ann", "bob"}) || !slices.Equal(r.Row, []int{1, 0, 0}) || !slices.Equal(r.Col, []int{1, 1, 0}) {
		t.Errorf("names: %+v, %v", r, err)
	}
}

func TestRatingsRefuses(t *testing.T) {
	for content, part := range map[string]string{
		"":                                     "there is no rating",
		"user item rating time\n":              "there is no rating",
		"1 2\n":                                "line 1 has 2 fields",
		"1 2 3 4 5\n":                          "line 1 has 5 fields",
		"1 2 3 4\n1 3 3\n":                     "line 2 has 3 fields and the first one 4",
		"1 2 3\n\n1 3 good\n":                  `line 3: the rating "good" is not a finite number`,
		"1 2 3\n1 3 NaN\n":                     `line 2: the rating "NaN"`,
		"0,19,\n1,19,3\n":                      `line 1: the rating "" is not a finite number`,
		"0,19,good\n1,19,3\n":                  `line 1: the rating "good" is not a finite number`,
		"1 2 3 yesterday\n":                    `line 1: the time "yesterday" is not a whole number`,
		"1 2 3 0\n2 2 3 0\n1 2 4 0\n":          "lines 1 and 3: user 1 rates item 2 twice",
		"1,2,3\n" + strings.Repeat("x", 70000): "after line 1",
	} {
		_, err := ReadRatings(write(t, "bad.data", content))
		want(t, err, "bad.data", part)
	}
	_, err := ReadRatings("no/such/u.data")
	want(t, err, "datasets: ", "u.data")
}
