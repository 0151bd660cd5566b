package jupyter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/console"
)

// Spec says how to start a kernel.
type Spec struct {
	Argv []string  // the command; "{connection_file}" in it is replaced
	Env  []string  // its whole environment, as in os/exec; nil: ours
	Dir  string    // its working directory: the notebook's folder
	Log  io.Writer // receives what the kernel itself prints; nil: discarded

	Scratch string     // where the folder with the connection file is made; "": the system's temporary folder
	Files   []*os.File // open files that the kernel and what it starts inherit, from descriptor 3 on
}

// startTimeout is how long a kernel may take to answer for the first time. GoNB needs 0.3 s; the rest is for
// machines under load.
const startTimeout = 60 * time.Second

// Start launches a kernel process and returns when it answers. The process gets a process group of its own, so
// that Ctrl-C reaches it only through [Client.Interrupt].
func Start(ctx context.Context, s Spec) (*Client, error) {
	if len(s.Argv) == 0 {
		return nil, errors.New("start a kernel: the command is empty")
	}
	var err error
	for range 3 { // a chosen port may have been taken in the meantime
		var c *Client
		var inUse bool
		if c, inUse, err = start(ctx, s); err == nil {
			return c, nil
		}
		if !inUse {
			break
		}
	}
	return nil, err
}

func start(ctx context.Context, s Spec) (_ *Client, inUse bool, _ error) {
	conn, err := newConnection()
	if err != nil {
		return nil, false, err
	}
	dir, err := os.MkdirTemp(s.Scratch, "l2o-kernel-")
	if err != nil {
		return nil, false, fmt.Errorf("make a folder for the connection file: %w", err)
	}
	file, err := conn.writeFile(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, false, fmt.Errorf("write the connection file: %w", err)
	}
	p := &process{tail: &tail{also: s.Log}, done: make(chan struct{}), scratch: dir}
	args := make([]string, len(s.Argv))
	for i, a := range s.Argv {
		args[i] = strings.ReplaceAll(a, "{connection_file}", file)
	}
	p.cmd = exec.Command(args[0], args[1:]...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = s.Dir, s.Env, p.tail, p.tail
	p.cmd.ExtraFiles = s.Files
	p.cmd.WaitDelay = time.Second // a grandchild that holds the pipe must not keep Wait from returning
	console.OwnGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, false, fmt.Errorf("start the kernel: %w", err)
	}
	go p.wait()
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("no answer within %v", startTimeout))
	defer cancel()
	c, err := dial(ctx, conn, p)
	if err != nil {
		_ = p.end(0) // its log is in the error already
		return nil, strings.Contains(p.tail.String(), "address already in use"), err
	}
	return c, false, nil
}

// process is a kernel that we started. A nil process stands for one that we did not: it never dies.
type process struct {
	cmd     *exec.Cmd
	tail    *tail
	done    chan struct{} // closed when the process has ended
	err     error         // how; valid after done
	scratch string        // folder of the connection file
	once    sync.Once
}

func (p *process) wait() {
	p.err = p.cmd.Wait()
	_ = os.RemoveAll(p.scratch) // it lies in the temporary folder: no harm if it stays
	close(p.done)
}

// dead returns a channel that is closed when the process has ended.
func (p *process) dead() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.done
}

// failure describes the end of the process together with the last lines that it printed.
func (p *process) failure() error {
	how := "it exited without an error"
	if p.err != nil {
		how = p.err.Error()
	}
	if last := strings.TrimSpace(p.tail.String()); last != "" {
		how += "; its last words:\n" + last
	}
	return fmt.Errorf("%w: %s", ErrDied, how)
}

// end waits for the process to leave, then kills what is left of its group.
func (p *process) end(patience time.Duration) error {
	p.once.Do(func() {
		select {
		case <-p.done:
		case <-time.After(patience):
		}
		console.KillGroup(p.cmd) // cells that outlived the kernel belong to the group too
	})
	select {
	case <-p.done:
		return nil
	case <-time.After(5 * time.Second):
		return fmt.Errorf("kernel process %d cannot be killed", p.cmd.Process.Pid)
	}
}

// tail keeps the last 2 kB of what is written to it, for error messages.
type tail struct {
	mu   sync.Mutex
	last []byte
	also io.Writer
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if n := len(t.last) - 2048; n > 0 {
		t.last = append(t.last[:0], t.last[n:]...)
	}
	if t.also != nil {
		_, _ = t.also.Write(b) // a log that cannot be written must not stop the kernel
	}
	return len(b), nil
}

// String returns what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}
