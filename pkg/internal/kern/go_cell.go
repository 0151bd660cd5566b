package kern

// goCellForward is the twin of [CellForward]. It flushes what it writes, the adjoint also
// what it reads as gradients.
func goCellForward(r, h int, z, cPrev, c, t, hOut []float32) {
	goCellForwardFrom(0, r, h, z, cPrev, c, t, hOut)
}

// goCellForwardFrom does the units from one on.
func goCellForwardFrom(from, r, h int, z, cPrev, c, t, hOut []float32) {
	for n := range r {
		q := z[n*4*h:][:4*h]
		in, forget, cand, out := q[:h], q[h:][:h], q[2*h:][:h], q[3*h:][:h]
		cp, cn, tn, hn := cPrev[n*h:][:h], c[n*h:][:h], t[n*h:][:h], hOut[n*h:][:h]
		for j := from; j < h; j++ {
			i, f, g, o := Sigmoid32(in[j]), Sigmoid32(forget[j]), flushed32(Tanh32(cand[j])), Sigmoid32(out[j])
			in[j], forget[j], cand[j], out[j] = i, f, g, o
			cn[j] = flushed32(f*flushed32(cp[j]) + i*g)
			tn[j] = flushed32(Tanh32(cn[j]))
			hn[j] = flushed32(o * tn[j])
		}
	}
}

// goCellBackward is the twin of [CellBackward].
func goCellBackward(r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32) {
	goCellBackwardFrom(0, r, h, gates, cPrev, t, dh, dc, dz, dcPrev)
}

// goCellBackwardFrom does the units from one on.
func goCellBackwardFrom(from, r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32) {
	for n := range r {
		q, dq := gates[n*4*h:][:4*h], dz[n*4*h:][:4*h]
		in, forget, cand, out := q[:h], q[h:][:h], q[2*h:][:h], q[3*h:][:h]
		dIn, dForget, dCand, dOut := dq[:h], dq[h:][:h], dq[2*h:][:h], dq[3*h:][:h]
		cp, tn, dhn, dcp := cPrev[n*h:][:h], t[n*h:][:h], dh[n*h:][:h], dcPrev[n*h:][:h]
		for j := from; j < h; j++ {
			i, f, g, o, tj := in[j], forget[j], cand[j], out[j], tn[j]
			a := flushed32(dhn[j]) * o
			b := a * tj
			d := a - b*tj // dh·o·(1−t²)
			if dc != nil {
				d += flushed32(dc[n*h+j])
			}
			x, df := d*i, flushed32(d*f)
			y := x * g
			dIn[j] = flushed32(y * (1 - i))
			dForget[j] = flushed32(df * cp[j] * (1 - f))
			dCand[j] = flushed32(x - y*g) // d·i·(1−g²)
			dOut[j] = flushed32(b * (1 - o))
			dcp[j] = df
		}
	}
}
