//go:build !unix

package console

import "os"

// Terminate ends a program at once: there is no gentler way here.
var Terminate = os.Kill
