//go:build (amd64 || arm64) && !purego

package kern

import "github.com/l2olab/l2o/pkg/internal/par"

// packAll packs block of the sum after block, and in each panel after panel.
func (q *blocked[T]) packAll(k, n int, b []T, transposed bool) []T {
	from := matrix[T]{b, n, 1}
	if transposed {
		from = matrix[T]{b, 1, k}
	}
	padded := 0
	q.eachPanel(n, func(_, _, ws int) { padded += ws })
	panels, steps := make([]T, k*padded), even(k, q.steps)
	par.Share((k+steps-1)/steps, func(t int) {
		p := t * steps
		kp, to := min(steps, k-p), panels[p*padded:]
		q.eachPanel(n, func(j, w, ws int) {
			q.pack(to, kp, w, ws, 1, from.from(p, j))
			to = to[kp*ws:]
		})
	})
	return panels
}

// eachPanel calls do with the first column of each panel, its width and the numbers of a row.
func (q *blocked[T]) eachPanel(n int, do func(j, w, ws int)) {
	for j, w := 0, 0; j < n; j += w {
		w = q.width(n - j)
		do(j, w, q.rowOf(w))
	}
}

// withPanels adds a·b to c for a b that is packed. A tile is some panels.
func (q *blocked[T]) withPanels(m, n, k int, a, panels, c []T) {
	if m*n*k < parallel {
		q.somePanels(m, n, k, 0, n, a, panels, c)
		return
	}
	wide := 3 * q.vector
	wide *= max(1, grain/(wide*m*k))
	par.Share((n+wide-1)/wide, func(t int) { q.somePanels(m, n, k, t*wide, (t+1)*wide, a, panels, c) })
}

// somePanels does those that start in columns from ≤ j < to.
func (q *blocked[T]) somePanels(m, n, k, from, to int, a, panels, c []T) {
	steps, p := even(k, q.steps), 0
	for at := 0; p < k; p += steps {
		kp := min(steps, k-p)
		q.eachPanel(n, func(j, w, ws int) {
			if j >= from && j < to {
				q.panel(m, w, kp, matrix[T]{a[p:], k, 1}, panels[at:], ws, c[j:], n)
			}
			at += kp * ws
		})
	}
}
