// Command bench measures the compute core against its peers on this machine:
//
//	go run ./pkg/internal/bench [-peer NAME,…] [-neighbour [-nice N]] [-rounds N] [NAME…]
//	go run ./pkg/internal/bench -table FILE…
//	go run ./pkg/internal/bench -growth [NAME…]
//	go run ./pkg/internal/bench -instructions [NAME…]
//
// Each workload is the same mathematics on the same data on both sides; a result of
// both is compared before anything is timed. Data are generated, files read and
// programs compiled outside the timed part. All sides live in processes of their
// own and take turns, so that a neighbour on the machine disturbs each of them. A line
// for each side gives the median time of a unit and the peak memory, and for a peer the
// ratio of the medians, its time over ours, with the range of the ratios of single
// rounds. NAME selects workloads by the beginning of their names.
//
// With -neighbour everything is measured a second time beside a process that computes
// without end, of the same priority or, with -nice, of a lower one.
//
// Peers are Python scripts with two threads (or as many as GOMAXPROCS says); what is
// missing is said and skipped. The interpreter is python3, or the one that the
// environment variable L2O_PYTHON names. The peer of minus30-… is our own FISTA on the
// way to −30 dB, where both sides agree in having come there. L2O_KERNELS chooses our
// kernels (avx2, go, …), as everywhere.
//
// -table makes a table, such as .github/SPEED.md has, of outputs that were kept in files, with the best
// peer of each workload. -growth measures how cost grows with the problem. -instructions
// counts what a unit takes on emulated machines; it takes as long as emulation does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if name := os.Getenv(childVariable); name != "" {
		if err := child(name, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	asked := flags.String("peer", "", "peers, divided by commas; by default all: "+strings.Join(peers, ", "))
	rounds := flags.Int("rounds", 0, "rounds of each workload; by default enough for 10 seconds of each side, at least 3")
	besides := flags.Bool("neighbour", false, "measure a second time beside a busy process")
	nice := flags.Int("nice", 0, "how little the system favours that process: 0 is like all others, 19 the least")
	tables := flags.Bool("table", false, "measure nothing, and print a table in Markdown of the outputs in the files that are named")
	grows := flags.Bool("growth", false, "measure how time and memory grow with the problem")
	counts := flags.Bool("instructions", false, "count instructions on emulated machines (QEMU, a C compiler) instead of seconds on this one")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: go run ./pkg/internal/bench [flags] [NAME…]")
		flags.PrintDefaults()
		fmt.Fprintln(flags.Output(), "environment: L2O_PYTHON names the Python that has the peers, default python3; L2O_KERNELS chooses our kernels\nworkloads:")
		for _, w := range workloads {
			fmt.Fprintf(flags.Output(), "  %-25s %s\n", w.name, w.what)
		}
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *tables {
		return table(os.Stdout, flags.Args())
	}
	var chosen []workload
	var err error
	if !*grows {
		if chosen, err = choose(flags.Args()); err != nil {
			return err
		}
	}
	b, end, err := newBench(func(format string, args ...any) { fmt.Printf(format+"\n", args...) })
	if err != nil {
		return err
	}
	defer end()
	if b.peers, err = choosePeers(*asked); err != nil {
		return err
	}
	if *counts {
		return b.instructions(ctx, chosen)
	}
	b.rounds, b.beside, b.nice, b.peak = *rounds, *besides, *nice, fmaPeak()
	b.say("%s", machine(b.peak))
	if isBusy() {
		b.say("# the machine is busy with something else: a peer with two threads suffers most from that, so do not quote these ratios")
	}
	if *grows {
		return b.growth(ctx, flags.Args())
	}
	if b.beside {
		b.say("# busy: beside one process that computes, with nice %d", b.nice)
	}
	for _, w := range chosen {
		if err := b.measure(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

// choosePeers reads the names of peers, all without any.
func choosePeers(names string) ([]string, error) {
	if names == "" {
		return peers, nil
	}
	chosen := strings.Split(names, ",")
	for _, n := range chosen {
		if !slices.Contains(peers, n) {
			return nil, fmt.Errorf("there is no peer %q, only %s", n, strings.Join(peers, ", "))
		}
	}
	return chosen, nil
}

// choose returns the workloads whose names begin with one of the given, all without any.
func choose(names []string) ([]workload, error) {
	if len(names) == 0 {
		return workloads, nil
	}
	var chosen []workload
	for _, n := range names {
		before := len(chosen)
		for _, w := range workloads {
			if strings.HasPrefix(w.name, n) {
				chosen = append(chosen, w)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("no workload is called %q: -h lists them", n)
		}
	}
	return chosen, nil
}
