package jupyter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Errors that [Client.Execute] wraps.
var (
	// ErrDied says that the kernel process ended while it was needed.
	ErrDied = errors.New("the kernel died")
	// ErrStuck says that a cell went on after an interrupt: only [Client.Close] ends it.
	ErrStuck = errors.New("the cell did not stop when it was interrupted")
)

// interruptGrace is how long an interrupted cell may take to stop. GoNB kills a program 5 s after the
// interrupt, so a cell that ignores it still ends within this time.
const interruptGrace = 8 * time.Second

// Client is a connection to one kernel. Its methods may be called from several goroutines.
type Client struct {
	key     []byte
	session string
	process *process // nil: the kernel was started elsewhere
	grace   time.Duration

	shell, control, iopub, stdin zmq4.Socket
	sending                      sync.Mutex // ZeroMQ sockets take one message at a time
	cancel                       context.CancelFunc
	executing                    sync.Mutex // one cell at a time

	mu       sync.Mutex
	calls    map[string]*call // by message id; kept, since output may arrive after its cell is done
	displays displays
	running  *call         // of the cell that runs
	live     chan struct{} // closed when the first answer has come through IOPub
	heard    bool          // live is closed
}

// call is one request under way.
type call struct {
	outputs outputs
	idle    chan struct{} // closed when the kernel says that it has published everything
	reply   chan message
	ended   bool
	asked   bool      // the cell asked for input
	shown   time.Time // when the first display arrived
}

// Result is what a cell did.
type Result struct {
	OK     bool   // the kernel reported no error
	EName  string // name of the error, when not OK
	EValue string // its message

	client *Client
	call   *call
}

// Outputs returns what the cell shows now. It may grow or change while the kernel lives: later cells can update
// a display, and a late message still finds its cell.
func (r *Result) Outputs() []Output {
	r.client.mu.Lock()
	defer r.client.mu.Unlock()
	return r.call.outputs.snapshot()
}

// Asked reports whether the cell asked for input, which nobody gave.
func (r *Result) Asked() bool {
	r.client.mu.Lock()
	defer r.client.mu.Unlock()
	return r.call.asked
}

// Shown is when the first figure, table or other display of the cell arrived, the zero time if
// it has none.
func (r *Result) Shown() time.Time {
	r.client.mu.Lock()
	defer r.client.mu.Unlock()
	return r.call.shown
}

// Dial connects to a kernel that is already running and waits until it answers. ctx limits the waiting.
func Dial(ctx context.Context, conn Connection) (*Client, error) {
	return dial(ctx, conn, nil)
}

func dial(ctx context.Context, conn Connection, p *process) (*Client, error) {
	life, cancel := context.WithCancel(context.Background())
	c := &Client{
		key: []byte(conn.Key), session: newID(), process: p, grace: interruptGrace, cancel: cancel,
		calls: map[string]*call{}, displays: displays{}, live: make(chan struct{}),
	}
	quiet := []zmq4.Option{
		zmq4.WithLogger(log.New(io.Discard, "", 0)), // failures come back as errors
		zmq4.WithDialerMaxRetries(0),                // connect below retries, and knows when to give up
	}
	// Requests carry one identity on all channels: a kernel sends a question for input to the asker's.
	identity := zmq4.WithID(zmq4.SocketIdentity(c.session))
	c.shell = zmq4.NewDealer(life, append(quiet, identity)...)
	c.control = zmq4.NewDealer(life, append(quiet, identity)...)
	c.stdin = zmq4.NewDealer(life, append(quiet, identity)...)
	c.iopub = zmq4.NewSub(life, quiet...)
	for _, x := range []struct {
		socket zmq4.Socket
		port   int
	}{{c.shell, conn.Shell}, {c.control, conn.Control}, {c.iopub, conn.IOPub}, {c.stdin, conn.Stdin}} {
		if err := c.connect(ctx, x.socket, conn.endpoint(x.port)); err != nil {
			c.disconnect()
			return nil, err
		}
	}
	if err := c.iopub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		c.disconnect()
		return nil, fmt.Errorf("subscribe to the kernel's outputs: %w", err)
	}
	go c.receive(c.shell, c.onReply)
	go c.receive(c.control, func(message) {})
	go c.receive(c.iopub, c.onPublished)
	go c.receive(c.stdin, c.refuseInput)
	if err := c.awaitLive(ctx); err != nil {
		c.disconnect()
		return nil, err
	}
	return c, nil
}

