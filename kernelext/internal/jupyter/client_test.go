package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func stream(name, text string) map[string]any { return map[string]any{"name": name, "text": text} }

func display(text, id string) map[string]any {
	return map[string]any{
		"data": map[string]any{"text/plain": text}, "metadata": map[string]any{},
		"transient": map[string]any{"display_id": id},
	}
}

// run executes code and fails the test on an error.
func run(t *testing.T, c *Client, code string) *Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := c.Execute(ctx, code)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestExecuteCollects(t *testing.T) {
	c, _ := connect(t, func(k *fakeKernel, req message) {
		switch req.text("code") {
		case "streams":
			k.publish(req, "stream", stream("stdout", "a"))
			k.publish(req, "stream", stream("stdout", "b\n"))
			k.publish(req, "stream", stream("stderr", "c"))
			k.publish(req, "stream", stream("stdout", "d"))
		case "show":
			k.publish(req, "display_data", display("0 %", "bar"))
			k.publish(req, "update_display_data", display("50 %", "bar"))
			k.publish(req, "display_data", display("other", ""))
		case "update":
			k.publish(req, "update_display_data", display("100 %", "bar"))
			k.publish(req, "update_display_data", display("lost", "unknown"))
		case "clear":
			k.publish(req, "stream", stream("stdout", "old"))
			k.publish(req, "clear_output", map[string]any{"wait": false})
			k.publish(req, "stream", stream("stdout", "mid"))
			k.publish(req, "clear_output", map[string]any{"wait": true})
			k.publish(req, "stream", stream("stdout", "new"))
			k.publish(req, "clear_output", map[string]any{"wait": true})
		case "number":
			k.publish(req, "execute_result", map[string]any{"data": map[string]any{"application/json": json.Number("1e-05")}})
		}
		k.finish(req, ok())
	})
	for code, want := range map[string]string{
		"streams": "stream:stdoutab\n|stream:stderrc|stream:stdoutd|",
		"clear":   "stream:stdoutnew|",
		"nothing": "",
	} {
		if r := run(t, c, code); texts(r.Outputs()) != want || !r.OK {
			t.Errorf("%s: %q (ok %v), want %q", code, texts(r.Outputs()), r.OK, want)
		}
	}
	shown := run(t, c, "show")
	if got := texts(shown.Outputs()); got != "display_data:50 %|display_data:other|" {
		t.Errorf("before the update: %q", got)
	}
	before := shown.Outputs()
	if r := run(t, c, "update"); len(r.Outputs()) != 0 {
		t.Errorf("an update made outputs of its own: %q", texts(r.Outputs()))
	}
	if got := texts(shown.Outputs()); got != "display_data:100 %|display_data:other|" {
		t.Errorf("after the update from another cell: %q", got)
	}
	if got := texts(before); got != "display_data:50 %|display_data:other|" {
		t.Errorf("a snapshot changed: %q", got)
	}
	if v := run(t, c, "number").Outputs()[0].Data["application/json"]; v != json.Number("1e-05") {
		t.Errorf("a number lost its digits: %v (%T)", v, v)
	}
}

// While a cell runs, what it shows can be asked for.
func TestShowing(t *testing.T) {
	seen := make(chan struct{})
	c, _ := connect(t, func(k *fakeKernel, req message) {
		k.publish(req, "display_data", display("0 %", "bar"))
		k.publish(req, "update_display_data", display("50 %", "bar"))
		<-seen
		k.finish(req, ok())
	})
	go func() {
		for end := time.Now().Add(10 * time.Second); texts(c.Showing()) != "display_data:50 %|" && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if got := texts(c.Showing()); got != "display_data:50 %|" {
			t.Errorf("a cell that runs shows %q", got)
		}
		close(seen)
	}()
	run(t, c, "train")
	if got := c.Showing(); len(got) > 0 {
		t.Errorf("when no cell runs: %q", texts(got))
	}
}

func TestLateOutputFindsItsCell(t *testing.T) {
	var first message
	c, _ := connect(t, func(k *fakeKernel, req message) {
		if req.text("code") == "first" {
			first = req
		} else {
			k.publish(first, "stream", stream("stdout", "late"))
		}
		k.finish(req, ok())
	})
	one := run(t, c, "first")
	two := run(t, c, "second")
	if texts(one.Outputs()) != "stream:stdoutlate|" || texts(two.Outputs()) != "" {
		t.Errorf("first %q, second %q", texts(one.Outputs()), texts(two.Outputs()))
	}
}

