// Minima of small random problems in quadruple precision, by other methods than those that
// they test: coordinate descent (Lasso), orthogonalisation (least squares) and proximal
// Newton (logistic and softmax). Each line ends in a duality gap over F that proves it, 0
// where the method is a direct one.
//
//	gcc -O2 -ffp-contract=off optima.c -lquadmath -lm && ./a.out > optima.csv
//
// The problems are drawn by draw and its helpers, which optima_test.go has again in Go.
#include <math.h>
#include <quadmath.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef __float128 quad;
enum { MOST = 32 };

static uint64_t state;
static uint64_t next(void) { // SplitMix64
	uint64_t x = state += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}
static double uniform(void) { return (double)(next() >> 11) * 0x1p-52 - 1; } // on [−1, 1)

static int m, n, k; // rows, columns, scores
static double A[MOST * MOST], b[MOST], lambda;

static void draw(char kind, int i, double c) {
	static const double lambdas[] = {1e-3, 1e-2, 0.1, 0.5, 1};
	state = (uint64_t)kind << 32 | (uint64_t)i;
	int odd = i % 11;
	m = 1 + next() % 12, n = 1 + next() % 8;
	if (kind == 'c') m += 2, n = 1 + n % 5;
	int classes = 2 + next() % 3;
	k = kind == 'c' && i % 2 ? classes : 1;
	lambda = lambdas[next() % 5];
	for (int j = 0; j < m * n; j++) A[j] = uniform();
	for (int j = 0; j < m; j++) b[j] = uniform();
	if (kind == 'c') {
		lambda /= 10;
		for (int j = 0; j < m; j++) b[j] = next() % (k > 1 ? classes : 2);
	}
	for (int r = 0; r < m; r++) {
		double *row = A + r * n;
		if (odd == 1 && n > 1) row[1] = row[0];
		if (odd == 2 && n > 1) row[0] = 0;
		if (odd == 3) b[r] = 0;
		if (odd == 4 && r == 0 && m > 1) memset(row, 0, n * sizeof *row);
		for (int j = 1; odd == 5 && j < n; j++) row[j] = row[0];
		for (int j = 0; odd == 6 && j < n; j++) row[j] = row[j] < 0 ? -1 : 1;
		if (odd == 7) row[0] *= 1000;
	}
	if (odd == 8) lambda = 1000;
	if (odd == 9 && kind == 'l') lambda = 0;
	for (int j = 0; j < m * n; j++) A[j] *= c;
	if (kind == 'c') {
		lambda *= c;
		return;
	}
	for (int j = 0; j < m; j++) b[j] *= c;
	lambda *= c * c;
}

// ½‖b − Ax‖² at its least, by Gram and Schmidt with pivoting, twice.
static quad squares(void) {
	quad q[MOST * MOST], r[MOST], top = 0, half = 0;
	for (int j = 0; j < m * n; j++) q[j] = A[j];
	for (int j = 0; j < m; j++) r[j] = b[j];
	for (int step = 0; step < n; step++) {
		int best = -1;
		quad most = 0;
		for (int j = step; j < n; j++) {
			quad s = 0;
			for (int i = 0; i < m; i++) s += q[i * n + j] * q[i * n + j];
			if (s > most) most = s, best = j;
		}
		if (most > top) top = most;
		if (best < 0 || most <= top * 1e-50Q) break;
		for (int i = 0; i < m; i++) {
			quad t = q[i * n + best];
			q[i * n + best] = q[i * n + step];
			q[i * n + step] = t / sqrtq(most);
		}
		for (int twice = 0; twice < 2; twice++) {
			for (int j = step + 1; j <= n; j++) { // n stands for r
				quad s = 0;
				for (int i = 0; i < m; i++) s += q[i * n + step] * (j < n ? q[i * n + j] : r[i]);
				for (int i = 0; i < m; i++) *(j < n ? &q[i * n + j] : &r[i]) -= s * q[i * n + step];
			}
		}
	}
	for (int i = 0; i < m; i++) half += r[i] * r[i] / 2;
	return half;
}

static quad soft(quad v, quad t) { return v > t ? v - t : v < -t ? v + t : 0; }