// connect dials until the kernel listens.
func (c *Client) connect(ctx context.Context, s zmq4.Socket, endpoint string) error {
	for {
		err := s.Dial(endpoint)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("connect to the kernel: %w (%w)", err, context.Cause(ctx))
		case <-c.process.dead():
			return c.process.failure()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// awaitLive asks for kernel_info until an answer arrives on IOPub: a subscription takes effect some time after
// it was sent, and what a kernel publishes before is lost.
func (c *Client) awaitLive(ctx context.Context) error {
	for {
		if _, err := c.request(c.shell, "kernel_info_request", map[string]any{}); err != nil {
			return err
		}
		select {
		case <-c.live:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("the kernel does not answer: %w", context.Cause(ctx))
		case <-c.process.dead():
			return c.process.failure()
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// request sends a message and returns where its answers will arrive.
func (c *Client) request(s zmq4.Socket, typ string, content map[string]any) (*call, error) {
	m := newMessage(c.session, typ, content)
	raw, err := encode(c.key, m)
	if err != nil {
		return nil, err
	}
	k := &call{idle: make(chan struct{}), reply: make(chan message, 1)}
	c.mu.Lock()
	c.calls[m.Header.ID] = k
	c.mu.Unlock()
	c.sending.Lock()
	defer c.sending.Unlock()
	if err := s.SendMulti(raw); err != nil {
		return nil, fmt.Errorf("send a %s to the kernel: %w", typ, err)
	}
	return k, nil
}

// receive hands every message that is signed with our key to handle, until the socket is closed. Others are
// dropped: their sender does not know the key.
func (c *Client) receive(s zmq4.Socket, handle func(message)) {
	for {
		raw, err := s.Recv()
		if err != nil {
			return
		}
		if m, _, err := decode(c.key, raw); err == nil {
			handle(m)
		}
	}
}

func (c *Client) onReply(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.calls[m.Parent.ID]; k != nil {
		select {
		case k.reply <- m:
		default: // a second reply to one request
		}
	}
}

func (c *Client) onPublished(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.calls[m.Parent.ID]
	if k == nil {
		return // of another client
	}
	if !c.heard {
		c.heard = true
		close(c.live)
	}
	if m.Header.Type == "display_data" && k.shown.IsZero() {
		k.shown = time.Now()
	}
	k.outputs.apply(m, c.displays)
	if m.Header.Type == "status" && m.text("execution_state") == "idle" && !k.ended {
		k.ended = true
		close(k.idle)
	}
}

// refuseInput answers a question with nothing and interrupts the cell, which would otherwise wait without end.
func (c *Client) refuseInput(m message) {
	if m.Header.Type == "input_request" {
		c.mu.Lock()
		if k := c.calls[m.Parent.ID]; k != nil {
			k.asked = true
		}
		c.mu.Unlock()
		_ = c.Interrupt() // a kernel that is gone needs no interrupt
	}
}

// Showing returns what the cell that runs shows so far, nothing when none runs.
func (c *Client) Showing() []Output {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		return nil
	}
	return c.running.outputs.snapshot()
}

// run sets the request that runs.
func (c *Client) run(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = k
}

// Execute runs code and waits until the kernel has published everything that it shows. When ctx ends, the cell is
// interrupted and its outputs so far are returned together with an error that wraps ctx's cause. The error
// wraps [ErrDied] or [ErrStuck] when the kernel is of no more use. A cell that fails by itself is no error
// of Execute: see Result.OK.
func (c *Client) Execute(ctx context.Context, code string) (*Result, error) {
	c.executing.Lock()
	defer c.executing.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	k, err := c.request(c.shell, "execute_request", map[string]any{
		"code": code, "silent": false, "store_history": true, "user_expressions": map[string]any{},
		"allow_stdin": false, "stop_on_error": true,
	})
	if err != nil {
		return nil, err
	}
	c.run(k)
	defer c.run(nil)
	r := &Result{client: c, call: k}
	err = c.await(ctx, k)
	if err == nil {
		return r, r.finish(ctx)
	}
	if errors.Is(err, ErrDied) {
		return r, err
	}
	cause := err
	_ = c.Interrupt() // if it does not arrive, the waiting below says so
	grace, cancel := context.WithTimeoutCause(context.Background(), c.grace, ErrStuck)
	defer cancel()
	if err := c.await(grace, k); err != nil {
		return r, fmt.Errorf("%w: %w", err, cause)
	}
	return r, cause
}

// await waits for the idle status of a request.
func (c *Client) await(ctx context.Context, k *call) error {
	select {
	case <-k.idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.process.dead():
		return c.process.failure()
	}
}

// finish reads the verdict: idle arrives on another channel than the reply and may overtake it.
func (r *Result) finish(ctx context.Context) error {
	select {
	case m := <-r.call.reply:
		r.OK, r.EName, r.EValue = m.text("status") == "ok", m.text("ename"), m.text("evalue")
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.client.process.dead():
		return r.client.process.failure()
	}
}

// Interrupt asks the kernel to stop the running cell.
func (c *Client) Interrupt() error {
	_, err := c.request(c.control, "interrupt_request", map[string]any{})
	return err
}

// Close shuts the kernel down. A kernel that [Start] launched gets 3 s to leave; then it is killed with every
// process of its group, so that no cell keeps running.
func (c *Client) Close() error {
	_, err := c.request(c.control, "shutdown_request", map[string]any{"restart": false})
	if c.process != nil {
		err = c.process.end(3 * time.Second)
	}
	c.disconnect()
	return err
}

// disconnect closes the sockets, which ends the receiving goroutines.
func (c *Client) disconnect() {
	for _, s := range []zmq4.Socket{c.shell, c.control, c.iopub, c.stdin} {
		_ = s.Close() // the other side may be gone already
	}
	c.cancel()
}