func TestErrorsOfCells(t *testing.T) {
	c, _ := connect(t, func(k *fakeKernel, req message) {
		k.publish(req, "stream", stream("stdout", "before"))
		k.publish(req, "error", map[string]any{"ename": "Oops", "evalue": "no", "traceback": []string{"l1", "l2"}})
		k.finish(req, map[string]any{"status": "error", "ename": "Oops", "evalue": "no"})
	})
	r := run(t, c, "x")
	if r.OK || r.EName != "Oops" || r.EValue != "no" {
		t.Errorf("result %+v", r)
	}
	out := r.Outputs()
	if texts(out) != "stream:stdoutbefore|error:Oops|" || strings.Join(out[1].Traceback, ",") != "l1,l2" {
		t.Errorf("outputs %+v", out)
	}
}

func TestWrongSignatureIsIgnored(t *testing.T) {
	c, _ := connect(t, func(k *fakeKernel, req message) {
		k.forge(req, "stream", stream("stdout", "forged"))
		k.forge(req, "status", map[string]any{"execution_state": "idle"})
		k.publish(req, "stream", stream("stdout", "real"))
		k.finish(req, ok())
	})
	if r := run(t, c, "x"); texts(r.Outputs()) != "stream:stdoutreal|" {
		t.Errorf("outputs %q", texts(r.Outputs()))
	}
}

func TestTimeoutInterrupts(t *testing.T) {
	c, _ := connect(t, func(k *fakeKernel, req message) {
		k.publish(req, "stream", stream("stdout", "started;"))
		<-k.interrupt
		k.publish(req, "stream", stream("stdout", "saved"))
		k.finish(req, map[string]any{"status": "error", "ename": "Interrupted"})
	})
	slow := errors.New("too slow")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, slow)
	defer cancel()
	r, err := c.Execute(ctx, "x")
	if !errors.Is(err, slow) || errors.Is(err, ErrStuck) {
		t.Fatalf("error %v, want the cause of the timeout", err)
	}
	if texts(r.Outputs()) != "stream:stdoutstarted;saved|" {
		t.Errorf("outputs %q", texts(r.Outputs()))
	}
	if _, err := c.Execute(ctx, "y"); !errors.Is(err, slow) {
		t.Errorf("Execute after the end of the context: %v", err)
	}
}

func TestCellThatIgnoresInterrupts(t *testing.T) {
	c, _ := connect(t, func(*fakeKernel, message) {})
	c.grace = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Execute(ctx, "x"); !errors.Is(err, ErrStuck) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want ErrStuck and the deadline", err)
	}
}

func TestInputIsRefused(t *testing.T) {
	c, _ := connect(t, func(k *fakeKernel, req message) {
		k.mu.Lock()
		id := k.shellID
		k.mu.Unlock()
		k.send(k.stdin, k.conn.Key, req, "input_request", map[string]any{"prompt": "name?"}, id)
		<-k.interrupt // a kernel without an answer waits until it is interrupted
		k.finish(req, map[string]any{"status": "error", "ename": "Interrupted"})
	})
	if r := run(t, c, "x"); r.OK {
		t.Error("a cell that asked for input went on")
	}
}

func TestDialGivesUp(t *testing.T) {
	conn, err := newConnection()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx, conn); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
}

func TestCloseAsksForShutdown(t *testing.T) {
	c, k := connect(t, func(*fakeKernel, message) {})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-k.stopped:
	case <-time.After(5 * time.Second):
		t.Error("the kernel was not asked to shut down")
	}
}

func TestSettle(t *testing.T) {
	in := []Output{
		{Type: "display_data", Data: map[string]any{"text/plain": "A"}},
		{Type: "stream", Name: "stderr", Text: "w"},
		{Type: "stream", Name: "stdout", Text: "1"},
		{Type: "display_data", Data: map[string]any{"text/plain": "B"}},
		{Type: "stream", Name: "stdout", Text: "2"},
	}
	if got := texts(Settle(in)); got != "stream:stdout12|stream:stderrw|display_data:A|display_data:B|" {
		t.Errorf("settled: %q", got)
	}
}
