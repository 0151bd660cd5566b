package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A row is what one side of a workload took: a line of the output, which [parseRow] reads.
type row struct {
	workload  string
	condition string  // quiet or busy
	side      string  // ours or the name of a peer
	ms        float64 // median of a unit
	mb        float64 // peak memory, 0 for unknown
	ratio     float64 // of the medians, theirs over ours; 0 for ours
	low, high float64 // of the ratios of single rounds
	note      string  // of ours: multiples of bounds, rates
}

const ours = "ours"

// Conditions under which a workload is measured.
const (
	quiet = "quiet"
	busy  = "busy" // beside one more process that computes
)

// String is the line of a row: workload, condition, side, time, memory, and the ratio or a note.
func (r row) String() string {
	mb := "-"
	if r.mb > 0 {
		mb = fmt.Sprintf("%.0f", r.mb)
	}
	line := fmt.Sprintf("%-25s %-5s %-14s %8s ms %5s MB", r.workload, r.condition, r.side, digits3(r.ms), mb)
	if r.ratio > 0 {
		line += fmt.Sprintf("  ratio %.2f (%.2f–%.2f)", r.ratio, r.low, r.high)
	}
	if r.note != "" {
		line += "  " + r.note
	}
	return line
}

// parseRow reads a line that String has written; ok is false for a comment or an empty line.
func parseRow(line string) (r row, ok bool, err error) {
	f := strings.Fields(line)
	if len(f) == 0 || f[0] == "#" {
		return row{}, false, nil
	}
	if len(f) < 7 || f[4] != "ms" || f[6] != "MB" {
		return row{}, false, fmt.Errorf("%q is no line of results: it should read WORKLOAD quiet|busy SIDE TIME ms MEMORY MB …", strings.TrimSpace(line))
	}
	r = row{workload: f[0], condition: f[1], side: f[2]}
	if r.ms, err = strconv.ParseFloat(f[3], 64); err != nil {
		return row{}, false, fmt.Errorf("the time in %q: %w", strings.TrimSpace(line), err)
	}
	r.mb, _ = strconv.ParseFloat(f[5], 64) // "-" where it is not known
	rest := strings.Join(f[7:], " ")
	if _, err := fmt.Sscanf(rest, "ratio %g (%g–%g)", &r.ratio, &r.low, &r.high); err != nil {
		r.note = rest
	}
	return r, true, nil
}

// digits3 prints a time with three digits.
func digits3(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.4f", x)
}

// ms is a time with its unit.
func ms(x float64) string { return digits3(x) + " ms" }
