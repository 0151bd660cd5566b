package nn

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// sumKey is the key of the checksum in the metadata: the SHA-256 of the whole file in 64
// hexadecimal digits, computed with zeros in their place.
const sumKey = "sha256"

var zeros = strings.Repeat("0", 2*sha256.Size)

// sealed is [Encode] with a checksum in the metadata.
func sealed(th Params, meta map[string]string) ([]byte, error) {
	if _, taken := meta[sumKey]; taken {
		return nil, fmt.Errorf("nn: the metadata %q are the checksum of the file, which Save writes", sumKey)
	}
	all := map[string]string{sumKey: zeros}
	maps.Copy(all, meta)
	data, err := Encode(th, all)
	if err != nil {
		return nil, err
	}
	// no text in the header holds a quotation mark that is not escaped
	place := bytes.Index(data, []byte(`"`+sumKey+`":"`+zeros)) + len(sumKey) + 4
	copy(data[place:], sum(data, place))
	return data, nil
}

// sum is the checksum of a file whose own stands at place.
func sum(data []byte, place int) string {
	h := sha256.New()
	for _, part := range [][]byte{data[:place], []byte(zeros), data[place+len(zeros):]} {
		h.Write(part) // never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// verify compares the checksum of a file, if it has one.
func verify(data []byte, meta map[string]string) error {
	want, ok := meta[sumKey]
	if !ok {
		return nil
	}
	if place := bytes.Index(data, []byte(want)); len(want) == len(zeros) && place >= 0 && sum(data, place) == want {
		return nil
	}
	return errors.New("the checksum does not match: the file is damaged, or another program changed it and kept the metadata " + sumKey)
}