// polish solves AᵀA x = Aᵀb − λ sign(x) for the x that are not 0, and keeps it where no sign
// changes.
static void polish(quad *x, quad *r) {
	int on[MOST], d = 0;
	quad M[MOST][MOST + 1];
	for (int j = 0; j < n; j++)
		if (x[j] != 0) on[d++] = j;
	for (int a = 0; a < d; a++) {
		for (int c = 0; c <= d; c++) {
			M[a][c] = c < d ? 0 : x[on[a]] > 0 ? -lambda : lambda;
			for (int i = 0; i < m; i++) M[a][c] += (quad)A[i * n + on[a]] * (c < d ? A[i * n + on[c]] : b[i]);
		}
	}
	for (int a = 0; a < d; a++) {
		int top = a;
		for (int e = a; e < d; e++) top = fabsq(M[e][a]) > fabsq(M[top][a]) ? e : top;
		for (int c = 0; c <= d; c++) {
			quad t = M[a][c];
			M[a][c] = M[top][c], M[top][c] = t;
		}
		for (int e = 0; e < d; e++)
			for (int c = d; e != a && c >= a; c--) M[e][c] -= M[e][a] / M[a][a] * M[a][c];
	}
	for (int a = 0; a < d; a++)
		if (!(M[a][d] / M[a][a] * x[on[a]] > 0)) return;
	for (int a = 0; a < d; a++) {
		quad to = M[a][d] / M[a][a] - x[on[a]];
		x[on[a]] += to;
		for (int i = 0; i < m; i++) r[i] -= to * A[i * n + on[a]];
	}
}

// ½‖Ax − b‖² + λ‖x‖₁ by coordinate descent.
static quad lasso(quad *gap) {
	quad x[MOST] = {0}, r[MOST], f = 0, rr = 0, rb = 0, worst = 0;
	for (int i = 0; i < m; i++) r[i] = b[i]; // b − Ax
	for (int sweep = 0; sweep < 2000000; sweep++) {
		if (sweep % 1000 == 999) polish(x, r);
		quad moved = 0, size = 0;
		for (int j = 0; j < n; j++) {
			quad aa = 0, ar = 0;
			for (int i = 0; i < m; i++) aa += (quad)A[i * n + j] * A[i * n + j], ar += A[i * n + j] * r[i];
			if (aa == 0) continue;
			quad d = soft(x[j] + ar / aa, lambda / aa) - x[j];
			x[j] += d;
			for (int i = 0; i < m; i++) r[i] -= d * A[i * n + j];
			moved += fabsq(d) * sqrtq(aa), size += fabsq(x[j]) * sqrtq(aa);
		}
		if (moved <= 1e-30Q * size) break;
	}
	for (int j = 0; j < n; j++) {
		quad ar = 0;
		for (int i = 0; i < m; i++) ar += A[i * n + j] * r[i];
		worst = fmaxq(worst, fabsq(ar)), f += lambda * fabsq(x[j]);
	}
	for (int i = 0; i < m; i++) rr += r[i] * r[i], rb += r[i] * b[i];
	quad t = worst > lambda ? lambda / worst : 1;
	f += rr / 2;
	*gap = f > 0 ? (f - (t * rb - t * t * rr / 2)) / f : 0;
	return f;
}

// The mean cross-entropy of scores Wx and its slope by them; k = 1 is logistic.
static quad cross(const quad *x, quad slope[MOST][4]) {
	quad f = 0;
	for (int i = 0; i < m; i++) {
		quad z[4] = {0}, e[4], top = 0, sum = 0;
		for (int j = 0; j < n; j++)
			for (int c = 0; c < k; c++) z[c] += A[i * n + j] * x[j * k + c];
		int label = (int)b[i];
		if (k == 1) {
			quad s = label ? -z[0] : z[0], w = expq(-fabsq(s));
			f += (s > 0 ? s : 0) + log1pq(w);
			slope[i][0] = (label ? -1 : 1) * (s > 0 ? 1 / (1 + w) : w / (1 + w));
			continue;
		}
		for (int c = 0; c < k; c++) top = c == 0 || z[c] > top ? z[c] : top;
		for (int c = 0; c < k; c++) sum += e[c] = expq(z[c] - top);
		f += logq(sum) + top - z[label];
		for (int c = 0; c < k; c++) slope[i][c] = e[c] / sum - (c == label);
	}
	return f / m;
}

