package jupyter

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// Connection is what a client and a kernel must agree on: the content of Jupyter's connection file.
type Connection struct {
	Transport       string `json:"transport"`        // "tcp"
	IP              string `json:"ip"`               // an address of this machine
	SignatureScheme string `json:"signature_scheme"` // "hmac-sha256"
	Key             string `json:"key"`              // signs every message; empty: no signatures
	Shell           int    `json:"shell_port"`       // requests: execute, kernel_info
	Control         int    `json:"control_port"`     // requests that must not wait: interrupt, shutdown
	IOPub           int    `json:"iopub_port"`       // what cells show
	Stdin           int    `json:"stdin_port"`       // the kernel asking for input (not used)
	Heartbeat       int    `json:"hb_port"`          // echo (not used: the process itself is watched)
}

// newConnection picks five free ports on the loopback interface and a random key. Between the choice and the
// kernel's use of a port another program may take it; [Start] then tries again with others.
func newConnection() (Connection, error) {
	c := Connection{Transport: "tcp", IP: "127.0.0.1", SignatureScheme: "hmac-sha256", Key: newID()}
	for _, p := range []*int{&c.Shell, &c.Control, &c.IOPub, &c.Stdin, &c.Heartbeat} {
		l, err := net.Listen("tcp", net.JoinHostPort(c.IP, "0"))
		if err != nil {
			return c, fmt.Errorf("find a free port for the kernel: %w", err)
		}
		defer func() { _ = l.Close() }() // all stay open until the five are chosen, so that they differ
		*p = l.Addr().(*net.TCPAddr).Port
	}
	return c, nil
}

// endpoint returns the ZeroMQ address of a port.
func (c Connection) endpoint(port int) string {
	return fmt.Sprintf("%s://%s:%d", c.Transport, c.IP, port)
}

// writeFile writes the connection file into dir, readable by this user alone since it holds the key. Its
// name avoids Jupyter's pattern kernel-*.json: kernels take that pattern as a sign of a browser with widgets.
func (c Connection) writeFile(dir string) (string, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "l2o-"+newID()+".json")
	return name, os.WriteFile(name, b, 0o600)
}
