package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// counter is the source of a plugin of QEMU that counts instructions.
//
//go:embed emulator/count.c
var counter string

// emulators are the machines that can be emulated, with the kernels that run there.
var emulators = []struct {
	arch, program string
	kernels       []string
}{
	{"arm64", "qemu-aarch64", []string{"neon", "go"}},
	{"amd64", "qemu-x86_64", []string{"avx2", "go"}},
}

// instructions says for each workload how many instructions a unit takes on emulated machines,
// whose seconds would mean nothing: workload, machine, kernels, count, operations for each.
func (b *bench) instructions(ctx context.Context, chosen []workload) error {
	plugin, source := filepath.Join(b.dir, "count.so"), filepath.Join(b.dir, "count.c")
	if err := os.WriteFile(source, []byte(counter), 0o600); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "cc", "-O2", "-shared", "-fPIC", "-o", plugin, source).CombinedOutput(); err != nil {
		return fmt.Errorf("the counter of instructions needs a C compiler: %w\n%s", err, out)
	}
	for _, e := range emulators {
		qemu, err := exec.LookPath(e.program)
		if err != nil {
			b.once("%s skipped: there is no %s: install QEMU's emulators of single programs (Debian: qemu-user)", e.arch, e.program)
			continue
		}
		program := filepath.Join(b.dir, "bench-"+e.arch)
		build := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/l2olab/l2o/pkg/internal/bench")
		build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+e.arch, "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("compile for %s: %w\n%s", e.arch, err, out)
		}
		for _, w := range chosen {
			for _, k := range e.kernels {
				n, err := counted(ctx, w, k, qemu, "-plugin", plugin, program)
				if err != nil {
					return fmt.Errorf("%s on %s with the kernels %s: %w", w.name, e.arch, k, err)
				}
				line := fmt.Sprintf("%-25s %-6s %-5s %15.0f instructions", w.name, e.arch, k, n)
				if w.flops > 0 {
					line += fmt.Sprintf("  %.2f operations each", w.flops/n)
				}
				b.say("%s", line)
			}
		}
	}
	return nil
}

// counted is the number of instructions of a unit: what one more round costs, on one core and
// without collections of garbage, which come when they like. Rounds are short, because nothing
// has to be averaged.
func counted(ctx context.Context, w workload, kernels string, command ...string) (float64, error) {
	var total [2]float64
	units := max(1, w.units/100)
	for i := range total {
		env := []string{childVariable + "=" + w.name, "L2O_KERNELS=" + kernels, "GOMAXPROCS=1", "GOGC=off", unitsVariable + "=" + strconv.Itoa(units)}
		t, err := begin(ctx, env, command[0], command[1:]...)
		for range i + 1 {
			if err == nil {
				_, err = t.round()
			}
		}
		if err != nil {
			return 0, err
		}
		if err := errors.Join(t.end(), ctx.Err()); err != nil {
			return 0, err
		}
		_, said, _ := strings.Cut(t.errors.String(), "instructions ")
		if total[i], err = strconv.ParseFloat(strings.TrimSpace(said), 64); err != nil {
			return 0, fmt.Errorf("the emulator counts nothing: %w", err)
		}
	}
	return (total[1] - total[0]) / float64(units), nil
}
