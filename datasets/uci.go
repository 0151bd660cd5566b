package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const uci = "https://archive.ics.uci.edu/ml/machine-learning-databases/"

var ionosphereFile = file{
	Name:   "ionosphere.data",
	URL:    uci + "ionosphere/ionosphere.data",
	SHA256: "46d52186b84e20be52918adb93e8fb9926b34795ff7504c24350ae0616a04bbd",
	Max:    1 << 20,
}

var spambaseFile = file{
	Name:   "spambase.data",
	URL:    uci + "spambase/spambase.data",
	SHA256: "b1ef93de71f97714d3d7d4f58fc9f718da7bbc8ac8a150eff2778616a8097b12",
	// Copies in circulation differ in the order of their rows, in having a header and in
	// what ends a line.
	Check: func(content []byte) error { _, err := parseSpambase(content, spambaseRows); return err },
	Max:   8 << 20,
}

// spambaseRows is what [rowSum] gives for Spambase, in any order. It was taken from
// kernlab's spam, which written as numbers with CRLF is UCI's file to the byte.
const spambaseRows = "3802428e775e27a8280ec2f36f18bbaebe048323a99e8f43cb3310083ca2f2b2"

// Ionosphere returns the radar returns of the UCI data set of that name: 351
// samples of 34 features in [−1, 1], labelled 1 for a good return (225 of them)
// and 0 for a bad one. The second feature is 0 throughout.
//
// The error is an [*UnavailableError] when the file is neither in the data
// folder nor to be had from the network.
func Ionosphere(ctx context.Context) (Table, error) { return ionosphere(ctx, ionosphereFile) }

func ionosphere(ctx context.Context, f file) (Table, error) {
	content, path, err := f.load(ctx)
	if err != nil {
		return Table{}, err
	}
	t, err := readCSV(content, path, CSVOptions{
		Name: "Ionosphere", Label: "c35", Positive: "g", NoHeader: true,
	})
	if err == nil {
		err = wantShape(t, 351, 34, 225)
	}
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return t, nil
}

// Spambase returns the e-mail statistics of the UCI data set of that name: 4,601
// samples of 57 non-negative features (48 word frequencies, 6 character
// frequencies, 3 lengths of runs of capitals), labelled 1 for spam (1,813 of
// them) and 0 for the rest.
//
// Copies differ in the order of their rows and in having a header, so what is not UCI's own
// file to the byte is compared row by row, in any order, by a checksum too. The order matters
// to no sum over all samples, except in the last bits. The data set spam of R's
// package kernlab (in Debian: r-cran-kernlab) has the same rows. The error is an
// [*UnavailableError] when the file is neither in the data folder nor to be had
// from the network.
func Spambase(ctx context.Context) (Table, error) { return spambase(ctx, spambaseFile, spambaseRows) }

func spambase(ctx context.Context, f file, rows string) (Table, error) {
	content, path, err := f.load(ctx)
	if err != nil {
		return Table{}, err
	}
	t, err := parseSpambase(content, rows)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %s: %w", path, err)
	}
	t.Source = path
	return t, nil
}

// parseSpambase reads a copy of spambase.data with or without a header; the
// label is the last column. Its rows have to have the given [rowSum].
func parseSpambase(content []byte, rows string) (Table, error) {
	content, err := plain(content)
	if err != nil {
		return Table{}, err
	}
	first, _, _ := strings.Cut(string(content[:min(len(content), 4096)]), "\n")
	fields := strings.Split(strings.TrimSpace(first), ",")
	if len(fields) != 58 {
		return Table{}, fmt.Errorf("it has %d columns, want 57 features and a label", len(fields))
	}
	opt := CSVOptions{Name: "Spambase", Label: "c58", NoHeader: isNumber(fields[0])}
	if !opt.NoHeader {
		opt.Label = strings.Trim(fields[57], `" `)
	}
	t, err := readCSV(content, "spambase.data", opt)
	if err != nil {
		return Table{}, err
	}
	if err := wantShape(t, 4601, 57, 1813); err != nil {
		return Table{}, err
	}
	if got := rowSum(t); got != rows {
		return Table{}, fmt.Errorf("the SHA-256 of its sorted rows is %s, want %s: it holds other numbers than Spambase", got, rows)
	}
	return t, nil
}

// rowSum returns the SHA-256 of the samples with their labels behind them, as lines of
// shortest decimals between commas, sorted.
func rowSum(t Table) string {
	lines := make([]string, t.Rows)
	for i := range lines {
		var line []byte
		for _, x := range append(slices.Clone(t.Row(i)), t.Y[i]) {
			line = append(strconv.AppendFloat(line, x, 'f', -1, 64), ',')
		}
		line[len(line)-1] = '\n'
		lines[i] = string(line)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

// wantShape refuses a table that is not the published one.
func wantShape(t Table, rows, cols, positives int) error {
	if t.Rows != rows || t.Cols != cols || t.Positives() != positives {
		return fmt.Errorf("it has %d rows × %d features with %d labelled 1, want %d × %d with %d; the file is not complete",
			t.Rows, t.Cols, t.Positives(), rows, cols, positives)
	}
	for i, y := range t.Y {
		if y != 0 && y != 1 {
			return fmt.Errorf("the label of row %d is %g, want 0 or 1", i+1, y)
		}
	}
	return nil
}

// standInSeed is the seed of the stand-ins that take the place of missing data.
const standInSeed = 1

// IonosphereOrStandIn returns [Ionosphere] when it can be had. Otherwise it
// returns the stand-in with a fixed seed together with the reason, which is to be
// shown and need not stop anything: the table is usable in both cases.
func IonosphereOrStandIn(ctx context.Context) (Table, error) {
	t, err := Ionosphere(ctx)
	if err != nil {
		return IonosphereStandIn(standInSeed), err
	}
	return t, nil
}

// SpambaseOrStandIn returns [Spambase] when it can be had, and otherwise the
// stand-in with a fixed seed together with the reason, like [IonosphereOrStandIn].
func SpambaseOrStandIn(ctx context.Context) (Table, error) {
	t, err := Spambase(ctx)
	if err != nil {
		return SpambaseStandIn(standInSeed), err
	}
	return t, nil
}
