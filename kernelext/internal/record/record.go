// Package record holds what an executed notebook says to programs: its checks, its ledger
// rows, the data that it was run on, and what its author should know of its figures. Package kernelext writes them beside what readers
// see, command lab collects them.
//
// Fields that are missing, as in notebooks executed by older versions, have their zero
// value: no relation is a check within a tolerance, and a notebook without a [Data] record
// was run on real data.
package record

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// MIME types of the records. Those of a ledger row are the JSON of cite.Row.
const (
	CheckMIME  = "application/vnd.l2o.check+json"
	LedgerMIME = "application/vnd.l2o.ledger+json"
	DataMIME   = "application/vnd.l2o.data+json"
	FigureMIME = "application/vnd.l2o.figure+json"
)

// A Relation says what a check asserts of its number.
type Relation string

// The relations. Holds is about a fact, which is 1 or 0.
const (
	Within  Relation = "within"
	AtMost  Relation = "at most"
	AtLeast Relation = "at least"
	Holds   Relation = "holds"
)

// Bound reports whether a check asserts a bound and not a number: another processor may
// meet it by other digits.
func (r Relation) Bound() bool { return r == AtMost || r == AtLeast }

// A Check is a number that a text relies on.
type Check struct {
	Name      string   `json:"name"`
	Relation  Relation `json:"relation"`
	Got       Number   `json:"got"`
	Want      Number   `json:"want"`
	Tolerance Number   `json:"tolerance"`
	OK        bool     `json:"ok"`
	StandIn   bool     `json:"stand_in,omitempty"` // measured on a stand-in for real data
}

// Data names what a notebook was run on.
type Data struct {
	Name    string `json:"name"`
	StandIn bool   `json:"stand_in"` // synthetic data in the place of real ones that could not be had
}

// A Figure says what is wrong with a figure that was drawn all the same.
type Figure struct {
	Caption  string   `json:"caption"`
	Warnings []string `json:"warnings"`
}

// A Number is a float64; JSON has it as a number, or as its name where JSON has none.
type Number float64

// MarshalJSON writes a number, or "NaN", "+Inf" or "-Inf".
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return json.Marshal(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads a number or its name.
func (n *Number) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) != nil {
		return json.Unmarshal(data, (*float64)(n))
	}
	v, err := strconv.ParseFloat(name, 64)
	*n = Number(v)
	return err
}

// Fields turns a record into the object that travels to the kernel.
func Fields(r any) (map[string]any, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var o map[string]any
	return o, json.Unmarshal(text, &o)
}

// List returns the records of an output: one, or a list of them.
func List(content any) []any {
	if list, ok := content.([]any); ok {
		return list
	}
	return []any{content}
}

// Read reads a record from the content of an output, which is an object or its text.
func Read(content, into any) error {
	text, ok := content.(string)
	if !ok {
		b, err := json.Marshal(content)
		if err != nil {
			return err
		}
		text = string(b)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}
