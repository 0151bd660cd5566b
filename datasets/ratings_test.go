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

// TestRatingForms has one file in many forms: a name with a blank, one with a comma.
func TestRatingForms(t *testing.T) {
	for name, content := range map[string]string{
		"tabs":             "Ann Lee\t7, b\t4\nBob Ray\t8\t3\n",
		"tabs and header":  "user\titem\trating\nAnn Lee\t7, b\t4\nBob Ray\t8\t3\n",
		"quotes":           "\ufeff\"Ann Lee\",\"7, b\",\"4\"\r\n\"Bob Ray\",8,3.0\r\n",
		"quotes, header":   "\"userId\",\"movieId\",\"rating\"\n\"Ann Lee\",\"7, b\",4\nBob Ray,8,3\n",
		"semicolons":       "Ann Lee;7, b;4\nBob Ray;8;3\n",
		"colons":           "Ann Lee::7, b::4\nBob Ray::8::3\n",
		"CR":               "shop\tmonth\tumsatz\rAnn Lee\t7, b\t4\rBob Ray\t8\t3\r",
		"its own value":    "row;column;value\n\nAnn Lee ; 7, b;4\nBob Ray;8;3e0\n",
		"a header of five": "Customer ID\tproduct_name\tStars (1-5)\nAnn Lee\t7, b\t4\nBob Ray\t8\t3\n",
	} {
		r, err := ReadRatings(write(t, "x", content))
		if err != nil || !slices.Equal(r.Users, []string{"Ann Lee", "Bob Ray"}) || !slices.Equal(r.Items, []string{"7, b", "8"}) || !slices.Equal(r.Value, []float64{4, 3}) {
			t.Errorf("%s: users %q, items %q, values %v, %v", name, r.Users, r.Items, r.Value, err)
		}
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
		"1,193,\"3,5\"\n2,193,\"4,5\"\n":       `line 1: the rating "3,5" is not a finite number; write a point`,
		"1;2;3,5\n":                            `line 1: the rating "3,5" is not a finite number; write a point`,
		"1,5;2,5;3,5\n":                        `the rating "3,5"`,
		"1\t\t3\t5\n":                          "line 1: the item is empty",
		"\t2\t3\t5\n":                          "line 1: the user is empty",
		"1\t2\t3\t\n":                          `the time ""`,
		"1,2,3\n,2,3\n":                        "line 2: the user is empty",
		"1::2::3\n1::::3\n":                    "line 2: the item is empty",
		"alice,matrix,N/A\nbob,matrix,4\n":     `line 1: the rating "N/A" is not a finite number; fill the value in`,
		"alice,matrix,\nbob,matrix,4\n":        `line 1: the rating "" is not a finite number; fill the value in`,
		"alice,matrix,five\nbob,inception,4\n": "line 1: the rating \"five\" is not a finite number; if the line names the columns, call the third one rating",
		"Ann Lee 7 4\nBob Ray 8 3\n":           `line 1: ["Ann" "Lee"] may be a name with a blank in it`,
		"\"Ann Lee\" 7 4\n":                    "line 1 holds quotes",
		"1,2,3\n2,\"3\" x,4\n":                 "line 2, column 5",
		"1,2,3\n2,\"3,4\n":                     "line 2, column 8",
		"1,2,0x1p1\n":                          `the rating "0x1p1"`,
		"1,2,3\n1 ,2,4\n":                      "lines 1 and 2: user 1 rates item 2 twice",
		"1,2,inf\n":                            `line 1: the rating "inf" is not a finite number`,
		"1,2,5\n1.0,2,4\n":                     `there is the user "1" and the user "1.0"; spell them alike`,
		"1,2.0,5\n1,2,4\n":                     `there is the item "2" and the item "2.0"`,
		"1,2,3\x00\n":                          "line 1 holds a zero byte",
		"Zoe,2,3\nZo\xeb,3,4\n":                "line 2 holds the byte 0xeb, which is no UTF-8",
		"1,2,3\n1,3,4\r1,4,4\n":                "line 2 has 5 fields",
		"0,19,good\n1,19,3\n":                  `line 1: the rating "good" is not a finite number`,
		"1 2 3 yesterday\n":                    `line 1: the time "yesterday" is not a whole number`,
		"1 2 3 0\n2 2 3 0\n1 2 4 0\n":          "lines 1 and 3: user 1 rates item 2 twice",
		"user1,item1,good\nuser2,item1,4\n":    `line 1: the rating "good" is not a finite number`,
		"u1,i1,five\nu2,i2,4\n":                `line 1: the rating "five"`,
		"1,2,3\n" + strings.Repeat("x", 70000): "line 2 has 1 fields",
	} {
		_, err := ReadRatings(write(t, "bad.data", content))
		want(t, err, "bad.data", part)
	}
	_, err := ReadRatings("no/such/u.data")
	want(t, err, "datasets: ", "u.data")
}
