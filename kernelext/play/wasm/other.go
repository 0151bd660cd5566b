//go:build !js

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "this program runs in a page: GOOS=js GOARCH=wasm go build ./kernelext/play/wasm; lab does that by itself")
	os.Exit(2)
}
