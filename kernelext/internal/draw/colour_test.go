package draw

import (
	"math"
	"slices"
	"testing"
)

// linear is the linear-light value of each channel.
func linear(hex string) (out [3]float64) {
	c := rgb(hex, 255)
	for i, v := range []uint8{c.R, c.G, c.B} {
		f := float64(v) / 255
		if f <= .04045 {
			out[i] = f / 12.92
		} else {
			out[i] = math.Pow((f+.055)/1.055, 2.4)
		}
	}
	return out
}

func luminance(hex string) float64 {
	l := linear(hex)
	return .2126*l[0] + .7152*l[1] + .0722*l[2]
}

func TestHuesAreReadableOnWhiteAndOnNearBlack(t *testing.T) {
	for _, h := range free {
		l := luminance(h)
		if onWhite := 1.05 / (l + .05); onWhite < 3 {
			t.Errorf("%s has contrast %.2f on white", h, onWhite)
		}
		if onDark := (l + .05) / (luminance("#111111") + .05); onDark < 3 {
			t.Errorf("%s has contrast %.2f on #111111", h, onDark)
		}
	}
}

// The matrices of Machado, Oliveira and Fernandes (2009) at full severity, in
// linear light, and the identity.
var visions = map[string][3][3]float64{
	"normal":       {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
	"deuteranopia": {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}},
	"tritanopia":   {{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .303900}},
}

// lab gives the CIE L*a*b* coordinates of a colour as seen.
func lab(hex string, m [3][3]float64) (out [3]float64) {
	c := linear(hex)
	var s [3]float64
	for i := range s {
		s[i] = min(max(m[i][0]*c[0]+m[i][1]*c[1]+m[i][2]*c[2], 0), 1)
	}
	f := func(v float64) float64 {
		if v > .008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16./116
	}
	x := f((.4124*s[0] + .3576*s[1] + .1805*s[2]) / .95047)
	y := f(.2126*s[0] + .7152*s[1] + .0722*s[2])
	z := f((.0193*s[0] + .1192*s[1] + .9505*s[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b string, vision [3][3]float64) float64 {
	p, q := lab(a, vision), lab(b, vision)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

func TestFirstHuesStayApartForEveryVision(t *testing.T) {
	for name, vision := range visions {
		worst, pair := math.Inf(1), ""
		for i, a := range free[:8] {
			for _, b := range free[:i] {
				if d := distance(a, b, vision); d < worst {
					worst, pair = d, a+" "+b
				}
			}
		}
		if worst < 15 {
			t.Errorf("%s: %s are only %.1f apart", name, pair, worst)
		}
	}
}

func TestLooks(t *testing.T) {
	for _, race := range [][]string{ // what meets in one figure
		{"ISTA", "FISTA", "FISTA restart", "two tuned constants", "L2O-PA", "L2O-PA (x)", "L2O-DM", "RNNprop", "Adam", "AdamHD"},
		{"GD", "heavy ball", "NAG", "Adam", "AdamHD", "RMSProp", "L2O-DM", "RNNprop", "SGD", "subgradient"},
		{"ISTA", "FISTA", "LISTA", "LISTA-CP", "LISTA-CPSS", "ALISTA", "HyperLISTA", "TiLISTA", "GLISTA", "LFISTA", "AMP", "LAMP"},
		{"ISTA", "FISTA", "Adam", "L2O-PA", "L2O-P", "L2O-A", "L2O-PBA", "L2O-PBA1", "L2O-PBA2", "L2O-PBA12"},
		{"GD", "heavy ball", "NAG", "Adam", "AdamHD", "RMSProp", "subgradient", "ISTA", "FISTA", "FISTA restart", "backtracking", "exact"},
		{"EM", "MLAM", "Adam", "GD", "GSO"},
	} {
		for i, l := range Looks(race) {
			if l != pinned[race[i]] {
				t.Errorf("%s has the look of another method in %v", race[i], race)
			}
		}
	}
	got := Looks([]string{"mine", "FISTA, published step", "FISTA", "FISTAX", "L2O-PA (x)", "l2o-pa", "L2O-PA", "L2O-PA untrained"})
	want := []Look{{Green, 0}, {Blue, 1}, {Blue, 0}, {violet, 0}, {Vermilion, 2}, {Vermilion, 0}, {Vermilion, 1}, {Vermilion, 1}}
	if !slices.Equal(got[:6], want[:6]) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got[1].Hue != got[2].Hue || got[1].Dash == got[2].Dash {
		t.Error("a variant must have its method's colour and another dash")
	}
	// The same name has the same look whatever else is in the figure.
	for name := range pinned {
		if a, b := Looks([]string{name}), Looks([]string{"x", "y", "z", name}); a[0] != b[3] {
			t.Errorf("%s is %v alone and %v in company", name, a[0], b[3])
		}
	}
	names := make([]string, 30)
	for i := range names {
		names[i] = "m" + string(rune('a'+i))
	}
	seen := map[Look]bool{}
	for i, l := range Looks(names) {
		if seen[l] {
			t.Errorf("name %d looks like another", i)
		}
		seen[l] = true
	}
}
