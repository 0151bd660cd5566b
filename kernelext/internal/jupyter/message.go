package jupyter

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-zeromq/zmq4"
)

// delimiter separates the ZeroMQ routing prefix from the six parts of a Jupyter message.
const delimiter = "<IDS|MSG>"

// header identifies a message; a reply carries the header of its request as parent.
type header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

// message is one Jupyter message. Content holds numbers as json.Number, so that outputs can be written back
// digit for digit.
type message struct {
	Header, Parent header
	Content        map[string]any
}

// text returns a string field of the content, "" when it is missing or of another type.
func (m message) text(key string) string {
	s, _ := m.Content[key].(string)
	return s
}

// object returns an object field of the content, nil when it is missing or of another type.
func (m message) object(key string) map[string]any {
	o, _ := m.Content[key].(map[string]any)
	return o
}

// newID returns 128 random bits in hexadecimal, for keys, sessions and message ids.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // crypto/rand never fails: it ends the program instead
	return hex.EncodeToString(b)
}

// newMessage returns a request of the given type.
func newMessage(session, typ string, content map[string]any) message {
	return message{
		Header: header{
			ID: newID(), Session: session, Username: "l2o", Type: typ, Version: "5.3",
			Date: time.Now().UTC().Format(time.RFC3339Nano),
		},
		Content: content,
	}
}

// sign returns the HMAC-SHA256 of the parts in hexadecimal. An empty key means unsigned messages.
func sign(key []byte, parts ...[]byte) []byte {
	if len(key) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write(p)
	}
	return []byte(hex.EncodeToString(mac.Sum(nil)))
}

// encode returns the frames of m behind the routing prefix ids.
func encode(key []byte, m message, ids ...[]byte) (zmq4.Msg, error) {
	parts := make([][]byte, 0, 4)
	parent := any(m.Parent)
	if m.Parent.ID == "" {
		parent = struct{}{} // a request has an empty parent
	}
	for _, v := range []any{m.Header, parent, struct{}{}, m.Content} {
		b, err := json.Marshal(v)
		if err != nil {
			return zmq4.Msg{}, fmt.Errorf("encode a %s message: %w", m.Header.Type, err)
		}
		parts = append(parts, b)
	}
	frames := append(append([][]byte{}, ids...), []byte(delimiter), sign(key, parts...))
	return zmq4.NewMsgFrom(append(frames, parts...)...), nil
}

// decode checks the signature of a received message and reads it; ids is the routing prefix.
func decode(key []byte, raw zmq4.Msg) (m message, ids [][]byte, err error) {
	i := 0
	for i < len(raw.Frames) && string(raw.Frames[i]) != delimiter {
		i++
	}
	if len(raw.Frames) < i+6 {
		return m, nil, fmt.Errorf("a Jupyter message has 6 parts, this one has %d frames in all", len(raw.Frames))
	}
	ids, f := raw.Frames[:i], raw.Frames[i+1:]
	if !hmac.Equal(f[0], sign(key, f[1:5]...)) {
		return m, nil, errors.New("a message with a wrong signature")
	}
	for j, dst := range []any{&m.Header, &m.Parent} {
		if err := json.Unmarshal(f[1+j], dst); err != nil {
			return m, nil, fmt.Errorf("read a message header: %w", err)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(f[4]))
	dec.UseNumber()
	if err := dec.Decode(&m.Content); err != nil {
		return m, nil, fmt.Errorf("read the content of a %s message: %w", m.Header.Type, err)
	}
	return m, ids, nil
}
