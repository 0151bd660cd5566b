package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestWatched(t *testing.T) {
	for in, want := range map[string]string{
		"fmt.Println(1)":               "fmt.Println(1)",
		"!echo 'a'":                    `!'/l' '/f/line-1' /bin/bash -c 'echo '\''a'\'''`,
		"!* pwd \\\n -L \\\n\n%%\nf()": "!*'/l' '/f/line-1' /bin/bash -c ' pwd   -L  '\\\n\\\n\n%%\nf()",
		"//gonb:!ls":                   `!'/l' '/f/line-1' /bin/bash -c 'ls'`,
		"!":                            "!",
		"%%bash\n!not":                 "%%script \"/l\" -own-input \"/f/line-1\" bash\n!not",
		"%%script a \"b c\"":           "%%script \"/l\" -own-input \"/f/line-1\" a \"b c\"",
		"%%writefile x\n!not":          "%%writefile x\n!not",
	} {
		s := &session{folder: "/f", line: "/l"}
		if got, _ := s.watched(in); got != want {
			t.Errorf("%q became\n%q, want\n%q", in, got, want)
		}
	}
}

func TestCommandProblem(t *testing.T) {
	for in, want := range map[string]string{
		"%nosuchmagic":              `"%nosuchmagic" is no command`,
		"%%\nx":                     "",
		"%% -v\nx":                  "",
		"x\n% main":                 "",
		"%noautoget\n%args a \"b\"": "",
		"%%bash\n%nosuchmagic":      "",
		"%%nosuch\nx":               "is no command",
		"%with_inputs\n!read x":     "asks for input",
		"//gonb:%nosuch":            "is no command",
		"  %indented is Go":         "",
	} {
		if got := commandProblem(in); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The commands that we know are those of the kernel whose version stands in go.mod.
func TestCommandsAreTheKernels(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", gonbPackage).Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal", "specialcmd")
	var line, cell []string
	for _, name := range []string{"specialcmd.go", "cellmagic.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CaseClause)
			for i := 0; ok && i < len(c.List); i++ {
				if lit, ok := c.List[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					if name == "specialcmd.go" {
						line = append(line, s)
					} else {
						cell = append(cell, s)
					}
				}
			}
			return true
		})
	}
	for _, c := range []struct {
		what       string
		have, want []string
	}{{"lines", lineCommands, line}, {"cells", cellCommands, cell}} {
		slices.Sort(c.want)
		if have := slices.Sorted(slices.Values(c.have)); !slices.Equal(have, c.want) {
			t.Errorf("commands of %s\n%q, the kernel has\n%q", c.what, have, c.want)
		}
	}
	if tools, err := exec.CommandContext(t.Context(), "go", "list", "-modfile=tools/go.mod", "-m", gonbPackage).Output(); err == nil {
		if own, err := exec.CommandContext(t.Context(), "go", "list", "-m", gonbPackage).Output(); errors.Join(err) != nil || string(own) != string(tools) {
			t.Errorf("the library has %s, the kernel is %s", own, tools)
		}
	}
}
