package cite

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func panics(t *testing.T, f func(), parts ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		msg := fmt.Sprint(recover())
		for _, p := range parts {
			if !strings.Contains(msg, p) {
				t.Errorf("panic %q does not mention %q", msg, p)
			}
		}
	}()
	f()
}

func TestUnknownKeysNameTheNearest(t *testing.T) {
	panics(t, func() { Get("mlam.t2.als.r6") }, `no number "mlam.t2.als.r6"`, "mlam.t2.als.r5")
	panics(t, func() { Paper("hyperlista ") }, `no paper "hyperlista "`, "nearest: HyperLISTA")
	panics(t, func() { Paper("L2OPA") }, "nearest: L2O-PA")
	panics(t, func() { References("FISTA", "FITSA") }, `"FITSA"`, "FISTA")
	panics(t, func() { NewRow("mlam.t9", Cell{}, Cell{}, Holds) }, `"mlam.t9"`)
}

func TestMalformedNumbersPanic(t *testing.T) {
	head := strings.Join(columns, ",") + "\n"
	for file, says := range map[string]string{
		"":                                     "want the columns",
		"id,where\nmlam.x,Table I\n":           "want the columns",
		head + "mlam.x,Table I,RMSE,1\n":       "wrong number of fields",
		head + "mlam.x,Table I,RMSE,1.2.3,,,,": `"1.2.3" is not a number`,
		head + "mlam.x,Table I,RMSE,,,,,":      `value "", claim ""`,
		head + "mlam.x,Table I,RMSE,1,low,,,":  `value "1", claim "low"`,
		head + "mlam.x,Table I,RMSE,1,,,,true": `contradicted "true"`,
	} {
		panics(t, func() { read("MLAM", strings.NewReader(file)) }, says)
	}
}

func TestCellJSON(t *testing.T) {
	for _, c := range []struct {
		cell Cell
		json string
	}{
		{Num(0.089), "0.089"},
		{Num(0), "0"},
		{Num(1e-300), "1e-300"},
		{Text("> 1"), `"\u003e 1"`},
		{Cell{}, "null"},
		{Text(""), "null"},
		{Num(math.NaN()), `"NaN"`},
		{Num(math.Inf(1)), `"+Inf"`},
	} {
		got, err := json.Marshal(c.cell)
		if err != nil || string(got) != c.json {
			t.Errorf("%v marshals as %s, %v, want %s", c.cell, got, err, c.json)
		}
		var back Cell
		if err := json.Unmarshal(got, &back); err != nil || back != c.cell {
			t.Errorf("%s comes back as %+v, %v, want %+v", got, back, err, c.cell)
		}
	}
	var c Cell
	for _, bad := range []string{"true", "[1]", "{}", "1e999"} {
		if err := json.Unmarshal([]byte(bad), &c); err == nil {
			t.Errorf("%s was taken for a cell", bad)
		}
	}
	if x, ok := Num(2).Float(); x != 2 || !ok {
		t.Error("Float of a number")
	}
	if _, ok := Text("2").Float(); ok {
		t.Error("Float of a text")
	}
}

func TestRowJSON(t *testing.T) {
	r := NewRow("mlam.t1.als.obs0.2", Num(0.9), Cell{}, HoldsInPart)
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"mlam.t1.als.obs0.2","paper":"MLAM","where":"Table I",` +
		`"what":"completion of 100×100 matrices of rank 5, observed fraction 0.2, ALS",` +
		`"published":0.864,"ours_published":0.9,"ours_tuned":null,"unit":"‖R−R̂‖/‖R‖","verdict":"holds in part"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var back Row
	if err := json.Unmarshal(got, &back); err != nil || back != r || back.Validate() != nil {
		t.Errorf("came back as %+v, %v, %v", back, err, back.Validate())
	}
}

