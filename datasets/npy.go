package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// An NPY file is a magic string, a version, the length of a header, the header
// (a Python dictionary literal with the three keys below), the numbers.
const npyMagic = "\x93NUMPY"

// The three entries of the dictionary may come in any order, and each comes once.
const (
	npyDescr = `['"]descr['"]\s*:\s*['"]([^'"]*)['"]`
	npyOrder = `['"]fortran_order['"]\s*:\s*(True|False)`
	npyShape = `['"]shape['"]\s*:\s*\(\s*((?:\d+L?\s*,\s*)*(?:\d+L?)?)\s*\)`
	npyEntry = `(?:` + npyDescr + `|` + npyOrder + `|` + npyShape + `)`
)

var (
	npyDict    = regexp.MustCompile(`^\s*\{\s*` + npyEntry + `\s*,\s*` + npyEntry + `\s*,\s*` + npyEntry + `\s*,?\s*\}\s*$`)
	npyRecords = regexp.MustCompile(`['"]descr['"]\s*:\s*\[`)
	npyType    = regexp.MustCompile(`^[<>|=](f4|f8|i1|i2|i4|i8|u1|u2|u4|u8|b1)$`)
)

// npyMaxHeader bounds the header; NumPy's own headers are about 100 bytes.
const npyMaxHeader = 1 << 16

// ReadNPY reads a NumPy array of one or two dimensions as float64, row after
// row, whatever its order in the file. An array of n numbers is n×1. Its type
// may be float32, float64, bool, or any integer type, in either byte order.
//
// The size in the header is compared with the size of the file before anything
// is allocated. It is an error when they differ, when the array has another type
// or number of dimensions, when it is empty, and when an entry is NaN, infinite,
// or an integer that float64 cannot hold.
func ReadNPY(path string) (rows, cols int, data []float64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, nil, fmt.Errorf("datasets: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return 0, 0, nil, fmt.Errorf("datasets: %w", err)
	}
	if !info.Mode().IsRegular() {
		return 0, 0, nil, fmt.Errorf("datasets: %s is not a regular file", path)
	}
	rows, cols, data, err = readNPY(f, info.Size())
	if err != nil {
		return 0, 0, nil, fmt.Errorf("datasets: %s: %w", path, err)
	}
	return rows, cols, data, nil
}

// readNPY reads an array from r, which holds size bytes.
func readNPY(r io.Reader, size int64) (rows, cols int, data []float64, err error) {
	h, used, err := readNPYHeader(r)
	if err != nil {
		return 0, 0, nil, err
	}
	need, have := h.bytes(), size-used
	switch {
	case need < 0:
		return 0, 0, nil, fmt.Errorf("its header announces an array of shape (%s), more than fits in memory", h.shape)
	case need > have:
		return 0, 0, nil, fmt.Errorf("its shape (%s) of %s needs %d bytes, the file has %d: it is truncated", h.shape, h.descr, need, have)
	case need < have:
		return 0, 0, nil, fmt.Errorf("its shape (%s) of %s needs %d bytes, the file has %d: it is damaged", h.shape, h.descr, need, have)
	case need == 0:
		return 0, 0, nil, fmt.Errorf("the array is empty: its shape is (%s)", h.shape)
	}
	raw := make([]byte, need)
	if _, err := io.ReadFull(r, raw); err != nil {
		return 0, 0, nil, err
	}
	data = make([]float64, h.rows*h.cols)
	for k := range data {
		i, j := k/h.cols, k%h.cols // the file's order decides which entry comes next
		if h.fortran {
			i, j = k%h.rows, k/h.rows
		}
		x, err := h.entry(raw[k*h.item:])
		if err != nil {
			return 0, 0, nil, fmt.Errorf("row %d, column %d (counted from 1): %w", i+1, j+1, err)
		}
		data[i*h.cols+j] = x
	}
	return h.rows, h.cols, data, nil
}

// npyHeader is what the header of an NPY file says.
type npyHeader struct {
	descr      string // byte order, kind, size: "<f8"
	shape      string // as written
	fortran    bool   // column after column
	rows, cols int
	order      binary.ByteOrder
	kind       byte // f, i, u or b
	item       int  // bytes of an entry
}

// bytes returns the size of the numbers in bytes, or −1 when it overflows.
func (h npyHeader) bytes() int64 {
	const most = math.MaxInt64
	rows, cols, item := int64(h.rows), int64(h.cols), int64(h.item)
	if rows == 0 || cols == 0 {
		return 0
	}
	if rows > most/cols || rows*cols > most/item || rows*cols > math.MaxInt/8 {
		return -1
	}
	return rows * cols * item
}

// readNPYHeader reads up to the first number and returns how many bytes it used.
func readNPYHeader(r io.Reader) (h npyHeader, used int64, err error) {
	notNPY := errors.New("it is not an NPY file; write one in Python with numpy.save")
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != npyMagic {
		return h, 0, notNPY
	}
	major, minor, lengthBytes := start[6], start[7], 4
	if major == 1 {
		lengthBytes = 2
	}
	if major < 1 || major > 3 || minor != 0 {
		return h, 0, fmt.Errorf("NPY version %d.%d is not known (1.0, 2.0 and 3.0 are)", major, minor)
	}
	length := make([]byte, 4) // little-endian; the upper half stays 0 in version 1
	if _, err := io.ReadFull(r, length[:lengthBytes]); err != nil {
		return h, 0, errors.New("the file ends inside its header: it is truncated")
	}
	n := int64(binary.LittleEndian.Uint32(length))
	if n > npyMaxHeader {
		return h, 0, fmt.Errorf("its header announces %d bytes of header: it is damaged", n)
	}
	dict := make([]byte, n)
	if _, err := io.ReadFull(r, dict); err != nil {
		return h, 0, errors.New("the file ends inside its header: it is truncated")
	}
	h, err = parseNPYDict(string(dict))
	return h, int64(len(start)+lengthBytes) + n, err
}

