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

// TestReadCSVForms has one table in the forms that spreadsheets and other programs write.
func TestReadCSVForms(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		opt     CSVOptions
	}{
		"plain":                 {"a,b\n1,2\n3,4\n", CSVOptions{}},
		"no end":                {"a,b\n1,2\n3,4", CSVOptions{}},
		"mark and quotes":       {"\ufeff\"a\",\"b\"\r\n\"1\",\"2\"\r\n3,4\r\n", CSVOptions{}},
		"mark, no header":       {"\ufeff1,2\n3,4\n", CSVOptions{NoHeader: true}},
		"CR":                    {"a,b\r1,2\r3,4\r", CSVOptions{}},
		"CR and mark":           {"\ufeffa,b\r1,2\r3,4", CSVOptions{}},
		"blanks":                {" a , b\n\n 1,\t2\n\n3 , \"4\"\n\n", CSVOptions{}},
		"tabs":                  {"a\tb\n1\t2\n3\t4\n", CSVOptions{Comma: '\t'}},
		"tabs and blanks":       {"a b\tb\n1\t2\n3\t4\n", CSVOptions{Comma: '\t'}},
		"spellings":             {"a,b\n+1,2.0\n3e0,.4E1\n", CSVOptions{}},
		"comma in a name":       {"\"a, b\",b\n1,2\n3,4\n", CSVOptions{}},
		"numbers for the names": {"1990,b\n1,2\n3,4\n", CSVOptions{Columns: []string{"1990", "b"}}},
	} {
		tab, err := ReadCSV(write(t, "x.csv", c.content), c.opt)
		if err != nil || tab.Rows != 2 || tab.Cols != 2 || !slices.Equal(tab.X, []float64{1, 2, 3, 4}) {
			t.Errorf("%s: %+v, %v", name, tab, err)
		}
	}
}

func TestLabelSpellings(t *testing.T) {
	for content, positive := range map[string]string{
		"x,y\n1,yes\n2, yes\n3,no\n4,\"yes \"\n":    "yes",
		"x,y\n1,1\n2,1.0\n3,0\n4,1\n":               "1",
		"x,y\n1,1.0\n2,1.0\n3,0.0\n4,1\n":           "1",
		"x,y\n1,1\n2,1\n3,-1\n4,1e0\n":              " 1.0 ",
		"x,y\n1,NA\n2,NA\n3,no\n4,NA\n":             "NA",
		"x,y\r\n1,ja\r\n2,ja\r\n3,nein\r\n4,ja\r\n": "ja",
	} {
		tab, err := ReadCSV(write(t, "x.csv", content), CSVOptions{Label: "y", Positive: positive})
		if err != nil || !slices.Equal(tab.Y, []float64{1, 1, 0, 1}) {
			t.Errorf("%q: %v, %v", content, tab.Y, err)
		}
	}
}

