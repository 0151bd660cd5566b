package neural

import (
	"math"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// stream gives minibatch t = 0, 1, … of a keyed stream to step t of a run, see [Family].
type stream struct {
	net         Network
	samples, of ad.Value // all of them, and their labels
	batch       int
	key         uint64
	start       []float64 // where a run begins

	lock sync.Mutex
	t    int       // the step whose gradient was asked for last, −1 before the first
	at   []float64 // and where
	kept [2]struct {
		t int
		b *minibatch
	}
}

func newStream(n Network, f Family, key uint64, start ad.Value) *stream {
	s := &stream{net: n, samples: f.Samples, of: f.Labels, batch: f.Batch, key: key, start: start.Data, t: -1}
	s.kept[0].t, s.kept[1].t = -1, -1
	return s
}

// choose returns the minibatch for x.
func (s *stream) choose(x ad.Value, grad bool) *minibatch {
	s.lock.Lock()
	defer s.lock.Unlock()
	t := s.t + 1
	switch {
	case near(x.Data, s.start):
		t = 0
	case s.at != nil && same(x.Data, s.at):
		t = s.t
	}
	if grad && (t != s.t || s.at == nil) {
		s.t, s.at = t, append(s.at[:0], x.Data...)
	}
	return s.minibatch(t)
}

// minibatch is that of step t. It and the next one are kept.
func (s *stream) minibatch(t int) *minibatch {
	k := &s.kept[t%2]
	if k.t != t {
		w, y := drawn(optimizee.Stream(s.key, uint64(t)).IntN, s.samples, s.of, s.batch)
		k.t, k.b = t, newMinibatch(s.net, w, y)
	}
	return k.b
}

// near reports whether x is y up to the rounding of a change of units and back.
func near(x, y []float64) bool {
	if len(x) != len(y) {
		return false
	}
	for i, v := range x {
		if !(math.Abs(v-y[i]) <= 1e-14*math.Abs(y[i])) {
			return false
		}
	}
	return true
}

// drawn are so many of the samples with their labels, with replacement.
func drawn(intn func(n int) int, samples, labels ad.Value, n int) (w, y ad.Value) {
	w, y = ad.New(n, samples.C, nil), ad.New(n, 1, nil)
	for i := range n {
		k := intn(samples.R)
		copy(w.Data[i*w.C:(i+1)*w.C], samples.Data[k*w.C:])
		y.Data[i] = labels.Data[k]
	}
	return w, y
}
