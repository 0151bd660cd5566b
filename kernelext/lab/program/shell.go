package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The kernel runs a shell line and goes on, however it ended, and of a command that it does not know it only says so on
// standard error. What a cell prints there is no sign of failure. So shell lines go through a program of ours that notes
// their exit status, and commands are compared with those that the kernel has.

// bash is the shell that GoNB runs "!command" lines with.
const bash = "/bin/bash"

// A shellLine is one that was sent to the kernel.
type shellLine struct {
	text   string // as in the cell
	result string // the file with its exit status
}

// watched returns the source of a cell in which shell lines go through our program. It has as many lines as before.
func (s *session) watched(source string) (string, []shellLine) {
	var shell []shellLine
	add := func(text string) []string {
		s.lines++
		l := shellLine{text, filepath.Join(s.folder, fmt.Sprintf("line-%d", s.lines))}
		shell = append(shell, l)
		return []string{s.line, l.result}
	}
	lines := strings.Split(source, "\n")
	if words := strings.Fields(withoutPrefix(lines[0])); len(words) > 0 && slices.Contains(cellCommands, words[0]) {
		if interpreter := strings.TrimPrefix(words[0], "%%"); interpreter == "bash" || interpreter == "sh" || interpreter == "script" {
			rest := strings.TrimPrefix(strings.TrimSpace(withoutPrefix(lines[0])), words[0])
			if interpreter != "script" {
				rest = " " + interpreter + rest
			}
			program := add(lines[0])
			lines[0] = fmt.Sprintf(`%%%%script "%s" -own-input "%s"%s`, program[0], program[1], rest)
		}
		return strings.Join(lines, "\n"), shell
	}
	for i := 0; i < len(lines); i++ {
		command, ok := strings.CutPrefix(withoutPrefix(lines[i]), "!")
		if !ok {
			continue
		}
		from := i
		for strings.HasSuffix(command, `\`) && i+1 < len(lines) { // as the kernel joins them
			i++
			command = strings.TrimSuffix(command, `\`) + " " + withoutPrefix(lines[i])
		}
		command = strings.TrimLeft(command, " \t")
		where := "!"
		if inside, ok := strings.CutPrefix(command, "*"); ok {
			command, where = inside, "!*"
		}
		if strings.TrimSpace(command) == "" {
			continue
		}
		program := add(where + command)
		lines[from] = where + shellQuoted(program[0]) + " " + shellQuoted(program[1]) + " " + bash + " -c " + shellQuoted(command)
		for j := from; j < i; j++ { // lines that were joined stay, and are joined again
			lines[j] += `\`
			lines[j+1] = ""
		}
	}
	return strings.Join(lines, "\n"), shell
}

// withoutPrefix removes the comment under which editors accept the kernel's commands in Go files.
func withoutPrefix(line string) string {
	return strings.TrimPrefix(line, "//gonb:")
}

// shellQuoted is s as one word of a shell.
func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// outcome reads how shell lines went: the first that failed, and what they have left running.
func outcome(shell []shellLine) (failure, note string) {
	for _, l := range shell {
		var code int
		var left string
		b, err := os.ReadFile(l.result)
		if err == nil {
			_, err = fmt.Sscan(string(b)+" -", &code, &left)
		}
		_ = os.Remove(l.result) // the folder goes in the end
		switch {
		case failure != "":
		case err != nil:
			failure = "it was killed: " + l.text
		case code != 0:
			failure = fmt.Sprintf("exit status %d: %s", code, l.text)
		}
		if left == "left" {
			note = l.text + " has left a process running; it ends with the notebook, and what it prints is not shown"
		}
	}
	return failure, note
}

// The commands of GoNB, by what follows the percent sign, and those that make the whole cell their own.
var (
	lineCommands = []string{
		"%", "main", "args", "test", "exec", "wasm", "widgets", "widgets_hb", "env", "cd", "goflags", "autoget", "noautoget", "help", "version",
		"reset", "ls", "list", "rm", "remove", "with_inputs", "with_password", "track", "untrack", "goworkfix", "capture",
	}
	cellCommands = []string{"%%writefile", "%%script", "%%bash", "%%sh", "%%gx"}
)

// commandProblem says which of a cell's commands cannot work here, "" if all can.
func commandProblem(source string) string {
	lines := strings.Split(source, "\n")
	for i, l := range lines {
		words := strings.Fields(withoutPrefix(l))
		if len(words) == 0 || !strings.HasPrefix(withoutPrefix(l), "%") || len(strings.TrimSpace(l)) < 2 {
			continue
		}
		if i == 0 && slices.Contains(cellCommands, words[0]) {
			return ""
		}
		name := strings.TrimPrefix(words[0], "%")
		if name == "" && len(words) > 1 {
			name = words[1] // "% main"
		}
		switch {
		case name == "with_inputs" || name == "with_password":
			return fmt.Sprintf("it asks for input (%%%s), and here is nobody to answer: tag the cell %s", name, skipped)
		case !slices.Contains(lineCommands, name) && !slices.Contains(cellCommands, "%"+name):
			return fmt.Sprintf("%q is no command of the kernel; %%help in a cell lists them", strings.TrimSpace(words[0]))
		}
	}
	return ""
}

// forThisShell leaves the line that makes a workspace out of a setup cell where there is no bash to run it: under this
// kernel the workspace exists already.
func forThisShell(source string, hasBash bool) string {
	if hasBash {
		return source
	}
	var kept []string
	for _, line := range strings.Split(source, "\n") {
		if !strings.HasPrefix(line, "!") || !strings.Contains(line, "go work init") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
