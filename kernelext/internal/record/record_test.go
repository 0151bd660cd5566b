package record

import (
	"math"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	in := Check{Name: "gap", Relation: AtMost, Got: Number(math.Inf(1)), Want: 0.1, OK: true, StandIn: true}
	o, err := Fields(in)
	if err != nil || o["got"] != "+Inf" || o["want"] != 0.1 || o["stand_in"] != true {
		t.Fatalf("%v, %v", o, err)
	}
	var out Check
	if err := Read(o, &out); err != nil || out != in {
		t.Errorf("%+v, %v", out, err)
	}
	if err := Read(`{"name": "gap", "got": "NaN"}`, &out); err != nil || !math.IsNaN(float64(out.Got)) {
		t.Errorf("%+v, %v", out, err)
	}
	for _, bad := range []any{`{"name":`, `{"got": "many"}`, 3.0} {
		if Read(bad, new(Check)) == nil {
			t.Errorf("%v was read", bad)
		}
	}
}

// What older versions wrote has fewer fields.
func TestMissingFields(t *testing.T) {
	var c Check
	if err := Read(`{"name": "gap", "got": 1, "want": 1, "tolerance": 0.1, "ok": true}`, &c); err != nil || c.Relation.Bound() || c.StandIn || c.Tolerance != 0.1 {
		t.Errorf("%+v, %v", c, err)
	}
}
