//go:build !race

package problemtest

const raceDetector = false
