package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/pkg/atomicfile"
)

// checkedFile holds, for each notebook that was found to be as committed, the fingerprint of what was compared.
const checkedFile = "checked.json"

// readChecked returns them by [repo.key]. Without a readable file, nothing was checked.
func (r *repo) readChecked() map[string]string {
	b, _ := os.ReadFile(r.path(checkedFile))
	return parseChecked(b)
}

func parseChecked(b []byte) map[string]string {
	checked := map[string]string{}
	if json.Unmarshal(b, &checked) != nil {
		return map[string]string{}
	}
	return checked
}

// writeChecked adds that of one notebook.
func (r *repo) writeChecked(key, fingerprint string) error {
	return atomicfile.Update(r.path(checkedFile), func(old []byte) ([]byte, error) {
		checked := parseChecked(old)
		checked[key] = fingerprint
		b, err := json.MarshalIndent(checked, "", " ")
		return append(b, '\n'), err
	})
}

// key is the name of a notebook in the checkout, or its path elsewhere.
func (r *repo) key(file string) string {
	if rel, err := filepath.Rel(r.root, file); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return file
}

// A goPackage is what go list says of one.
type goPackage struct {
	ImportPath, Dir             string
	Standard                    bool
	GoFiles, SFiles, EmbedFiles []string
	Deps                        []string
	Module                      *struct{ Main bool }
}

// imported matches the packages of the library that a notebook names.
var imported = regexp.MustCompile(`"(` + regexp.QuoteMeta(checkout.Module) + `(?:/[^"\s]*)?)"`)

// fingerprints returns, for each notebook, a hash of all that its outputs come from: its text with its outputs, the packages
// that it imports with all below them, the versions of other modules, and the compiler. It looks at contents alone. One that
// names no package, and so may use any, depends on all.
func (r *repo) fingerprints(ctx context.Context, files []string) (map[string]string, error) {
	packages, err := r.packages(ctx)
	if err != nil {
		return nil, err
	}
	hashes := map[string]string{} // of the files of a package
	prints := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // checking it says why
		}
		use := map[string]bool{}
		if nb, err := jupyter.Parse(text); err == nil {
			for _, c := range nb.Cells() {
				for _, m := range imported.FindAllStringSubmatch(c.Source(), -1) {
					use[m[1]] = true
					for _, d := range packages[m[1]].Deps {
						use[d] = true
					}
				}
			}
		}
		h := sha256.New()
		fmt.Fprintln(h, r.tool.version, len(text))
		h.Write(text)
		for _, name := range []string{"go.mod", "go.sum", "kernelext/lab/tools/go.mod"} {
			if err := addFile(h, filepath.Join(r.root, name)); err != nil {
				return nil, err
			}
		}
		for _, path := range slices.Sorted(maps.Keys(packages)) {
			if p := packages[path]; p.Module != nil && p.Module.Main && (len(use) == 0 || use[path]) {
				if hashes[path] == "" {
					if hashes[path], err = p.hash(); err != nil {
						return nil, err
					}
				}
				fmt.Fprintln(h, path, hashes[path])
			}
		}
		prints[f] = hex.EncodeToString(h.Sum(nil))
	}
	return prints, nil
}

// packages lists those of the module, by import path.
func (r *repo) packages(ctx context.Context) (map[string]goPackage, error) {
	cmd := r.goCommand(ctx, r.root, "list", "-e", "-json=ImportPath,Dir,Standard,GoFiles,SFiles,EmbedFiles,Deps,Module", "./...")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages of the library: %w", withStderr(err))
	}
	list := map[string]goPackage{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); err == io.EOF {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("list the packages of the library: %w", err)
		}
		list[p.ImportPath] = p
	}
}

// hash is that of all files that the package is built from.
func (p goPackage) hash() (string, error) {
	h := sha256.New()
	for _, name := range slices.Concat(p.GoFiles, p.SFiles, p.EmbedFiles) {
		fmt.Fprintln(h, name)
		if err := addFile(h, filepath.Join(p.Dir, name)); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func addFile(w io.Writer, path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, len(b))
	_, err = w.Write(b)
	return err
}
