// Package console is what a command shows in a terminal while it works, and when it ends. It needs the standard library alone, and little
// of that: what starts lab is compiled in front of the reader.
package console

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Step shows that something long is under way: on a terminal one line that is rewritten four times a second, elsewhere
// a line after two seconds and then one every 15 s. What takes less than two seconds leaves no trace.
type Step struct {
	out   *os.File
	label string
	start time.Time
	tty   bool
	stop  chan struct{}
	ended sync.WaitGroup

	mu          sync.Mutex
	done, total int
	detail      func() string
}

// NewStep announces a step.
func NewStep(out *os.File, label string) *Step {
	s := &Step{out: out, label: label, start: time.Now(), tty: isTerminal(out), stop: make(chan struct{})}
	first, every := 2*time.Second, 15*time.Second
	if s.tty {
		first, every = 250*time.Millisecond, 250*time.Millisecond
	}
	s.ended.Add(1)
	go func() {
		defer s.ended.Done()
		for next := time.After(first); ; next = time.After(every) {
			select {
			case <-next:
				s.Show()
			case <-s.stop:
				return
			}
		}
	}()
	if s.tty {
		s.Show()
	}
	return s
}

// isTerminal reports whether a file is a terminal on which a line can be rewritten.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// Set updates the counter and the detail behind it. A nil step shows nothing.
func (s *Step) Set(done, total int, detail string) {
	s.SetFunc(done, total, func() string { return detail })
}

// SetFunc is Set with a detail that is asked for whenever it is shown.
func (s *Step) SetFunc(done, total int, detail func() string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done, s.total, s.detail = done, total, detail
}

// Show shows the step as it is now.
func (s *Step) Show() {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := fmt.Sprintf("  … %s · %.0f s", s.label, time.Since(s.start).Seconds())
	if s.total > 0 {
		line += fmt.Sprintf(" · %d of %d", s.done, s.total)
	}
	if s.detail != nil {
		if text := s.detail(); text != "" {
			line += " · " + strings.ReplaceAll(Plain(text), "\n", " ")
		}
	}
	if !s.tty {
		fmt.Fprintln(s.out, line)
		return
	}
	fmt.Fprintf(s.out, "\r\x1b[K%s", Fitted(line, Columns(s.out)-1)) // a longer one would wrap and could not be rewritten
}

// Fitted is a line of at most n characters.
func Fitted(line string, n int) string {
	if r := []rune(line); len(r) > n {
		return string(r[:max(n-1, 0)]) + "…"
	}
	return line
}

// End finishes the step: with a tick, or with a cross when err is not nil.
func (s *Step) End(err error) {
	if s == nil {
		return
	}
	s.Clear()
	took := time.Since(s.start)
	switch {
	case err != nil:
		fmt.Fprintf(s.out, "  ✗ %s (%.1f s)\n", s.label, took.Seconds())
	case took > 2*time.Second:
		fmt.Fprintf(s.out, "  ✓ %s (%.1f s)\n", s.label, took.Seconds())
	}
}

// Clear finishes the step without a word.
func (s *Step) Clear() {
	close(s.stop)
	s.ended.Wait()
	if s.tty {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
}

// Lines is a writer that calls back for every complete line.
type Lines struct {
	Each func(string)
	rest []byte
}

// Write implements io.Writer.
func (l *Lines) Write(b []byte) (int, error) {
	l.rest = append(l.rest, b...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		l.Each(strings.TrimRight(string(l.rest[:i]), "\r"))
		l.rest = l.rest[i+1:]
	}
}

// Columns is how wide the terminal is: as it says, or as COLUMNS does, or 80.
func Columns(f *os.File) int {
	if n := windowSize(f); n > 0 {
		return n
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return 80
}
