//go:build !race

package optimtest

const raceDetector = false
