package main

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
)

// neighbourly names the child that keeps one core busy.
const neighbourly = "neighbour"

// neighbour computes on one core until nobody talks to it any more.
func neighbour(in io.Reader, out io.Writer) error {
	if err := json.NewEncoder(out).Encode(answer{}); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, in)
		ended <- err
	}()
	for len(ended) == 0 { // the loop is the work
	}
	return <-ended
}

// beside starts a neighbour, which the system may favour less: nice is 0 for the priority of
// everybody else, 19 for the lowest.
func beside(ctx context.Context, self string, nice int) (*talk, error) {
	if nice == 0 {
		return itself(ctx, self, neighbourly)
	}
	return begin(ctx, []string{childVariable + "=" + neighbourly}, "nice", "-n", strconv.Itoa(nice), self)
}
