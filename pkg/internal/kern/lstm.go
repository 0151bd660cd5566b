package kern

// CellForward finishes an LSTM step for r rows of h hidden units:
//
//	i, f, o = σ(zᵢ), σ(z_f), σ(zₒ)   g = tanh(z_g)
//	c = f⊙cPrev + i⊙g   t = tanh(c)   hOut = o⊙t
//
// z (r×4h, gates in the order i f g o) holds the pre-activations and is
// overwritten by the gates; c, t and hOut are r×h.
func CellForward(r, h int, z, cPrev, c, t, hOut []float32) {
	for n := range r {
		q := z[n*4*h:][:4*h]
		in, forget, cand, out := q[:h], q[h:][:h], q[2*h:][:h], q[3*h:][:h]
		cp, cn, tn, hn := cPrev[n*h:][:h], c[n*h:][:h], t[n*h:][:h], hOut[n*h:][:h]
		for j := range in {
			i, f, g, o := Sigmoid32(in[j]), Sigmoid32(forget[j]), Tanh32(cand[j]), Sigmoid32(out[j])
			in[j], forget[j], cand[j], out[j] = i, f, g, o
			cn[j] = float32(f*cp[j]) + float32(i*g)
			tn[j] = Tanh32(cn[j])
			hn[j] = o * tn[j]
		}
	}
}

// CellBackward turns the gradients dh and dc of an LSTM step's outputs into dz,
// the gradient of its pre-activations (r×4h), and dcPrev. gates, cPrev and t are
// what CellForward left. A nil dc counts as zeros.
func CellBackward(r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32) {
	for n := range r {
		q, dq := gates[n*4*h:][:4*h], dz[n*4*h:][:4*h]
		in, forget, cand, out := q[:h], q[h:][:h], q[2*h:][:h], q[3*h:][:h]
		dIn, dForget, dCand, dOut := dq[:h], dq[h:][:h], dq[2*h:][:h], dq[3*h:][:h]
		cp, tn, dhn, dcp := cPrev[n*h:][:h], t[n*h:][:h], dh[n*h:][:h], dcPrev[n*h:][:h]
		for j := range in {
			i, f, g, o, tj := in[j], forget[j], cand[j], out[j], tn[j]
			d := dhn[j] * o * (1 - tj*tj)
			if dc != nil {
				d += dc[n*h+j]
			}
			dOut[j] = dhn[j] * tj * o * (1 - o)
			dIn[j] = d * g * i * (1 - i)
			dForget[j] = d * cp[j] * f * (1 - f)
			dCand[j] = d * i * (1 - g*g)
			dcp[j] = d * f
		}
	}
}
