package nn

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// Weights live on disk in the safetensors format, which Python reads with
// safetensors.numpy.load_file: eight bytes with the length of a JSON header, the
// header, and the numbers, little-endian. Every parameter is a tensor of rank 2;
// what is said about the weights (recipe, seed, versions) is in the header's
// "__metadata__".
//
// A header may be as long as the file that holds it, for the writer and for the reader:
// the length is compared with the file before anything is made of it. Python's reader
// takes headers up to 100 MB.

// metadata is the key in the header that is no tensor.
const metadata = "__metadata__"

// Save writes all parameters in float64 together with metadata and a checksum, by way of
// [atomicfile.Write]. It refuses parameters that are not finite, as [Load] does; [Encode]
// takes them.
func Save(path string, th Params, meta map[string]string) error {
	if err := th.Finite(); err != nil {
		return err
	}
	data, err := sealed(th, meta)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, data)
}

// Finite returns an error that names the first parameter that holds NaN or Inf.
func (p Params) Finite() error {
	for _, n := range p.Names() {
		v := p.At(n)
		for i, x := range v.Data {
			if x-x != 0 {
				return fmt.Errorf("nn: parameter %q holds %g in row %d, column %d: weights have to be finite", n, x, i/v.C, i%v.C)
			}
		}
	}
	return nil
}

// Hash is the SHA-256 of names, shapes and values, in hexadecimal digits.
func (p Params) Hash() string {
	data, err := Encode(p, nil)
	if err != nil { // only a name can be wrong
		panic(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// Encode returns the parameters as a safetensors file.
func Encode(th Params, meta map[string]string) ([]byte, error) {
	var header bytes.Buffer
	entry := func(key string, value []byte) error {
		if !utf8.ValidString(key) {
			return fmt.Errorf("nn: %q cannot be a name in a file: it is not UTF-8", key)
		}
		k, err := json.Marshal(key)
		if err != nil {
			return err
		}
		header.WriteByte("{,"[min(header.Len(), 1)])
		fmt.Fprintf(&header, "%s:%s", k, value)
		return nil
	}
	if len(meta) > 0 {
		m, err := encodeMetadata(meta)
		if err != nil {
			return nil, err
		}
		if err := entry(metadata, m); err != nil {
			return nil, err
		}
	}
	var at int64
	for _, name := range th.Names() { // in the order of the store, which Load restores
		if name == metadata {
			return nil, fmt.Errorf("nn: %q cannot be a parameter in a file: what is said about the weights stands under that name", name)
		}
		v := th.At(name)
		end := at + 8*int64(v.Len())
		if err := entry(name, fmt.Appendf(nil, `{"dtype":"F64","shape":[%d,%d],"data_offsets":[%d,%d]}`, v.R, v.C, at, end)); err != nil {
			return nil, err
		}
		at = end
	}
	if header.Len() == 0 {
		header.WriteByte('{')
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

// encodeMetadata refuses what would come back as another text.
func encodeMetadata(meta map[string]string) ([]byte, error) {
	for k, v := range meta {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, fmt.Errorf("nn: the metadata %q are not UTF-8, which a file needs", k)
		}
	}
	return json.Marshal(meta)
}

// Load reads parameters and metadata from a file. It refuses a file that is not what [Save]
// wrote, where that left a checksum, and parameters that are not finite.
func Load(path string) (Params, map[string]string, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a device has no end
		return Params{}, nil, fmt.Errorf("%s: nn: weights have to be in a regular file: %w", path, fs.ErrInvalid)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Params{}, nil, err
	}
	th, meta, err := Decode(data)
	if err == nil {
		err = th.Finite()
	}
	if err != nil {
		return Params{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	return th, meta, nil
}

// Decode reads parameters and metadata from the bytes of a file.
func Decode(data []byte) (Params, map[string]string, error) {
	th, meta, err := decode(data)
	if err == nil {
		err = verify(data, meta)
	}
	if err != nil {
		return Params{}, nil, fmt.Errorf("nn: %w", err)
	}
	delete(meta, sumKey)
	return th, meta, nil
}

func decode(data []byte) (Params, map[string]string, error) {
	if len(data) < 8 {
		return Params{}, nil, errors.New("the file ends within its first eight bytes: it is no safetensors file")
	}
	length, data := binary.LittleEndian.Uint64(data), data[8:]
	if length > uint64(len(data)) {
		return Params{}, nil, fmt.Errorf("the header says it has %d bytes in a file of %d: truncated, or no safetensors file", length, len(data)+8)
	}
	tensors, meta, err := decodeHeader(data[:length])
	if err != nil {
		return Params{}, nil, err
	}
	data = data[length:]
	// an empty tensor comes before the one that starts where it ends
	slices.SortStableFunc(tensors, func(a, b tensor) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.end, b.end))
	})
	th := NewParams()
	at := 0
	for _, t := range tensors {
		v, err := t.read(data, at)
		if err != nil {
			return Params{}, nil, fmt.Errorf("tensor %q: %w", t.name, err)
		}
		th.Set(t.name, v)
		at = t.end
	}
	if left := len(data) - at; left > 0 {
		return Params{}, nil, fmt.Errorf("%d bytes follow the last tensor: the file is oversized or damaged", left)
	}
	return th, meta, nil
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
