package datasets

import (
	"slices"
	"strings"
	"testing"
)

func TestReadCSV(t *testing.T) {
	path := write(t, "people.csv", "\ufeffage,height,class\r\n30, 1.8,yes\r\n4,\"0.9\",no\r\n")
	for _, c := range []struct {
		opt     CSVOptions
		x, y    []float64
		columns string
	}{
		{CSVOptions{Label: "class", Positive: "yes"}, []float64{30, 1.8, 4, 0.9}, []float64{1, 0}, "age height"},
		{CSVOptions{Label: "class", Positive: "yes", Columns: []string{"height"}}, []float64{1.8, 0.9}, []float64{1, 0}, "height"},
		{CSVOptions{Label: "age", Columns: []string{"height"}}, []float64{1.8, 0.9}, []float64{30, 4}, "height"},
		{CSVOptions{Columns: []string{"height", "age"}}, []float64{1.8, 30, 0.9, 4}, nil, "height age"},
	} {
		tab, err := ReadCSV(path, c.opt)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(tab.X, c.x) || !slices.Equal(tab.Y, c.y) || strings.Join(tab.Columns, " ") != c.columns {
			t.Errorf("%+v gives %+v", c.opt, tab)
		}
		if tab.Rows != 2 || tab.Cols != len(tab.Columns) || tab.Name != "people" || tab.Source != path || tab.StandIn {
			t.Errorf("%+v gives %+v", c.opt, tab)
		}
	}
	tab, err := ReadCSV(write(t, "x.txt", "1;2\n3;4"), CSVOptions{Comma: ';', NoHeader: true, Name: "mine"})
	if err != nil || tab.Rows != 2 || tab.Name != "mine" || !slices.Equal(tab.Columns, []string{"c1", "c2"}) {
		t.Errorf("got %+v, %v", tab, err)
	}
}

func TestReadCSVRefuses(t *testing.T) {
	const good = "a,b,class\n1,2,g\n3,4,b\n"
	gb := CSVOptions{Label: "class", Positive: "g"}
	for _, c := range []struct {
		name, content string
		opt           CSVOptions
		says          []string
	}{
		{"no label column", good, CSVOptions{Label: "klass"}, []string{`no column "klass"`, "a, b, class"}},
		{"no feature column", good, CSVOptions{Columns: []string{"a", "z"}}, []string{`no column "z"`, "a, b, class"}},
		{"label as feature", good, CSVOptions{Label: "a", Columns: []string{"a"}}, []string{`"a" is the label`}},
		{"no feature left", "class\ng\nb\n", gb, []string{"no column is left"}},
		{"text", "a,b,class\n1,2,g\n3,four,b\n", gb, []string{"row 2 (line 3)", `column "b"`, `"four" is not a number`}},
		{"text in the label", good, CSVOptions{Label: "class"}, []string{"row 1 (line 2)", `"g" is not a number`, "set Positive"}},
		{"header as data", good, CSVOptions{NoHeader: true}, []string{`"a" is not a number`, "NoHeader must be false"}},
		{"empty field", "a,b,class\n1,,g\n3,4,b\n", gb, []string{"row 1 (line 2)", `column "b" is empty`}},
		{"NaN", "a,b,class\n1,NaN,g\n3,4,b\n", gb, []string{`column "b"`, `"NaN" is not a finite number`}},
		{"Inf", "a,b,class\n1,2,g\n-inf,4,b\n", gb, []string{`column "a"`, `"-inf" is not a finite number`}},
		{"too large", "a,b,class\n1,1e999,g\n3,4,b\n", gb, []string{`"1e999" is not a finite number`}},
		{"ragged", "a,b,class\n1,2,g\n\n3,4\n", gb, []string{"row 2 (line 4) has 2 fields, expected 3", `','`}},
		{"quotes", "a,b,class\n1,\"2,g\n3,4,b\n", gb, []string{"line 3"}},
		{"data as header", "1,2\n3,4\n", CSVOptions{}, []string{`numbers, ["1" "2"]`, "set NoHeader"}},
		{"one name twice", "a,a,class\n1,2,g\n", gb, []string{`two columns are called "a"`}},
		{"empty", "", gb, []string{"the file is empty"}},
		{"blank lines", "\n\n", gb, []string{"the file is empty"}},
		{"header alone", "a,b,class\n", gb, []string{"a header and no rows"}},
		{"one class", "a,class\n1,g\n2,g\n", gb, []string{`every label in column "class" is "g"`, "one class"}},
		{"no positive", good, CSVOptions{Label: "class", Positive: "G"}, []string{`no label in column "class" is "G"`, "check Positive"}},
		{"one number", "a,class\n1,3\n2,3\n", CSVOptions{Label: "class"}, []string{"is 3", "one class"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, "my.csv", c.content)
			tab, err := ReadCSV(path, c.opt)
			want(t, err, append(c.says, path)...)
			if tab.Rows != 0 || tab.X != nil {
				t.Errorf("an error came with data: %+v", tab)
			}
		})
	}
	_, err := ReadCSV("nowhere.csv", CSVOptions{})
	want(t, err, "nowhere.csv")
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,2\n", "a", "1", true)
	f.Add("\"", "", "", false)
	f.Fuzz(func(t *testing.T, content, label, positive string, noHeader bool) {
		tab, err := readCSV(strings.NewReader(content), "x.csv", CSVOptions{Label: label, Positive: positive, NoHeader: noHeader})
		if err == nil && (len(tab.X) != tab.Rows*tab.Cols || len(tab.Columns) != tab.Cols || tab.Rows == 0) {
			t.Errorf("inconsistent table %+v", tab)
		}
	})
}
