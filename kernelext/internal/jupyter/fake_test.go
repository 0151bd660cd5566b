package jupyter

import (
	"context"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-zeromq/zmq4"
)

// fakeKernel speaks the kernel's side of the protocol. execute runs in a goroutine of its own for each request.
type fakeKernel struct {
	conn      Connection
	execute   func(k *fakeKernel, req message)
	interrupt chan struct{}
	stopped   chan struct{}

	mu                           sync.Mutex
	shell, control, iopub, stdin zmq4.Socket
	shellID                      []byte
}

// serve binds the sockets and answers until the context ends.
func (k *fakeKernel) serve(ctx context.Context) error {
	quiet := zmq4.WithLogger(log.New(io.Discard, "", 0))
	k.shell, k.control = zmq4.NewRouter(ctx, quiet), zmq4.NewRouter(ctx, quiet)
	k.iopub, k.stdin = zmq4.NewPub(ctx, quiet), zmq4.NewRouter(ctx, quiet)
	for s, port := range map[zmq4.Socket]int{k.shell: k.conn.Shell, k.control: k.conn.Control, k.iopub: k.conn.IOPub, k.stdin: k.conn.Stdin} {
		if err := s.Listen(k.conn.endpoint(port)); err != nil {
			return err
		}
	}
	go k.poll(k.shell)
	go k.poll(k.control)
	return nil
}

func (k *fakeKernel) poll(s zmq4.Socket) {
	for {
		raw, err := s.Recv()
		if err != nil {
			return
		}
		req, ids, err := decode([]byte(k.conn.Key), raw)
		if err != nil {
			continue
		}
		switch req.Header.Type {
		case "kernel_info_request":
			k.publish(req, "status", map[string]any{"execution_state": "busy"})
			k.publish(req, "status", map[string]any{"execution_state": "idle"})
		case "interrupt_request":
			k.interrupt <- struct{}{}
		case "shutdown_request":
			close(k.stopped)
		case "execute_request":
			k.mu.Lock()
			k.shellID = ids[0]
			k.mu.Unlock()
			go k.execute(k, req)
		}
	}
}

func (k *fakeKernel) publish(req message, typ string, content map[string]any) {
	k.send(k.iopub, k.conn.Key, req, typ, content)
}

// forge publishes a message that is signed with a wrong key.
func (k *fakeKernel) forge(req message, typ string, content map[string]any) {
	k.send(k.iopub, "somebody else's key", req, typ, content)
}

// finish sends the reply and the idle status.
func (k *fakeKernel) finish(req message, reply map[string]any) {
	k.mu.Lock()
	id := k.shellID
	k.mu.Unlock()
	k.send(k.shell, k.conn.Key, req, "execute_reply", reply, id)
	k.publish(req, "status", map[string]any{"execution_state": "idle"})
}

func (k *fakeKernel) send(s zmq4.Socket, key string, req message, typ string, content map[string]any, ids ...[]byte) {
	m := newMessage("fake", typ, content)
	m.Parent = req.Header
	raw, err := encode([]byte(key), m, ids...)
	if err != nil {
		panic(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	_ = s.SendMulti(raw) // the client may have gone
}

// connect starts a fake kernel in this process and connects to it.
func connect(t *testing.T, execute func(k *fakeKernel, req message)) (*Client, *fakeKernel) {
	t.Helper()
	conn, err := newConnection()
	if err != nil {
		t.Fatal(err)
	}
	k := &fakeKernel{conn: conn, execute: execute, interrupt: make(chan struct{}, 8), stopped: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if err := k.serve(ctx); err != nil {
		t.Fatal(err)
	}
	c, err := Dial(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.disconnect)
	return c, k
}

// TestMain lets the test binary play the kernel process: see TestProcess.
func TestMain(m *testing.M) {
	if mode := os.Getenv("L2O_FAKE_KERNEL"); mode != "" {
		fakeProcess(mode, os.Args[len(os.Args)-1])
	}
	os.Exit(m.Run())
}

func ok() map[string]any { return map[string]any{"status": "ok"} }

func texts(list []Output) string {
	var b strings.Builder
	for _, o := range list {
		b.WriteString(o.Type + ":" + o.Name + o.Text + o.EName)
		if s, isText := o.Data["text/plain"].(string); isText {
			b.WriteString(s)
		}
		b.WriteString("|")
	}
	return b.String()
}
