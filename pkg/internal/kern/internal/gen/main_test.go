package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The committed files are what the generator writes.
func TestFilesAreCurrent(t *testing.T) {
	for name, want := range files() {
		got, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what internal/gen writes: run go generate ./pkg/internal/kern", name)
		}
	}
}
