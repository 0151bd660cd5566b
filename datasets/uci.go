package datasets

import (
	"bytes"
	"context"
	"fmt"
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
	Name: "spambase.data",
	URL:  uci + "spambase/spambase.data",
	// No checksum: copies in circulation differ in the order of their rows and in
	// having a header.
	Check: func(content []byte) error { _, err := parseSpambase(content); return err },
	Max:   8 << 20,
}

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
	t, err := readCSV(bytes.NewReader(content), path, CSVOptions{
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
// Copies differ in the order of their rows and in having a header, so shape,
// class counts and signs are checked instead of a checksum. The order matters
// to no sum over all samples, except in the last bits. The data set spam of R's
// package kernlab (in Debian: r-cran-kernlab) has the same rows. The error is an
// [*UnavailableError] when the file is neither in the data folder nor to be had
// from the network.
func Spambase(ctx context.Context) (Table, error) { return spambase(ctx, spambaseFile) }

func spambase(ctx context.Context, f file) (Table, error) {
	content, path, err := f.load(ctx)
	if err != nil {
		return Table{}, err
	}
	t, err := parseSpambase(content)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %s: %w", path, err)
	}
	t.Source = path
	return t, nil
}

// parseSpambase reads a copy of spambase.data with or without a header; the
// label is the last column.
func parseSpambase(content []byte) (Table, error) {
	first, _, _ := strings.Cut(string(content[:min(len(content), 4096)]), "\n")
	fields := strings.Split(strings.TrimSpace(first), ",")
	if len(fields) != 58 {
		return Table{}, fmt.Errorf("it has %d columns, want 57 features and a label", len(fields))
	}
	_, notNumber := strconv.ParseFloat(fields[0], 64)
	opt := CSVOptions{Name: "Spambase", Label: "c58", NoHeader: notNumber == nil}
	if notNumber != nil {
		opt.Label = strings.Trim(fields[57], `" `)
	}
	t, err := readCSV(bytes.NewReader(content), "spambase.data", opt)
	if err != nil {
		return Table{}, err
	}
	if err := wantShape(t, 4601, 57, 1813); err != nil {
		return Table{}, err
	}
	for k, x := range t.X {
		if x < 0 {
			return Table{}, fmt.Errorf("row %d, column %s is %g; every feature of Spambase is ≥ 0",
				k/t.Cols+1, t.Columns[k%t.Cols], x)
		}
	}
	return t, nil
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
