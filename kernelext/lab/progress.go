package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// A step shows that something long is under way: on a terminal one line that is rewritten four times a second, elsewhere
// a line every 15 s. What takes less than two seconds leaves no trace.
type step struct {
	label string
	start time.Time
	tty   bool
	stop  chan struct{}
	ended sync.WaitGroup

	mu          sync.Mutex
	done, total int
	detail      string
}

// newStep announces a step.
func newStep(label string) *step {
	s := &step{label: label, start: time.Now(), stop: make(chan struct{})}
	if info, err := os.Stdout.Stat(); err == nil {
		s.tty = info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	every := 15 * time.Second
	if s.tty {
		every = 250 * time.Millisecond
	}
	s.ended.Add(1)
	go func() {
		defer s.ended.Done()
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.show()
			case <-s.stop:
				return
			}
		}
	}()
	if s.tty {
		s.show()
	}
	return s
}

// set updates the counter and the detail behind it. A nil step shows nothing.
func (s *step) set(done, total int, detail string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done, s.total, s.detail = done, total, detail
}

func (s *step) show() {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := fmt.Sprintf("  … %s · %.0f s", s.label, time.Since(s.start).Seconds())
	if s.total > 0 {
		line += fmt.Sprintf(" · %d of %d", s.done, s.total)
	}
	if s.detail != "" {
		line += " · " + s.detail
	}
	if !s.tty {
		fmt.Println(line)
		return
	}
	if r := []rune(line); len(r) > 79 { // a longer one would wrap and could not be rewritten
		line = string(r[:78]) + "…"
	}
	fmt.Printf("\r\x1b[K%s", line)
}

// end finishes the step: with a tick, or with a cross when err is not nil.
func (s *step) end(err error) {
	if s == nil {
		return
	}
	close(s.stop)
	s.ended.Wait()
	if s.tty {
		fmt.Print("\r\x1b[K")
	}
	took := time.Since(s.start)
	switch {
	case err != nil:
		fmt.Printf("  ✗ %s (%.1f s)\n", s.label, took.Seconds())
	case took > 2*time.Second:
		fmt.Printf("  ✓ %s (%.1f s)\n", s.label, took.Seconds())
	}
}

// lines is a writer that calls back for every complete line.
type lines struct {
	each func(string)
	rest []byte
}

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	l.rest = append(l.rest, b...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		l.each(strings.TrimRight(string(l.rest[:i]), "\r"))
		l.rest = l.rest[i+1:]
	}
}
