package datasets

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
)

// ReadIDX reads images and their labels from files in the IDX format of MNIST, with
// or without gzip: Fashion-MNIST, the training images of MNIST, your own. Features
// are the bytes divided by 255. Without labels, labels is "".
//
// The error names the file: it is no IDX file, holds entries other than unsigned
// bytes, has another number of dimensions (images n×rows×columns or n×features,
// labels n), is truncated or longer than announced, or does not have one label for
// each image.
func ReadIDX(images, labels string) (Table, error) {
	var contents [2][]byte
	for i, path := range []string{images, labels} {
		if path == "" && i == 1 {
			continue
		}
		content, err := readRegular(path)
		if err != nil {
			return Table{}, fmt.Errorf("datasets: %w", err)
		}
		contents[i] = content
	}
	if labels != "" && contents[1] == nil {
		contents[1] = []byte{} // an empty file is no missing one
	}
	t, err := idxTable(contents[0], contents[1], images, labels)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %w", err)
	}
	t.Name, t.Source = filepath.Base(images), images
	return t, nil
}

// idxTable reads a table of images and, unless labels is nil, their labels. The
// names are what errors call the two.
func idxTable(images, labels []byte, imagesName, labelsName string) (Table, error) {
	shape, pixels, err := readIDX(images)
	if err == nil && len(shape) != 3 && len(shape) != 2 {
		err = fmt.Errorf("it has %d dimensions, shape %v; images have 3 (or 2, flattened): are these the labels?", len(shape), shape)
	}
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", imagesName, err)
	}
	t := Table{Rows: shape[0], Cols: len(pixels) / shape[0], X: unit(pixels)}
	t.Columns = numbered(t.Cols)
	if labels == nil {
		return t, nil
	}
	shape, classes, err := readIDX(labels)
	if err == nil && (len(shape) != 1 || shape[0] != t.Rows) {
		err = fmt.Errorf("its shape is %v, and there are %d images: it has to have one label for each", shape, t.Rows)
	}
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", labelsName, err)
	}
	t.Y = make([]float64, t.Rows)
	for i, c := range classes {
		t.Y[i] = float64(c)
	}
	return t, nil
}

// unit maps bytes to [0, 1].
func unit(pixels []byte) []float64 {
	x := make([]float64, len(pixels))
	for i, p := range pixels {
		x[i] = float64(p) / 255
	}
	return x
}

// readIDX reads one array of unsigned bytes: two zero bytes, the type, the number of
// dimensions, each dimension in four bytes (largest first), then the entries with the
// last dimension changing fastest. What lies in a gzip wrapper is unpacked if what comes of
// it needs no more memory than [memory] grants.
func readIDX(content []byte) (shape []int, data []byte, err error) {
	r, err := gunzip(content)
	if err != nil {
		return nil, nil, err
	}
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, nil, fmt.Errorf("its header cannot be read: %w", err)
	}
	switch {
	case magic[0] != 0 || magic[1] != 0 || magic[3] == 0:
		return nil, nil, fmt.Errorf("it begins with the bytes % x, which no IDX file does", magic)
	case magic[2] != 0x08:
		return nil, nil, fmt.Errorf("its entries are of type 0x%02x; unsigned bytes, 0x08, can be read", magic[2])
	}
	sizes, total := make([]uint32, magic[3]), 1
	if err := binary.Read(r, binary.BigEndian, sizes); err != nil {
		return nil, nil, fmt.Errorf("its header cannot be read: %w", err)
	}
	for _, s := range sizes {
		if s == 0 || uint64(total) > math.MaxInt/64/uint64(s) {
			return nil, nil, fmt.Errorf("its header announces the shape %v, which is empty or does not fit in memory", sizes)
		}
		shape = append(shape, int(s))
		total *= int(s)
	}
	if most := memory(content); int64(total) > (most-int64(32*total/shape[0]))/9 && uint64(total) > uint64(len(content)) {
		return nil, nil, fmt.Errorf("its header announces the shape %v, %d bytes in a file of %d: it is truncated, or a trap (if it is neither, unpack it with gunzip)",
			sizes, total, len(content))
	}
	data = make([]byte, total)
	if n, err := io.ReadFull(r, data); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("it is truncated: %d entries of %d, for the shape %v", n, total, shape)
		}
		return nil, nil, err
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); { // which also compares the checksum of gzip
	case n > 0:
		return nil, nil, fmt.Errorf("it goes on after the %d entries of its shape %v", total, shape)
	case !errors.Is(err, io.EOF):
		return nil, nil, err
	}
	return shape, data, nil
}

// memory returns how many bytes a reader may ask for before it has read what announces them:
// 1 MiB and 100 times the file.
func memory(content []byte) int64 { return 1<<20 + 100*int64(len(content)) }

// gunzip returns what is inside of a gzip wrapper, and other content as it is.
func gunzip(content []byte) (io.Reader, error) {
	r := bytes.NewReader(content)
	if !bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		return r, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("its gzip header is damaged: %w", err)
	}
	return z, nil
}
