//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// line runs a shell line of a cell and leaves a word of how it went, because the kernel tells nobody:
//
//	line [-own-input] RESULT PROGRAM ARGUMENT…
//
// The file RESULT gets the exit code, and a second word "left" if processes remain that hold the output.
// For those the kernel would wait as long as they live. So the line ends without them, and what they
// print from then on goes nowhere.
func line(args []string) int {
	stdin := input()
	if len(args) > 0 && args[0] == "-own-input" {
		stdin, args = os.Stdin, args[1:]
	}
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "line: no result and program")
		return 2
	}
	code, left := passThrough(exec.Command(args[1], args[2:]...), stdin)
	text := strconv.Itoa(code)
	if left {
		text += " left"
	}
	if err := os.WriteFile(args[0], []byte(text), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// input is what a cell reads that asks for input where nobody can answer: an open file that
// lab has handed down and that L2O_INPUT has the number of. Lab sees whether anything was read.
// Without one, there is nothing to read.
func input() *os.File {
	n, err := strconv.Atoi(os.Getenv("L2O_INPUT"))
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(n), "input")
}

// passThrough runs a program and hands on its output and our signals.
func passThrough(cmd *exec.Cmd, stdin *os.File) (code int, left bool) {
	if stdin != nil {
		cmd.Stdin = stdin
	}
	var ends [2]*stream
	for i, to := range []*os.File{os.Stdout, os.Stderr} {
		r, w, err := os.Pipe()
		if err != nil {
			return exitCode(err), false
		}
		defer func() { _ = w.Close() }()
		ends[i] = &stream{from: r, to: to, done: make(chan struct{})}
		if i == 0 {
			cmd.Stdout = w
		} else {
			cmd.Stderr = w
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := cmd.Start(); err != nil {
		return exitCode(err), false
	}
	go func() {
		for s := range signals {
			_ = cmd.Process.Signal(s) // it may have ended
		}
	}()
	for _, w := range []any{cmd.Stdout, cmd.Stderr} {
		_ = w.(*os.File).Close() // ours: the end comes when nobody else holds it
	}
	for _, s := range ends {
		go s.copy()
	}
	code = exitCode(cmd.Wait())
	for _, s := range ends {
		left = !s.finish() || left
	}
	if left {
		cmd := exec.Command("/proc/self/exe")
		if self, err := os.Executable(); err == nil {
			cmd.Path = self
		}
		cmd.Args = []string{"drain"}
		cmd.ExtraFiles = []*os.File{ends[0].from, ends[1].from}
		if err := cmd.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return code, left
}

// A stream is copied until its end, or until nobody writes to it after the program has ended.
type stream struct {
	from, to *os.File
	waiting  atomic.Int64 // since when there is nothing to read, in nanoseconds; 0 while something is written
	done     chan struct{}
}

func (s *stream) copy() {
	defer close(s.done)
	buf := make([]byte, 1<<15)
	for {
		s.waiting.Store(time.Now().UnixNano())
		n, err := s.from.Read(buf)
		s.waiting.Store(0)
		if _, bad := s.to.Write(buf[:n]); err != nil || bad != nil {
			return
		}
	}
}

// stillness is how long a stream is quiet before those who hold it count as left behind.
const stillness = 300 * time.Millisecond

// finish waits for the end of the stream, and reports false if others hold it.
func (s *stream) finish() bool {
	ended := time.Now()
	for {
		select {
		case <-s.done:
			return true
		case <-time.After(20 * time.Millisecond):
		}
		if at := s.waiting.Load(); at != 0 && time.Since(ended) > stillness && time.Now().UnixNano()-at > int64(stillness) {
			return false
		}
	}
}

// drain reads two pipes, which it has from [line], until nobody holds them.
func drain() {
	done := make(chan struct{})
	for fd := range uintptr(2) {
		go func() {
			_, _ = io.Copy(io.Discard, os.NewFile(3+fd, "pipe"))
			done <- struct{}{}
		}()
	}
	<-done
	<-done
}
