package datasets

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the formats that ReadImages decodes
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var (
	imageEndings = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png"}
	otherEndings = []string{".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".avif", ".pgm", ".ppm", ".jp2"}
)

// ReadImages reads every JPEG and PNG file of a folder, in the order of their names.
// Colour becomes luma, 0.299 R + 0.587 G + 0.114 B, which a JPEG file holds as such.
// How transparent a pixel is does not count: a colour is read as it stands in the file, and
// so are rows and columns, whatever a camera notes on how it was held.
// Folders in it and hidden files, which systems leave there, are passed over.
//
// The error names the file: it cannot be decoded, needs more memory than 64 MiB and 100
// times its size, or is an image in another format or under another ending, which would be
// lost in silence.
func ReadImages(folder string) (Images, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return Images{}, fmt.Errorf("datasets: %w", err)
	}
	out := Images{Name: filepath.Base(folder), Source: folder}
	for _, e := range entries {
		path, ending := filepath.Join(folder, e.Name()), strings.ToLower(filepath.Ext(e.Name()))
		if info, err := os.Stat(path); strings.HasPrefix(e.Name(), ".") || err == nil && info.IsDir() {
			continue
		}
		if slices.Contains(otherEndings, ending) {
			return Images{}, fmt.Errorf("datasets: %s is no JPEG or PNG file; convert it, or take it out of the folder", path)
		}
		if !slices.Contains(imageEndings, ending) {
			if isImage(path) {
				return Images{}, fmt.Errorf("datasets: %s is an image by its first bytes and not by its name; let it end in .jpg or .png, or take it out of the folder", path)
			}
			continue
		}
		content, err := readRegular(path)
		if err != nil {
			return Images{}, fmt.Errorf("datasets: %w", err)
		}
		m, err := decode(path, content)
		if err != nil {
			return Images{}, fmt.Errorf("datasets: %w", err)
		}
		out.All = append(out.All, m)
	}
	if len(out.All) == 0 {
		return Images{}, fmt.Errorf("datasets: %s holds no .jpg, .jpeg or .png file", folder)
	}
	return out, nil
}

// isImage reports whether a file begins as JPEG and PNG files do.
func isImage(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	start := make([]byte, 8)
	n, _ := io.ReadFull(f, start)
	return bytes.HasPrefix(start[:n], []byte("\xff\xd8\xff")) || bytes.HasPrefix(start[:n], []byte("\x89PNG\r\n\x1a\n"))
}

// decode returns the image of a file as gray.
func decode(path string, content []byte) (Image, error) {
	src, err := decodable(content)
	if err != nil {
		return Image{}, fmt.Errorf("%s: it cannot be decoded: %w", path, err)
	}
	b := src.Bounds()
	m := Image{Name: baseName(path), Rows: b.Dy(), Cols: b.Dx(), Pix: make([]float64, 0, b.Dx()*b.Dy())}
	at := lumaOf(src)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			m.Pix = append(m.Pix, at(x, y))
		}
	}
	return m, nil
}

// decodable decodes an image whose size has been looked at first.
func decodable(content []byte) (image.Image, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err == nil {
		need, most := float64(c.Width)*float64(c.Height)*bytesPerPixel(c, format, content), 63<<20+memory(content)
		if need > float64(most) {
			return nil, fmt.Errorf("%d×%d pixels in a file of %d bytes would take %.0f MB of memory; make the image smaller", c.Height, c.Width, len(content), need/1e6)
		}
	}
	var src image.Image
	if err == nil {
		src, _, err = image.Decode(bytes.NewReader(content))
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%d bytes: truncated?)", err, len(content))
	}
	if src.Bounds().Empty() { // a JPEG file without a scan
		return nil, fmt.Errorf("it has no pixels (%d bytes: truncated?)", len(content))
	}
	return src, nil
}

// bytesPerPixel returns what a pixel takes, at most: the float64 of ours and the decoded one,
// which interlaced PNG files need twice, and progressive JPEG files with four bytes more a
// component.
func bytesPerPixel(c image.Config, format string, content []byte) float64 {
	components := 4.0
	switch c.ColorModel {
	case color.GrayModel:
		components = 1
	case color.Gray16Model:
		components = 2
	case color.YCbCrModel:
		components = 3
	case color.NRGBA64Model, color.RGBA64Model:
		components = 8
	}
	if _, palette := c.ColorModel.(color.Palette); palette {
		components = 1
	}
	switch {
	case format == "png" && content[28] == 1: // the last byte of its header, after the signature
		components *= 2
	case format == "jpeg" && bytes.Contains(content, []byte{0xff, 0xc2}):
		components *= 5
	}
	return 8 + components
}

// lumaOf returns the luma of the pixel (x, y), in [0, 1], with colours as they stand in the file.
func lumaOf(src image.Image) func(x, y int) float64 {
	switch m := src.(type) {
	case *image.YCbCr: // without the way through rounded colours
		return func(x, y int) float64 { return float64(m.Y[m.YOffset(x, y)]) / 0xff }
	case *image.NRGBA:
		return func(x, y int) float64 {
			c := m.NRGBAAt(x, y)
			return luma(uint32(c.R), uint32(c.G), uint32(c.B), 0xff)
		}
	case *image.NRGBA64:
		return func(x, y int) float64 {
			c := m.NRGBA64At(x, y)
			return luma(uint32(c.R), uint32(c.G), uint32(c.B), 0xffff)
		}
	case *image.Paletted:
		of := make([]float64, len(m.Palette))
		for k, c := range m.Palette {
			if n, ok := c.(color.NRGBA); ok {
				of[k] = luma(uint32(n.R), uint32(n.G), uint32(n.B), 0xff)
			} else {
				of[k] = opaque(c)
			}
		}
		return func(x, y int) float64 { return of[m.ColorIndexAt(x, y)] }
	}
	return func(x, y int) float64 { return opaque(src.At(x, y)) }
}

// opaque returns the luma of a colour that nothing shines through.
func opaque(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	return luma(r, g, b, 0xffff)
}

func luma(r, g, b, most uint32) float64 {
	if r == g && g == b { // the three factors, rounded, are not quite 1
		return float64(r) / float64(most)
	}
	return (0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b)) / float64(most)
}
