package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// BenchmarkWorkloads runs our side of every workload. A b.N counts units.
func BenchmarkWorkloads(b *testing.B) {
	for _, w := range append(workloads, opponents...) {
		b.Run(w.name, func(b *testing.B) {
			j, err := w.make()
			if err != nil {
				b.Fatal(err)
			}
			defer j.stop()
			if _, err := j.run(1); err != nil {
				b.Fatal(err)
			}
			var spent time.Duration
			b.ReportAllocs()
			for b.Loop() {
				d, err := j.run(1)
				if err != nil {
					b.Fatal(err)
				}
				spent += d
			}
			if w.flops > 0 {
				b.ReportMetric(w.flops*float64(b.N)/spent.Seconds()*1e-9, "GF/s")
			}
		})
	}
}

// Every workload computes its results, the same each time it is made.
func TestChecks(t *testing.T) {
	for _, w := range append(workloads, opponents...) {
		t.Run(w.name, func(t *testing.T) {
			if long := w.name == "fista-to-goal" || strings.Contains(w.name, "-train") || strings.HasPrefix(w.name, "minus30"); long && (testing.Short() || os.Getenv("L2O_REQUIRE") != "1") {
				t.Skip("takes its time: runs with L2O_REQUIRE=1, without -short")
			}
			if strings.HasPrefix(w.name, "dm-mlp-train-") {
				t.Skip("as dm-mlp-train, of more problems or from another start")
			}
			var first []float64
			for range 2 {
				j, err := w.make()
				if err != nil {
					t.Fatal(err)
				}
				got, err := j.check()
				j.stop()
				if err != nil || len(got) == 0 {
					t.Fatal(got, err)
				}
				if first != nil {
					if err := agree(got, first, 1e-9); err != nil { // workers add in other orders
						t.Error(err)
					}
				}
				if first = got; strings.HasPrefix(w.name, "l2opa") || strings.HasPrefix(w.name, "dm-") {
					return // once is enough for the long ones
				}
			}
		})
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
	}{{"fista", 1}, {"em", 2}, {"l2opa", 2}, {"minus30", 3}} {
		if got, err := choose([]string{c.name}); err != nil || len(got) != c.n {
			t.Errorf("%s chooses %d workloads (%v), want %d", c.name, len(got), err, c.n)
		}
	}
	if _, err := choose([]string{"nothing"}); err == nil {
		t.Error("a name that fits nothing is no error")
	}
}

func TestAgree(t *testing.T) {
	if err := agree([]float64{1, 2}, []float64{1, 2.1}, 0.1); err != nil {
		t.Error(err)
	}
	for _, theirs := range [][]float64{{1}, {1, 3}} {
		if agree([]float64{1, 2}, theirs, 0.1) == nil {
			t.Errorf("%v agrees with 1, 2", theirs)
		}
	}
}
