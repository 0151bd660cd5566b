package checkout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRoot(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	root, err := Root(here)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "kernelext", "lab", "main.go")); err != nil {
		t.Errorf("root %q, %v", root, err)
	}
	if inside, err := Root(filepath.Join(root, "kernelext", "lab", "tools")); inside != root || err != nil {
		t.Errorf("inside a nested module: %q, %v", inside, err)
	}
	if _, err := Root(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not inside a checkout") {
		t.Errorf("elsewhere: error %v", err)
	}
}

// A folder that cannot be written to is named, with what to do.
func TestWritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Writable(filepath.Join(file, ".l2o")); err == nil || !strings.Contains(err.Error(), "L2O_HOME=$HOME/l2o") || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("error %v", err)
	}
	t.Setenv(HomeVariable, t.TempDir())
	_, state, err := Find()
	if err != nil || state != os.Getenv(HomeVariable) || Writable(state) != nil {
		t.Errorf("with L2O_HOME: %q, %v", state, err)
	}
}
