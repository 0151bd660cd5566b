package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stallAfter is how long a download may stay silent. It is a variable so that
// tests need not wait.
var stallAfter = 30 * time.Second

// client gives up quickly on a host that does not answer: a notebook without
// network should fall back to a stand-in in seconds. There is no limit on the
// whole download, since a slow line is not an error; silence is (stallAfter).
var client = &http.Client{CheckRedirect: staysOnHTTPS, Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	TLSHandshakeTimeout:   10 * time.Second,
	ResponseHeaderTimeout: 20 * time.Second,
	ForceAttemptHTTP2:     true,
}}

// staysOnHTTPS refuses a redirect to where everybody on the way can read and write.
func staysOnHTTPS(req *http.Request, via []*http.Request) error {
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("it leads to %s, which is not https", req.URL)
	}
	if len(via) >= 10 {
		return errors.New("it leads on for ten times")
	}
	return nil
}

// errAnew says that a download cannot go on from where it was interrupted.
var errAnew = errors.New("the server does not go on from there")

// fetch returns the checked content of f. It goes on from what an interrupted download has
// left in part, and leaves there what it got if it is interrupted itself.
func (f file) fetch(ctx context.Context, part string) ([]byte, error) {
	begun, bad, err := f.kept(part) // nothing where there is none
	if err == nil && bad == nil {   // complete
		_ = os.Remove(part)
		return begun, nil
	}
	for {
		content, whole, err := f.download(ctx, begun, part)
		if err == nil {
			err = f.verify(content)
		}
		switch {
		case err == nil:
			_ = os.Remove(part)
			return content, nil
		case (whole || errors.Is(err, errAnew)) && len(begun) > 0: // what was begun was of something else
			_ = os.Remove(part)
			begun = nil
		case whole:
			_ = os.Remove(part)
			return nil, err
		default:
			return nil, err
		}
	}
}

// download fetches the content of f.URL that comes after what has begun, and writes what
// arrives to the file part, too. It reports whether all has arrived, or cannot.
func (f file) download(ctx context.Context, begun []byte, part string) (content []byte, whole bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	resp, err := f.request(ctx, len(begun))
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusOK {
		begun = nil // it begins anew
	}
	at := int64(len(begun))
	if at+resp.ContentLength > f.Max {
		return nil, true, fmt.Errorf("GET %s: the server announces %d bytes, expected at most %d", f.URL, at+resp.ContentLength, f.Max)
	}
	stall := time.AfterFunc(stallAfter, func() {
		cancel(fmt.Errorf("GET %s: nothing arrived for %v", f.URL, stallAfter))
	})
	defer stall.Stop()
	bar := newBar(os.Stderr, f.Name, at, resp.ContentLength)
	defer bar.done()
	var kept *os.File
	defer func() { _ = kept.Close() }()
	body := io.TeeReader(io.LimitReader(resp.Body, f.Max+1-at), watcher(func(p []byte) {
		stall.Reset(stallAfter)
		bar.add(len(p))
		if kept == nil {
			kept = openPart(part)
		}
		_, _ = kept.WriteAt(p, at) // two that load at once write the same to the same places
		at += int64(len(p))
	}))
	arrived, err := io.ReadAll(body)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause // "context canceled" says less than why
	}
	if err != nil {
		return nil, false, fmt.Errorf("GET %s: after %d bytes: %w", f.URL, at, err)
	}
	if at > f.Max {
		return nil, true, fmt.Errorf("GET %s: more than the expected %d bytes", f.URL, f.Max)
	}
	return append(slices.Clip(begun), arrived...), true, nil
}

// request asks for the bytes of f.URL from one on.
func (f file) request(ctx context.Context, from int) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity") // so that bytes are counted as they are
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	begins := strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", from))
	switch ct := resp.Header.Get("Content-Type"); {
	case from > 0 && (resp.StatusCode == http.StatusRequestedRangeNotSatisfiable || resp.StatusCode == http.StatusPartialContent && !begins):
		err = errAnew
	case resp.StatusCode != http.StatusOK && (resp.StatusCode != http.StatusPartialContent || from == 0):
		err = fmt.Errorf("GET %s: the server answers %s", f.URL, resp.Status)
	case strings.HasPrefix(ct, "text/html"):
		err = fmt.Errorf("GET %s: the answer is a web page (%s), not data; a login page of the network?", f.URL, ct)
	}
	if err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// openPart opens the file that keeps what has arrived; nil, which keeps nothing, where it
// cannot be: the data are wanted all the same.
func openPart(path string) *os.File {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil
	}
	return f
}

// watcher is an io.Writer that reports what passes.
type watcher func(p []byte)

func (w watcher) Write(p []byte) (int, error) {
	w(p)
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
func newBar(out *os.File, name string, got, rest int64) *bar {
	info, err := out.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	total := int64(-1)
	if rest >= 0 {
		total = got + rest
	}
	return &bar{out: out, name: name, got: got, total: total}
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