// parseNPYDict reads the three entries of the header's dictionary.
func parseNPYDict(dict string) (h npyHeader, err error) {
	if npyRecords.MatchString(dict) {
		return h, errors.New(`it holds records with named fields; save one plain array: numpy.save(file, a["field"])`)
	}
	var said [3]string // the type, the order and the shape, from whichever of the three places
	found := [3]int{}
	if m := npyDict.FindStringSubmatchIndex(dict); m != nil {
		for k := range 9 {
			if from, to := m[2*k+2], m[2*k+3]; from >= 0 {
				said[k%3] = dict[from:to]
				found[k%3]++
			}
		}
	}
	if found != [3]int{1, 1, 1} {
		return h, fmt.Errorf("its header is damaged: %.80q", dict)
	}
	h.descr, h.fortran, h.shape = said[0], said[1] == "True", strings.TrimSpace(said[2])
	if err := h.dtype(); err != nil {
		return h, err
	}
	var dims []int
	for s := range strings.SplitSeq(h.shape, ",") {
		if s = strings.TrimSuffix(strings.TrimSpace(s), "L"); s == "" { // (5,) has an empty end; Python 2 wrote 5L
			continue
		}
		d, err := strconv.Atoi(s)
		if err != nil {
			return h, fmt.Errorf("its header announces an array of shape (%s), more than fits in memory", h.shape)
		}
		dims = append(dims, d)
	}
	switch len(dims) {
	case 0:
		return h, errors.New("it holds one number without a dimension; save a.reshape(1)")
	case 1:
		h.rows, h.cols = dims[0], 1
	case 2:
		h.rows, h.cols = dims[0], dims[1]
	default:
		return h, fmt.Errorf("the array has %d dimensions, shape (%s); 1 or 2 can be read: save a.reshape(len(a), -1)", len(dims), h.shape)
	}
	return h, nil
}

// dtype splits the descriptor.
func (h *npyHeader) dtype() error {
	if !npyType.MatchString(h.descr) {
		return fmt.Errorf("entries of type %q cannot be read; save a.astype(\"float64\")", h.descr)
	}
	h.order = binary.LittleEndian // '<', '|' (one byte) and '=' (native when written: little-endian nearly everywhere)
	if h.descr[0] == '>' {
		h.order = binary.BigEndian
	}
	h.kind, h.item = h.descr[1], int(h.descr[2]-'0')
	return nil
}

// entry decodes the number at the start of raw.
func (h npyHeader) entry(raw []byte) (float64, error) {
	var u uint64
	switch h.item {
	case 1:
		u = uint64(raw[0])
	case 2:
		u = uint64(h.order.Uint16(raw))
	case 4:
		u = uint64(h.order.Uint32(raw))
	case 8:
		u = h.order.Uint64(raw)
	}
	const exact = 1 << 53 // float64 holds every integer up to here
	switch h.kind {
	case 'f':
		x := math.Float64frombits(u)
		if h.item == 4 {
			x = float64(math.Float32frombits(uint32(u)))
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return 0, fmt.Errorf("the entry is %g; replace it or remove the row", x)
		}
		return x, nil
	case 'i':
		shift := 64 - 8*h.item
		i := int64(u<<shift) >> shift // extends the sign
		if i > exact || i < -exact {
			return 0, fmt.Errorf("the integer %d does not fit in float64 exactly", i)
		}
		return float64(i), nil
	default: // unsigned and bool
		if h.kind == 'b' && u > 1 {
			return 0, fmt.Errorf("the entry is %d, and bool is 0 or 1", u)
		}
		if u > exact {
			return 0, fmt.Errorf("the integer %d does not fit in float64 exactly", u)
		}
		return float64(u), nil
	}
}

// WriteNPY writes rows×cols numbers, given row after row, as a float64 NPY file
// that numpy.load and [ReadNPY] read. The file is complete or not there. It is an error when
// there is no number, or one is NaN or infinite: what is written is what can be read.
func WriteNPY(path string, rows, cols int, data []float64) error {
	if rows < 0 || cols < 0 || rows == 0 && len(data) > 0 || rows > 0 && (len(data)%rows != 0 || len(data)/rows != cols) {
		return fmt.Errorf("datasets: %s: %d×%d numbers announced, %d given", path, rows, cols, len(data))
	}
	if len(data) == 0 {
		return fmt.Errorf("datasets: %s: an array of %d×%d is empty", path, rows, cols)
	}
	for k, x := range data {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("datasets: %s: row %d, column %d (counted from 1): the entry is %g; replace it or leave out the row", path, k/cols+1, k%cols+1, x)
		}
	}
	if err := atomicfile.Write(path, encodeNPY(rows, cols, data)); err != nil {
		return fmt.Errorf("datasets: %w", err)
	}
	return nil
}

// encodeNPY returns the file of an array.
func encodeNPY(rows, cols int, data []float64) []byte {
	dict := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", rows, cols)
	const before = len(npyMagic) + 2 + 2 // magic, version, length of the dictionary
	// The numbers start at a multiple of 64, and a newline ends the dictionary.
	dict += strings.Repeat(" ", 63-(before+len(dict))%64) + "\n"
	out := make([]byte, 0, before+len(dict)+8*len(data))
	out = append(out, npyMagic+"\x01\x00"...)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(dict)))
	out = append(out, dict...)
	for _, x := range data {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x))
	}
	return out
}
