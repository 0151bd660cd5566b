package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/kernelext/play"
	"github.com/l2olab/l2o/pkg/atomicfile"
)

// playPackage is the program that plays in pages.
const playPackage = "./kernelext/play/wasm"

// writePlay compiles the program of the playgrounds and writes what pages need of it to folders: beside the kernelspec, or
// beside exported pages. What is there and up to date stays.
func (r *repo) writePlay(ctx context.Context, buildFlags []string, dirs ...string) error {
	file := r.path("play", "play.wasm")
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", file}, buildFlags...)
	cmd := r.goCommand(ctx, r.root, append(args, playPackage)...)
	cmd.Env = append(cmd.Env, "GOOS=js", "GOARCH=wasm", "GOFLAGS="+withoutMod(r.tool.flags))
	remove, err := checkout.OwnTemp(cmd)
	if err != nil {
		return err
	}
	defer remove()
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("compile the playgrounds: %w\n%s", err, bytes.TrimSpace(out))
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	exec, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(r.tool.command)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return fmt.Errorf("this Go comes without its lib/wasm, so there are no playgrounds: install Go from go.dev: %w", err)
	}
	h := sha256.New()
	for _, part := range [][]byte{program, exec, play.Runtime} {
		h.Write(part)
	}
	stamp := []byte(hex.EncodeToString(h.Sum(nil)))
	for _, dir := range dirs {
		mark := filepath.Join(dir, ".play")
		if have, err := os.ReadFile(mark); err == nil && bytes.Equal(have, stamp) && isFile(filepath.Join(dir, "play.js")) {
			continue
		}
		if err := play.WriteFiles(dir, program, exec); err != nil {
			return err
		}
		if err := atomicfile.Write(mark, stamp); err != nil {
			return err
		}
	}
	return nil
}

// playNow is writePlay for readers who wait for it.
func (r *repo) playNow(ctx context.Context, dirs ...string) error {
	s := newStep("Compile the playgrounds")
	err := r.writePlay(ctx, nil, dirs...)
	s.End(err)
	return err
}

// plays reports whether a notebook shows a playground.
func plays(nb *jupyter.Notebook) bool {
	for _, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			if html, _ := o.Data["text/html"].(string); strings.Contains(html, `class="l2o-play"`) {
				return true
			}
		}
	}
	return false
}

// playLater compiles the playgrounds while the reader reads, on one core so that cells have the others. A page that waits
// for them finds them as soon as they are there.
func (r *repo) playLater(ctx context.Context) {
	err := r.writePlay(ctx, []string{"-p=1"}, r.kernelDir())
	if err != nil && ctx.Err() == nil {
		fmt.Printf("Cells run, but playgrounds stay pictures: %v\n", err)
	}
}
