// Command program is what lab does: it runs the notebooks of L2O Lab, in JupyterLab, or by itself without Python. It is compiled
// and started by kernelext/lab, which shows how far that is:
//
//	go run ./kernelext/lab                 build what is needed, then open JupyterLab
//	go run ./kernelext/lab run NOTEBOOK…   execute notebooks and write their outputs back
//	go run ./kernelext/lab help            all commands
//
// Everything that it builds lies in the folder .l2o of the repository, or in L2O_HOME; the home directory stays as it is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/console"
)

// A command is one thing that lab can do.
type command struct {
	name  string
	usage string // what follows the name
	about string // one line
	run   func(ctx context.Context, args []string) error
}

// commands lists them in the order in which help shows them. It is filled in init because help reads it.
var commands []command

func init() {
	commands = []command{
		{"open", "[-port N] [-no-browser]", "open the notebooks in JupyterLab; without Jupyter, install it privately (the default)", runOpen},
		{"run", "[-html] [-o OUT] [-timeout D] NOTEBOOK…", "execute notebooks without Python and write their outputs back; what they keep (kernelext.Keep) is computed anew", runRun},
		{"check", "[-all] [-timeout D] [-drift R] [-at-once N] [NOTEBOOK…]", "re-run notebooks and compare what they say with what is committed; without a name, those that have changed since they were checked, or whose part of the library has", runCheck},
		{"ledger", "[-paper P] [-json | -markdown] [NOTEBOOK…]", "print the ledger rows of the executed notebooks, of one paper or of all", runLedger},
		{"site", "[-gif FILE] DIR", "write the course as static pages into a folder, with search and playgrounds; from the committed outputs, without running anything", runSite},
		{"train", "[-o FOLDER] NAME…", "make the weights or the kept curve of a recipe again; without a name, list the recipes", runTrain},
		{"setup", "[-no-completion]", "do everything that open does, except opening", runSetup},
		{"doctor", "", "say what is here, what is missing, and how to get it", runDoctor},
		{"clean", "[-all]", "remove what lab has built; kept results and checkpoints stay unless -all is given", runClean},
		{"help", "", "show this text", runHelp},
	}
}

// errReported ends the program with exit code 1 after the problem was printed already.
var errReported = errors.New("already reported")

// A usageError is wrong use of the command line: exit code 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func main() {
	ctx, stop := console.UntilTheEnd()
	err := dispatch(ctx, os.Args[1:])
	stop()
	var usage usageError
	switch {
	case err == nil:
	case errors.Is(err, errReported):
		os.Exit(1)
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(2)
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "lab: interrupted")
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

// dispatch runs the command that args name; without one, or with flags alone, it opens JupyterLab.
func dispatch(ctx context.Context, args []string) error {
	name := "open"
	switch {
	case len(args) > 0 && isHelp(args[0]):
		name = "help"
	case len(args) > 0 && !strings.HasPrefix(args[0], "-"):
		name, args = args[0], args[1:]
	}
	for _, c := range commands {
		if c.name == name {
			err := c.run(ctx, args)
			if errors.Is(err, flag.ErrHelp) {
				fmt.Printf("go run ./kernelext/lab %s %s\n  %s\n", c.name, c.usage, c.about)
				return nil
			}
			return err
		}
	}
	return usageError{fmt.Sprintf("there is no command %q; \"go run ./kernelext/lab help\" lists them all", name)}
}

func isHelp(s string) bool { return s == "-h" || s == "-help" || s == "--help" }

func runHelp(context.Context, []string) error {
	fmt.Println("L2O Lab: the notebooks and what they need.")
	fmt.Println()
	width := console.Columns(os.Stdout)
	for _, c := range commands {
		fmt.Print(indented("  ", "go run ./kernelext/lab "+strings.TrimSpace(c.name+" "+c.usage), "          ", width))
		fmt.Print(indented("      ", c.about, "      ", width))
	}
	return nil
}

// newStep announces something that takes its time.
func newStep(label string) *console.Step { return console.NewStep(os.Stdout, label) }

// flags returns a flag set whose errors come back from parse instead of being printed.
func flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parse reads flags, also behind the arguments ("run a.ipynb -html"), and returns the arguments.
func parse(fs *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usageError{fmt.Sprintf("%s: %v; \"go run ./kernelext/lab help\" shows its flags", fs.Name(), err)}
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
	}
}

// noArgs is parse for commands that take flags alone.
func noArgs(fs *flag.FlagSet, args []string) error {
	rest, err := parse(fs, args)
	if err == nil && len(rest) > 0 {
		err = usageError{fmt.Sprintf("%s takes no argument %q", fs.Name(), rest[0])}
	}
	return err
}
