package nn

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/atomicfile"
)

// Weights live on disk in the safetensors format, which Python reads with
// safetensors.numpy.load_file: eight bytes with the length of a JSON header, the
// header, and the numbers, little-endian. Every parameter is a tensor of rank 2;
// what is said about the weights (recipe, seed, versions) is in the header's
// "__metadata__".

// maxHeader bounds the header, so that a damaged length cannot ask for memory.
const maxHeader = 1 << 22

type tensorInfo struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// Save writes all parameters in float64 together with metadata, by way of
// [atomicfile.Write].
func Save(path string, th Params, meta map[string]string) error {
	data, err := Encode(th, meta)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, data)
}

// Hash is the SHA-256 of names, shapes and values, in hexadecimal digits.
func (p Params) Hash() string {
	data, err := Encode(p, nil)
	if err != nil { // only metadata can be wrong
		panic(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// Encode returns the parameters as a safetensors file.
func Encode(th Params, meta map[string]string) ([]byte, error) {
	var header bytes.Buffer
	header.WriteByte('{')
	if len(meta) > 0 {
		m, err := json.Marshal(meta)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&header, `"__metadata__":%s,`, m)
	}
	var at int64
	for i, name := range th.Names() { // in the order of the store, which Load restores
		v := th.At(name)
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			header.WriteByte(',')
		}
		end := at + 8*int64(v.Len())
		fmt.Fprintf(&header, `%s:{"dtype":"F64","shape":[%d,%d],"data_offsets":[%d,%d]}`, key, v.R, v.C, at, end)
		at = end
	}
	header.WriteByte('}')
	for header.Len()%8 != 0 {
		header.WriteByte(' ')
	}
	out := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+int64(header.Len())+at), uint64(header.Len()))
	out = append(out, header.Bytes()...)
	for _, name := range th.Names() {
		for _, x := range th.At(name).Data {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x))
		}
	}
	return out, nil
}

// Load reads parameters and metadata from a file.
func Load(path string) (Params, map[string]string, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a device has no end
		return Params{}, nil, fmt.Errorf("%s: nn: weights have to be in a regular file: %w", path, fs.ErrInvalid)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Params{}, nil, err
	}
	th, meta, err := Decode(data)
	if err != nil {
		return Params{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	return th, meta, nil
}

// Decode reads parameters and metadata from the bytes of a file.
func Decode(data []byte) (Params, map[string]string, error) {
	if len(data) < 8 {
		return Params{}, nil, fmt.Errorf("nn: the file ends within its first eight bytes: it is no safetensors file")
	}
	length, data := binary.LittleEndian.Uint64(data), data[8:]
	if length > maxHeader || int(length) > len(data) {
		return Params{}, nil, fmt.Errorf("nn: the header says it has %d bytes in a file of %d: truncated, or no safetensors file", length, len(data)+8)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data[:length], &fields); err != nil {
		return Params{}, nil, fmt.Errorf("nn: the header is no JSON object: %w", err)
	}
	data = data[length:]
	var meta map[string]string
	infos := map[string]tensorInfo{}
	for name, f := range fields {
		if name == "__metadata__" {
			if err := json.Unmarshal(f, &meta); err != nil {
				return Params{}, nil, fmt.Errorf("nn: metadata: %w", err)
			}
			continue
		}
		var info tensorInfo
		if err := json.Unmarshal(f, &info); err != nil {
			return Params{}, nil, fmt.Errorf("nn: tensor %q: %w", name, err)
		}
		infos[name] = info
	}
	// an empty tensor comes before the one that starts where it ends
	names := slices.SortedFunc(maps.Keys(infos), func(a, b string) int {
		p, q := infos[a].Offsets, infos[b].Offsets
		return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1]), cmp.Compare(a, b))
	})
	th := NewParams()
	at := 0
	for _, name := range names {
		v, end, err := infos[name].tensor(data, at)
		if err != nil {
			return Params{}, nil, fmt.Errorf("nn: tensor %q: %w", name, err)
		}
		th.Set(name, v)
		at = end
	}
	if left := len(data) - at; left > 0 {
		return Params{}, nil, fmt.Errorf("nn: %d bytes follow the last tensor: the file is oversized or damaged", left)
	}
	return th, meta, nil
}

// widths maps the element types that are understood to their sizes.
var widths = map[string]int{"F64": 8, "F32": 4}

// tensor reads a tensor, which has to start at byte at, and returns where it ends.
func (t tensorInfo) tensor(data []byte, at int) (ad.Value, int, error) {
	width, ok := widths[t.DType]
	if !ok {
		return ad.Value{}, 0, fmt.Errorf("element type %q: only F64 and F32 are read", t.DType)
	}
	rows, cols := 1, 1
	switch len(t.Shape) {
	case 0:
	case 1:
		cols = t.Shape[0]
	case 2:
		rows, cols = t.Shape[0], t.Shape[1]
	default:
		return ad.Value{}, 0, fmt.Errorf("shape %v: parameters have at most two dimensions", t.Shape)
	}
	from, end := t.Offsets[0], t.Offsets[1]
	n := end - from
	switch {
	case from != at:
		return ad.Value{}, 0, fmt.Errorf("starts at byte %d, expected %d: tensors overlap or leave a gap", from, at)
	case rows < 0 || cols < 0 || n < 0:
		return ad.Value{}, 0, fmt.Errorf("negative size: shape %v, %d bytes", t.Shape, n)
	case end > len(data):
		return ad.Value{}, 0, fmt.Errorf("%d bytes are announced and %d are left: the file is truncated", n, len(data)-at)
	case rows > 0 && cols > n/width/rows, rows*cols*width != n:
		return ad.Value{}, 0, fmt.Errorf("shape %v of %s does not make %d bytes", t.Shape, t.DType, n)
	}
	v, raw := ad.New(rows, cols, nil), data[from:end]
	for i := range v.Data {
		if width == 8 {
			v.Data[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		} else {
			v.Data[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	return v, end, nil
}

// Match returns an error unless th has the names and shapes of want, naming the
// first parameter that differs.
func Match(th, want Params) error {
	for _, n := range want.Names() {
		if !th.Has(n) {
			return fmt.Errorf("nn: parameter %q is missing: these are weights of another model", n)
		}
		if a, b := th.At(n), want.At(n); a.R != b.R || a.C != b.C {
			return fmt.Errorf("nn: parameter %q is %s and has to be %s: these are weights of another size", n, a.Shape(), b.Shape())
		}
	}
	for _, n := range th.Names() {
		if !want.Has(n) {
			return fmt.Errorf("nn: parameter %q is unknown to this model", n)
		}
	}
	return nil
}

// MarshalBinary returns the parameters as [Encode] does, so that they can be part of
// any stored result. Of the zero Params that is nothing.
func (p Params) MarshalBinary() ([]byte, error) {
	if p.IsZero() {
		return nil, nil
	}
	return Encode(p, nil)
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (p *Params) UnmarshalBinary(data []byte) error {
	if len(data) == 0 {
		*p = Params{}
		return nil
	}
	q, _, err := Decode(data)
	if err == nil {
		*p = q
	}
	return err
}