// TestWideCSV has a hundred thousand columns; what is quadratic in them takes minutes.
func TestWideCSV(t *testing.T) {
	const wide = 100_000
	names := numbered(wide)
	content := strings.Join(names, ",") + "\n" + strings.Repeat("1,", wide-1) + "2\n"
	_, err := ReadCSV(write(t, "wide.csv", content), CSVOptions{Label: "c100000"})
	want(t, err, "there is only one class")
	tab, err := ReadCSV(write(t, "wide.csv", content), CSVOptions{})
	if err != nil || tab.Rows != 1 || tab.Cols != wide || tab.X[wide-1] != 2 {
		t.Errorf("%d×%d, %v", tab.Rows, tab.Cols, err)
	}
	_, err = ReadCSV(write(t, "wide.csv", content), CSVOptions{Label: "y"})
	if want(t, err, "c20 and 99980 more"); len(err.Error()) > 1000 {
		t.Errorf("the error has %d characters", len(err.Error()))
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
		{"no positive", good, CSVOptions{Label: "class", Positive: "G"}, []string{`"g" differs from Positive, "G", in case alone`}},
		{"no positive at all", "a,class\n1,b\n2,b\n", gb, []string{`no label in column "class" is "g"`, "check Positive"}},
		{"third label", good + "5,6,c\n", gb, []string{"row 3 (line 4)", `"class"`, `"c" is the third one, after "g" and "b"`}},
		{"label in another case", "a,class\n1,yes\n2,no\n3,No\n", CSVOptions{Label: "class", Positive: "yes"}, []string{"row 3 (line 4)", `"No" is the third one`}},
		{"no label", "a,class\n1,yes\n2,\n", CSVOptions{Label: "class", Positive: "yes"}, []string{"row 2 (line 3)", "is empty"}},
		{"label missing", "a,class\n1,yes\n2,NA\n", CSVOptions{Label: "class", Positive: "yes"}, []string{"row 2 (line 3)", `"NA" is missing`}},
		{"texts", "id,a\nx1,1\n", CSVOptions{}, []string{`"x1" is not a number; a column of texts`, "left out of Columns"}},
		{"thousands", "a,b\n\"1,000\",2\n", CSVOptions{}, []string{`"1,000" is not a number`, "nothing between thousands"}},
		{"value missing", "a\n1\nN/A\n", CSVOptions{}, []string{"row 2 (line 3)", `"N/A" is not a number; fill the value in`}},
		{"decimal comma", "a;b\n1;2,5\n", CSVOptions{Comma: ';'}, []string{"row 1 (line 2)", `"b"`, `"2,5" is not a number; write a point`}},
		{"decimal comma in quotes", "a,b\n1,\"2,5\"\n", CSVOptions{}, []string{"row 1 (line 2)", `"b"`, "write a point"}},
		{"semicolons", "a;b\n1;2\n", CSVOptions{}, []string{`"a;b"`, "is something else what separates fields"}},
		{"empty between tabs", "a\tb\tc\n1\t\t3\n", CSVOptions{Comma: '\t'}, []string{"row 1 (line 2)", `column "b" is empty`}},
		{"empty between blanks", "a b c\n1  3\n", CSVOptions{Comma: ' '}, []string{"row 1 (line 2)", `column "b" is empty`}},
		{"hexadecimal", "a\n0x1p4\n", CSVOptions{}, []string{`"0x1p4" is not a number`}},
		{"blank line in one column", "a\n1\n\n3\n", CSVOptions{}, []string{"line 3", "is blank"}},
		{"blank first line in one column", "\n1\n3\n", CSVOptions{NoHeader: true}, []string{"line 1", "is blank"}},
		{"data with a gap as header", "1,,3\n4,5,6\n", CSVOptions{}, []string{"holds numbers", "set NoHeader"}},
		{"data with NA as header", "1,NA,3\n4,5,6\n", CSVOptions{}, []string{"holds numbers", "set NoHeader"}},
		{"data with a text as header", "5.1,3.5,setosa\n4.9,3.0,setosa\n", CSVOptions{}, []string{`the numbers ["5.1" "3.5"]`, "set NoHeader"}},
		{"no name", ",a\n0,5\n", CSVOptions{}, []string{"column 1 has no name", "index=False"}},
		{"one column twice", good, CSVOptions{Columns: []string{"a", "a"}}, []string{`names "a" twice`}},
		{"no columns", good, CSVOptions{Columns: []string{}}, []string{"Columns is empty"}},
		{"UTF-16", "\xff\xfea\x00\n\x00", CSVOptions{}, []string{"UTF-16; save it as UTF-8"}},
		{"zero byte", "a,b\n1,2\x00\n", CSVOptions{}, []string{"line 2 holds a zero byte"}},
		{"spreadsheet", "PK\x03\x04\x00\x00", CSVOptions{}, []string{"a spreadsheet"}},
		{"Latin-1", "a,b\n1,2\n3,\xb2\n", CSVOptions{}, []string{"line 3 holds the byte 0xb2", "Latin-1", "save it as UTF-8"}},
		{"packed", "\x1f\x8b\x08\x00", CSVOptions{}, []string{"gunzip"}},
		{"CR in the middle", "a,b\n1,2\r3,4\n", CSVOptions{}, []string{"row 1 (line 2) has 3 fields"}},
		{"quote inside", "a,b\n1,2\"\n", CSVOptions{}, []string{"line 2, column 4", "twice"}},
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
