// Command bench measures the compute core against its peers on this machine:
//
//	go run ./pkg/internal/bench [-peer torch|jax|numpy] [-rounds N] [NAME…]
//
// Each workload is the same mathematics on the same data on both sides; a result of
// both is compared before anything is timed. Data are generated, files read and
// programs compiled outside the timed part. Both sides live in processes of their
// own and take turns, so that a neighbour on the machine disturbs both: one line for
// each workload gives the medians, the ratio of the medians, and the range of the
// ratios of single rounds. NAME selects workloads by the beginning of their names.
//
// Peers are Python scripts with two threads (or as many as GOMAXPROCS says); what is
// missing is said and skipped. The interpreter is python3, or the one that the
// environment variable L2O_PYTHON names. The peer of minus30-… is our own FISTA on the
// way to −30 dB, where both sides agree in having come there.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/l2olab/l2o/pkg/internal/kern"
)

func main() {
	if name := os.Getenv("L2O_BENCH_CHILD"); name != "" {
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
	peer := flags.String("peer", "", "torch, jax or numpy; by default numpy for fista and torch for the others")
	rounds := flags.Int("rounds", 0, "rounds of each workload; by default enough for 20 seconds, at least 3")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: go run ./pkg/internal/bench [-peer torch|jax|numpy] [-rounds N] [NAME…]")
		flags.PrintDefaults()
		fmt.Fprintln(flags.Output(), "environment: L2O_PYTHON names the Python that has torch, jax or numpy; default python3\nworkloads:")
		for _, w := range workloads {
			fmt.Fprintf(flags.Output(), "  %-18s %s\n", w.name, w.what)
		}
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *peer != "" && !slices.Contains(peers, *peer) {
		return fmt.Errorf("there is no peer %q, only %s", *peer, strings.Join(peers, ", "))
	}
	chosen, err := choose(flags.Args())
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "l2obench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := unpack(dir); err != nil {
		return err
	}
	peak := fmaPeak()
	fmt.Printf("%s, %d cores, %s %s/%s, kernels %s, FMA peak %.0f GF/s (float32), load before %s\n",
		processor(), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH, kern.Name(), peak, load())
	if busy, err := strconv.ParseFloat(load(), 64); err == nil && busy > 0.5 {
		fmt.Println("the machine is busy with something else: a peer with two threads suffers most from that, so do not quote these ratios")
	}
	seen := map[string]bool{}
	for _, w := range chosen {
		r, err := race(ctx, dir, w, cmp.Or(*peer, w.peer, "torch"), *rounds)
		var skip *skipped
		switch {
		case errors.As(err, &skip):
			fmt.Printf("%s skipped: %s\n", w.name, skip.why)
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if !seen[r.peer] {
			seen[r.peer] = true
			fmt.Printf("peer: %s\n", r.peer)
		}
		fmt.Printf("%s ours %s peer %s ratio %.2f (%.2f–%.2f)%s\n", w.name, ms(r.ours), ms(r.theirs), r.ratio, r.low, r.high, r.more(w, peak))
	}
	return nil
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

// ms prints a time in milliseconds with three digits.
func ms(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f ms", x)
	case x >= 10:
		return fmt.Sprintf("%.1f ms", x)
	case x >= 1:
		return fmt.Sprintf("%.2f ms", x)
	}
	return fmt.Sprintf("%.4f ms", x)
}

// processor is the model's name where the system tells it.
func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(data)) {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				return strings.TrimSpace(v)
			}
		}
	}
	return runtime.GOARCH + " processor"
}

// load is the average number of running processes of the last minute: on a quiet
// machine near 0.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(data)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "unknown"
}

// budget is how long the rounds of one workload take when their number is not given.
const budget = 20 * time.Second
