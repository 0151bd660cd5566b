package datasets

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// A module is a version of a Go module that holds data, which is fetched as a file from a
// module proxy and built by nobody.
type module struct {
	Path, Version string
	SHA256        string // of the zip that proxy.golang.org serves; others may be packed in another way
	Max           int64
}

// defaultProxy is that of the go command where GOPROXY says nothing.
const defaultProxy = "https://proxy.golang.org"

// proxies are the module proxies that the environment names, in their order.
func proxies() (urls []string, err error) {
	list := os.Getenv("GOPROXY")
	if list == "" {
		list = defaultProxy
	}
	for _, p := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' }) {
		p = strings.TrimSpace(p)
		if p == "off" {
			break
		}
		if strings.HasPrefix(p, "https://") || strings.HasPrefix(p, "http://") { // a proxy of one's own, and contents are checked
			urls = append(urls, strings.TrimSuffix(p, "/"))
		}
	}
	if len(urls) == 0 {
		return nil, fmt.Errorf("GOPROXY is %q, which names no module proxy on the web", list)
	}
	return urls, nil
}

// zip is the module as a file of a proxy. Where that has another SHA-256 it has to be a zip
// all the same: each file in it has a checksum of its own.
func (m module) zip(proxy string) file {
	var escaped strings.Builder // as proxies want it: an exclamation mark for each capital letter
	for _, r := range m.Path {
		if unicode.IsUpper(r) {
			escaped.WriteByte('!')
		}
		escaped.WriteRune(unicode.ToLower(r))
	}
	return file{
		Name: path.Base(m.Path) + ".zip", URL: proxy + "/" + escaped.String() + "/@v/" + m.Version + ".zip",
		SHA256: m.SHA256, Max: m.Max,
		Check: func(content []byte) error {
			_, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
			return err
		},
	}
}

// load returns the file of that name in the folder data of the module. The module is kept
// in the data folder, since its other files are most often wanted next.
func (m module) load(ctx context.Context, dir, name string, most int64) ([]byte, error) {
	urls, err := proxies()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, proxy := range urls {
		f := m.zip(proxy)
		at := filepath.Join(dir, f.Name)
		content, bad, err := f.kept(at)
		if err != nil || bad != nil {
			missing := err != nil
			if content, err = f.fetch(ctx, at+".part"); err != nil {
				errs = append(errs, err)
				continue
			}
			if missing {
				_ = atomicfile.Write(at, content) // or it is fetched again
			}
		}
		data, err := m.open(content, name, most)
		if err == nil {
			return data, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", f.URL, err))
	}
	return nil, errors.Join(errs...)
}

// open returns a file of the folder data.
func (m module) open(content []byte, name string, most int64) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	f, err := z.Open(m.Path + "@" + m.Version + "/data/" + name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s has more than the expected %d bytes", name, most)
	}
	return data, err
}
