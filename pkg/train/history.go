package train

import (
	"math"
	"slices"
)

// maxPast is how many losses a training remembers of the way that it came: more than a
// chart can show, few enough for a checkpoint.
const maxPast = 512

// past are the losses of a training so far, in equal steps.
type past struct {
	Every int // minibatches from one to the next
	After []int
	Loss  []float64
}

// add takes up the loss after so many minibatches. When there are too many, every second
// one goes.
func (p *past) add(after int, loss float64) {
	if p.Every = max(p.Every, 1); after%p.Every != 0 {
		return
	}
	p.After, p.Loss = append(p.After, after), append(p.Loss, loss)
	if len(p.After) < maxPast {
		return
	}
	half := past{Every: 2 * p.Every}
	for i, k := range p.After {
		if k%half.Every == 0 {
			half.After, half.Loss = append(half.After, k), append(half.Loss, p.Loss[i])
		}
	}
	*p = half
}

// events are the past of a training that resumes, as its reader was told it.
func (t *training) events() (all []Event) {
	for i, k := range t.past.After {
		all = append(all, Event{Done: k, Loss: t.past.Loss[i], Validation: math.NaN()})
	}
	for _, v := range t.Result.Validation {
		all = append(all, Event{Done: v.After, Loss: math.NaN(), Validation: v.Value, Validated: true})
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.Done - b.Done })
	return all
}
