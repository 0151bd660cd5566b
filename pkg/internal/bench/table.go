package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// results is what one run of this command wrote.
type results struct {
	machine string // its first comment
	rows    []row
}

// read reads what a run wrote.
func read(path string) (results, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return results{}, err
	}
	var res results
	for line := range strings.Lines(string(text)) {
		r, ok, err := parseRow(line)
		if err != nil {
			return results{}, fmt.Errorf("%s: %w", path, err)
		}
		if ok {
			res.rows = append(res.rows, r)
		} else if res.machine == "" {
			res.machine = strings.TrimSpace(strings.TrimPrefix(line, "#"))
		}
	}
	if len(res.rows) == 0 {
		return results{}, fmt.Errorf("%s holds no results", path)
	}
	return res, nil
}

// best is the fastest peer of a workload under a condition, the zero row if there is none.
func (res results) best(workload, condition string) row {
	var best row
	for _, r := range res.rows {
		if r.workload == workload && r.condition == condition && r.side != ours && (best.ms == 0 || r.ms < best.ms) {
			best = r
		}
	}
	return best
}

// table writes the results of some runs as a table in Markdown: a line for each workload and
// machine, with the best peer of each.
func table(w io.Writer, paths []string) error {
	var runs []results
	for _, p := range paths {
		r, err := read(p)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	var b strings.Builder
	for i, r := range runs {
		fmt.Fprintf(&b, "Machine %d: %s.\n", i+1, r.machine)
	}
	b.WriteString("\n| workload | machine | ours | best peer | peer’s time over ours | beside a busy process | aim | memory, ours and peer’s |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, l := range workloads {
		for i, res := range runs {
			at := slices.IndexFunc(res.rows, func(r row) bool { return r.workload == l.name && r.condition == quiet && r.side == ours })
			if at < 0 {
				continue
			}
			mine, peer := res.rows[at], res.best(l.name, quiet)
			fmt.Fprintf(&b, "| `%s` | %d | %s | %s | %s | %s | %s | %s |\n", l.name, i+1, mine.took(), peer.took(),
				peer.times(), res.best(l.name, busy).times(), l.wanted(), memories(mine, peer))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// took is the time of a side, with its name if it is a peer.
func (r row) took() string {
	switch {
	case r.ms == 0:
		return "–"
	case r.side == ours && r.note != "":
		return fmt.Sprintf("%s (%s)", ms(r.ms), strings.Split(r.note, ";")[0])
	case r.side == ours:
		return ms(r.ms)
	}
	return fmt.Sprintf("%s, %s", r.side, ms(r.ms))
}

// times is the ratio of a peer with its range.
func (r row) times() string {
	if r.ratio == 0 {
		return "–"
	}
	return fmt.Sprintf("**%.2f** (%.2f–%.2f)", r.ratio, r.low, r.high)
}

// wanted is what the ratio is to reach.
func (w workload) wanted() string {
	if w.aim == 0 {
		return "–"
	}
	return fmt.Sprintf("≥ %g", w.aim)
}

// memories are the peaks of both sides.
func memories(mine, peer row) string {
	size := func(mb float64) string {
		return cmp.Or(map[bool]string{true: fmt.Sprintf("%.0f MB", mb)}[mb > 0], "–")
	}
	return size(mine.mb) + ", " + size(peer.mb)
}
