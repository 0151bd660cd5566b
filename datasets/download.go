package datasets

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// stallAfter is how long a download may stay silent. It is a variable so that
// tests need not wait.
var stallAfter = 30 * time.Second

// client gives up quickly on a host that does not answer: a notebook without
// network should fall back to a stand-in in seconds. There is no limit on the
// whole download, since a slow line is not an error; silence is (stallAfter).
var client = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	TLSHandshakeTimeout:   10 * time.Second,
	ResponseHeaderTimeout: 20 * time.Second,
	ForceAttemptHTTP2:     true,
}}

// download fetches the content of f.URL, unchecked.
func (f file) download(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: the server answers %s", f.URL, resp.Status)
	}
	if ct := resp.Header.Get("Content-Type"); strings.HasPrefix(ct, "text/html") {
		return nil, fmt.Errorf("GET %s: the answer is a web page (%s), not data; a login page of the network?", f.URL, ct)
	}
	if resp.ContentLength > f.Max {
		return nil, fmt.Errorf("GET %s: the server announces %d bytes, expected at most %d", f.URL, resp.ContentLength, f.Max)
	}

	stall := time.AfterFunc(stallAfter, func() {
		cancel(fmt.Errorf("GET %s: nothing arrived for %v", f.URL, stallAfter))
	})
	defer stall.Stop()
	bar := newBar(os.Stderr, f.Name, resp.ContentLength)
	defer bar.done()
	body := io.TeeReader(io.LimitReader(resp.Body, f.Max+1), watcher(func(n int) {
		stall.Reset(stallAfter)
		bar.add(n)
	}))
	content, err := io.ReadAll(body)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause // "context canceled" says less than why
	}
	if err != nil {
		return nil, fmt.Errorf("GET %s: after %d bytes: %w", f.URL, len(content), err)
	}
	if int64(len(content)) > f.Max {
		return nil, fmt.Errorf("GET %s: more than the expected %d bytes", f.URL, f.Max)
	}
	return content, nil
}

// watcher is an io.Writer that reports how much passes.
type watcher func(n int)

func (w watcher) Write(p []byte) (int, error) {
	w(len(p))
	return len(p), nil
}

// bar is a progress bar on one line of a terminal. The nil bar draws nothing.
type bar struct {
	out   io.Writer
	name  string
	total int64 // bytes; negative when the server did not say
	got   int64
	drawn time.Time
}

// newBar returns a bar when out is a terminal, else nil: a log file or a
// notebook has no use for carriage returns.
func newBar(out *os.File, name string, total int64) *bar {
	info, err := out.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &bar{out: out, name: name, total: total}
}

// add counts n more bytes and redraws at most ten times a second.
func (b *bar) add(n int) {
	if b == nil {
		return
	}
	b.got += int64(n)
	if now := time.Now(); now.Sub(b.drawn) >= 100*time.Millisecond {
		b.drawn = now
		b.draw()
	}
}

// done draws the last state and ends the line.
func (b *bar) done() {
	if b == nil {
		return
	}
	b.draw()
	_, _ = fmt.Fprintln(b.out)
}

func (b *bar) draw() {
	const width = 30
	if b.total <= 0 {
		_, _ = fmt.Fprintf(b.out, "\r%s  %d kB", b.name, b.got/1000)
		return
	}
	full := min(width, int(width*b.got/b.total))
	_, _ = fmt.Fprintf(b.out, "\r%s  [%s%s] %3d %% of %d kB", b.name,
		strings.Repeat("=", full), strings.Repeat(" ", width-full), min(100, 100*b.got/b.total), b.total/1000)
}
