//go:build linux || darwin

package console

import (
	"os"
	"syscall"
	"unsafe"
)

// windowSize asks the terminal for its number of columns, 0 if it has none.
func windowSize(f *os.File) int {
	var size struct{ rows, columns, width, height uint16 }
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return 0
	}
	return int(size.columns)
}
