package datasets

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// cifarRecord is a label and the 32×32 red, green and blue bytes of an image.
const cifarRecord = 1 + 3*32*32

// CIFAR10 draws perClass images of each of the ten classes from CIFAR-10 (all when
// perClass is 0, which takes 24 kB for each image): samples of 3,072 features in
// [0, 1], the red plane row after row, then green, then blue, labelled 0 to 9. The
// L2O-PA paper takes 500 of each class.
//
// path is a file of the binary version, such as data_batch_1.bin, or a folder with
// all five training batches: what https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz
// unpacks to. It is not downloaded.
func CIFAR10(path string, perClass int, rng *rand.Rand) (Table, error) {
	t, err := cifar10(path, perClass, rng)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: CIFAR-10: %w", err)
	}
	return t, nil
}

func cifar10(path string, perClass int, rng *rand.Rand) (Table, error) {
	files, err := cifarFiles(path)
	if err != nil {
		return Table{}, err
	}
	var records []byte
	for _, name := range files {
		content, err := readRegular(name)
		if err != nil {
			return Table{}, err
		}
		if len(content) == 0 || len(content)%cifarRecord != 0 {
			return Table{}, fmt.Errorf("%s has %d bytes, no multiple of the %d of an image and its label: truncated, or not the binary version", name, len(content), cifarRecord)
		}
		for i := 0; i < len(content); i += cifarRecord {
			if content[i] > 9 {
				return Table{}, fmt.Errorf("%s: the label of image %d is %d, want 0 to 9: is this the binary version of CIFAR-10?", name, i/cifarRecord, content[i])
			}
		}
		records = append(records, content...)
	}
	labels := make([]float64, len(records)/cifarRecord)
	for i := range labels {
		labels[i] = float64(records[i*cifarRecord])
	}
	chosen, err := choose(labels, perClass, rng)
	if err != nil {
		return Table{}, err
	}
	t := Table{
		Name: fmt.Sprintf("CIFAR-10 (%d images)", len(chosen)), Source: path,
		Rows: len(chosen), Cols: cifarRecord - 1, Columns: numbered(cifarRecord - 1),
		X: make([]float64, 0, len(chosen)*(cifarRecord-1)), Y: make([]float64, len(chosen)),
	}
	for i, k := range chosen {
		t.X = append(t.X, unit(records[k*cifarRecord+1:(k+1)*cifarRecord])...)
		t.Y[i] = labels[k]
	}
	return t, nil
}

// cifarFiles lists the files that path stands for.
func cifarFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var names, missing []string
	for k := range 5 {
		name := fmt.Sprintf("data_batch_%d.bin", k+1)
		if _, err := os.Stat(filepath.Join(path, name)); err != nil {
			missing = append(missing, name)
		}
		names = append(names, filepath.Join(path, name))
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s holds no %s: unpack cifar-10-binary.tar.gz, the binary version, and give the folder cifar-10-batches-bin, or one of its files",
			path, strings.Join(missing, ", "))
	}
	return names, nil
}