func TestRowValidate(t *testing.T) {
	good := NewRow("l2o-pa.f5.speedup", Num(104), Num(1.1), BaselineArtefact)
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	if err := NewRow("l2o-pa.t2.time", Cell{}, Cell{}, NotRecoverable).Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		spoil func(*Row)
		says  string
	}{
		{func(r *Row) { r.StandIn = true }, "synthetic stand-in"},
		{func(r *Row) { r.ID = "l2o-pa.f5" }, "no published number"},
		{func(r *Row) { r.Published = Num(1000) }, "published side differs"},
		{func(r *Row) { r.Unit = "s" }, "published side differs"},
		{func(r *Row) { r.Verdict = "great" }, `unknown verdict "great"; there are: "holds", `},
		{func(r *Row) { r.Verdict = "" }, "unknown verdict"},
		{func(r *Row) { r.OursPublished, r.OursTuned = Cell{}, Cell{} }, "without a measurement"},
		{func(r *Row) { r.OursTuned = Text("a\nb") }, "one line"},
		{func(r *Row) { r.OursTuned = Text(strings.Repeat("ö", 61)) }, "at most 60"},
	} {
		r := good
		c.spoil(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want an error with %q", err, c.says)
		}
	}
	standIn := good
	standIn.StandIn = true
	if err := standIn.Validate(); !errors.Is(err, ErrStandIn) {
		t.Errorf("got %v, want ErrStandIn", err)
	}
	if data, err := json.Marshal(standIn); !errors.Is(err, ErrStandIn) {
		t.Errorf("a stand-in row became %s, %v", data, err)
	}
}

func TestNewRowTakesPlainValues(t *testing.T) {
	row := func(v any) Cell { return NewRow("mlam.f8", v, nil, HoldsInPart).OursPublished }
	if row(1.5) != Num(1.5) || row(3) != Num(3) || row("x") != Text("x") || row(Num(2)) != Num(2) || !row(nil).Empty() {
		t.Error("a plain value became another cell")
	}
	panics(t, func() { row([]float64{1}) }, "[]float64")
}

func TestJudges(t *testing.T) {
	none := math.NaN()
	for want, got := range map[Verdict][]Verdict{
		TrivialModel:   {JudgeDB(-29, -40, -35)},
		Holds:          {JudgeDB(-28, -27.5, -20), JudgeFactor(2, 5.9, 3, true), JudgeFactor(2, 0.1, 3, false)},
		HoldsInPart:    {JudgeDB(-78.7, -73, none)},
		NotReached:     {JudgeDB(-55, -43, -35.6), JudgeFactor(2, 6.1, 3, false)},
		NotRecoverable: {JudgeFactor(2, 0.6, 3, true)},
	} {
		for i, v := range got {
			if v != want {
				t.Errorf("%d: got %q, want %q", i, v, want)
			}
		}
	}
}

func TestVerdicts(t *testing.T) {
	if len(Verdicts()) != len(meanings) {
		t.Errorf("%d verdicts, %d meanings", len(Verdicts()), len(meanings))
	}
	for _, v := range Verdicts() {
		if m := v.Meaning(); !strings.HasSuffix(m, ".") || strings.Count(m, ". ") > 0 {
			t.Errorf("%q means %q, want one sentence", v, m)
		}
	}
}

func ExampleReferences() {
	fmt.Print(References("FISTA", "LISTA", "FISTA"))
	// Output:
	// - **FISTA** · Amir Beck, Marc Teboulle. [*A Fast Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems*](https://doi.org/10.1137/080716542). SIAM Journal on Imaging Sciences 2(1), 183–202, 2009.
	// - **LISTA** · Karol Gregor, Yann LeCun. *Learning Fast Approximations of Sparse Coding*. International Conference on Machine Learning (ICML), 399–406, 2010.
}

func ExampleWork_BibTeX() {
	fmt.Print(Paper("NAG").BibTeX())
	// Output:
	// @article{NAG,
	//   author       = {Yurii Nesterov},
	//   title        = {{A Method for Solving the Convex Programming Problem with Convergence Rate O(1/k²)}},
	//   journal      = {Doklady Akademii Nauk SSSR 269, 543–547},
	//   year         = {1983},
	// }
}

func ExampleGet() {
	n := Get("mlam.t2.mlam.r20")
	fmt.Println(n)
	fmt.Println(n.Note)
	// Output:
	// 0.078 ‖R−R̂‖/‖R‖ (MLAM, Table II: completion of 100×100 matrices with 20 % observed, rank 20, MLAM)
	// contradicts GSO Table 2: 0.057
}

func ExampleNewRow() {
	r := NewRow("l2o-pa.f6.speedup", 11, 0.8, BaselineArtefact)
	fmt.Println(r.Published, "·", r.OursPublished, "·", r.OursTuned, "·", r.Verdict)
	r.StandIn = true // what a run without the real data must set
	fmt.Println(r.Validate())
	// Output:
	// > 10 · 11 · 0.8 · baseline artefact
	// cite: ledger row l2o-pa.f6.speedup: measured on a synthetic stand-in, which says nothing about a published number; use the real data or leave the row out
}