static quad norm1(const quad *x) {
	quad s = 0;
	for (int j = 0; j < n * k; j++) s += fabsq(x[j]);
	return lambda * s;
}

static quad entropy(quad q) { return q > 0 ? q * logq(q) : 0; }

// The duality gap: −(1/m) Σ q ln q at q = y + t·slope, t such that ‖Wᵀ(q − y)/m‖∞ ≤ λ.
static quad duality(quad f, const quad *g, quad slope[MOST][4]) {
	quad worst = 0, dual = 0;
	for (int j = 0; j < n * k; j++) worst = fmaxq(worst, fabsq(g[j]));
	quad t = worst > lambda ? lambda / worst : 1;
	for (int i = 0; i < m; i++)
		for (int c = 0; c < k; c++) {
			quad q = t * slope[i][c] + (k == 1 ? (int)b[i] : c == (int)b[i]);
			dual -= entropy(q) + (k == 1 ? entropy(1 - q) : 0);
		}
	return (f - dual / m) / f;
}

// F = cross-entropy + λ‖x‖₁ by proximal Newton: coordinate descent on the quadratic model.
static quad entropies(quad *gap) {
	int d = n * k;
	quad x[MOST] = {0}, best = 0;
	*gap = 1;
	for (int step = 0; step < 100; step++) {
		quad slope[MOST][4], g[MOST] = {0}, H[MOST][MOST] = {{0}}, p[MOST], Hd[MOST] = {0};
		quad f = cross(x, slope) + norm1(x);
		for (int i = 0; i < m; i++)
			for (int j = 0; j < n; j++)
				for (int c = 0; c < k; c++) g[j * k + c] += A[i * n + j] * slope[i][c] / m;
		quad now = duality(f, g, slope);
		if (step == 0 || now < *gap) *gap = now, best = f;
		if (now <= 1e-28Q) break;
		for (int i = 0; i < m; i++)
			for (int c = 0; c < k; c++)
				for (int e = 0; e < k; e++) {
					quad q = slope[i][c] + (k > 1 && c == (int)b[i]), o = slope[i][e] + (k > 1 && e == (int)b[i]);
					quad h = k == 1 ? fabsq(q) * (1 - fabsq(q)) : (c == e ? q : 0) - q * o;
					for (int j = 0; j < n; j++)
						for (int l = 0; l < n; l++) H[j * k + c][l * k + e] += (quad)A[i * n + j] * A[i * n + l] * h / m;
				}
		memcpy(p, x, sizeof p);
		for (int sweep = 0; sweep < 20000; sweep++) {
			quad moved = 0, size = 0;
			for (int j = 0; j < d; j++) {
				if (H[j][j] <= 0) continue;
				quad to = soft(p[j] - (g[j] + Hd[j]) / H[j][j], lambda / H[j][j]) - p[j];
				p[j] += to;
				for (int l = 0; l < d; l++) Hd[l] += H[l][j] * to;
				moved += fabsq(to), size += fabsq(p[j]);
			}
			if (moved <= 1e-32Q * size) break;
		}
		quad t = 1, y[MOST], none[MOST][4];
		for (int half = 0; half < 60; half++, t /= 2) {
			for (int j = 0; j < d; j++) y[j] = x[j] + t * (p[j] - x[j]);
			if (cross(y, none) + norm1(y) <= f) break;
		}
		memcpy(x, y, sizeof x);
	}
	return best;
}

int main(void) {
	static const double scales[] = {1e-8, 1, 1e8};
	static const struct { char kind; int count; } kinds[] = {{'l', 330}, {'c', 200}, {'s', 200}};
	printf("kind,problem,scale,minimum,gap\n");
	for (int a = 0; a < 3; a++)
		for (int i = 0; i < kinds[a].count; i++)
			for (int s = 0; s < 3; s++) {
				quad gap = 0, f;
				draw(kinds[a].kind, i, scales[s]);
				if (kinds[a].kind == 'c') f = entropies(&gap);
				else if (kinds[a].kind == 's' || lambda == 0) f = squares();
				else f = lasso(&gap);
				printf("%c,%d,%g,%.17g,%.0e\n", kinds[a].kind, i, scales[s], (double)f, (double)gap);
			}
}
