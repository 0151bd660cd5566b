package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// want fails unless err mentions every part.
func want(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q\ndoes not mention %q", err, part)
		}
	}
}

// realFile returns the folder of a data file that is too large or not ours to
// keep in the repository: $L2O_DATA, or shared/data beside the checkout. With
// L2O_REQUIRE=1 a folder that was given must hold the file.
func realFile(t *testing.T, f file) (dir string) {
	t.Helper()
	for _, dir := range []string{os.Getenv("L2O_DATA"), filepath.Join("..", "..", "shared", "data")} {
		if dir == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, f.Name)); err == nil {
			return dir
		}
	}
	const how = "%s is not here: fetch %s into a folder and set L2O_DATA to it"
	if os.Getenv("L2O_REQUIRE") == "1" && os.Getenv("L2O_DATA") != "" {
		t.Fatalf(how, f.Name, f.URL)
	}
	t.Skipf(how, f.Name, f.URL)
	return ""
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
