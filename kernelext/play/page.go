package play

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// Runtime is the script that brings playgrounds to life.
//
//go:embed assets/play.js
var Runtime []byte

// Bootstrap is the script beside every playground of a page: it looks for play.js, once. In
// Jupyter that lies beside the kernelspec, and may still be on its way from the compiler; a
// page names another folder than its own with <meta name="l2o-play" content="../">.
//
//go:embed assets/bootstrap.js
var Bootstrap string

// Files are what pages with playgrounds need in a folder beside them: the runtime, the
// program, and the program for pages that are opened from a file.
var Files = []string{"play.wasm.gz", "play.wasm.js", "play.js"}

// WriteFiles writes the Files to a folder: from the program, that is package main in the
// folder wasm compiled by
//
//	GOOS=js GOARCH=wasm go build -ldflags='-s -w' ./kernelext/play/wasm
//
// and from wasm_exec.js of the same Go, which is in its lib/wasm. play.js is the last to be
// written: where it is, all are.
func WriteFiles(dir string, program, exec []byte) error {
	if !bytes.HasPrefix(program, []byte("\x00asm")) {
		return fmt.Errorf("play: this is no WebAssembly: it begins with %q", program[:min(4, len(program))])
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(program); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	carried := `window.__l2oPlay.carried("` + base64.StdEncoding.EncodeToString(packed.Bytes()) + `");`
	for i, content := range [][]byte{packed.Bytes(), []byte(carried), bytes.Join([][]byte{exec, Runtime}, []byte("\n"))} {
		if err := atomicfile.Write(filepath.Join(dir, Files[i]), content); err != nil {
			return err
		}
	}
	return nil
}
