// Package filetest holds what the tests of readers of files share.
package filetest

import (
	"fmt"
	"math"
	"runtime/metrics"
	"strings"
	"testing"
)

// Frugal fails when f asks for more memory, garbage included, than base bytes and 100 times
// the size of what it reads. Others that allocate at the same time count too, so an f that
// asked for more gets another chance, and has to come out the same: what is too much by
// itself is too much every time.
func Frugal(t testing.TB, base, size int, f func()) {
	t.Helper()
	least, most := uint64(math.MaxUint64), uint64(base+100*size)
	for range 5 {
		before := allocated()
		f()
		if least = min(least, allocated()-before); least <= most {
			return
		}
	}
	t.Errorf("asked for %d bytes of memory on an input of %d, want at most %d", least, size, most)
}

func allocated() uint64 {
	asked := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(asked)
	return asked[0].Value.Uint64()
}

// JSON are values of about n bytes of which a program may make much more memory, by what
// they are.
func JSON(n int) map[string]string {
	repeat := func(s string) string { return strings.Repeat(s, n/len(s)) }
	list := func(item string) string { return "[" + repeat(item+",") + item + "]" }
	var keys strings.Builder
	for i := 0; keys.Len() < n; i++ {
		fmt.Fprintf(&keys, `"%d":0,`, i)
	}
	depth := min(n/2, 5000)
	return map[string]string{
		"numbers": list("0"), "texts": list(`""`), "nothing": list("null"), "lists": list("[]"), "lists of one": list("[0]"), "objects": list("{}"),
		"objects of one": list(`{"":0}`), "keys": "{" + strings.TrimSuffix(keys.String(), ",") + "}", "one key": "{" + repeat(`"":0,`) + `"":0}`,
		"depth": strings.Repeat("[", depth) + strings.Repeat("]", depth), "open lists": repeat("["), "open objects": repeat(`{"":`),
		"escapes": `"` + repeat(`\n`) + `"`, "digits": repeat("1"), "blanks": repeat(" ") + "0",
	}
}
