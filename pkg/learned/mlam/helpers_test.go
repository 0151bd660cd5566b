package mlam_test

import "flag"

var update = flag.Bool("update", false, "write testdata/laws.txt")
