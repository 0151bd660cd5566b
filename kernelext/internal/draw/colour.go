package draw

import (
	"image/color"
	"slices"
	"strconv"
	"strings"
)

// A Look tells one name of a figure from the others.
type Look struct {
	Hue  string // #rrggbb
	Dash int    // index into dashes
}

// dashes are the line patterns: how ECharts names them, and their lengths in
// points for the picture.
var dashes = []struct {
	name  string
	lengs []float64
}{{"solid", nil}, {"dashed", []float64{6, 3.5}}, {"dotted", []float64{1.4, 2.6}}}

// The hues, after Okabe and Ito, moved to a luminance between 0.12 and 0.30, so
// that each has a contrast of at least 3:1 on white and on the near-black of
// dark themes, and then apart: the first eight of free differ by at least 15
// units of CIE L*a*b* for every kind of colour vision.
const (
	Blue      = "#146a95"
	Vermilion = "#b74206"
	Green     = "#17a964"
	pink      = "#d2749e"
	Amber     = "#b29000"
	sky       = "#3694e4"
	violet    = "#8e59ee"
	Crimson   = "#c4314b"
	olive     = "#7a6836"
	brown     = "#9c6b3f"
	teal      = "#1c8c9c"
	Grey      = "#808080"
)

// free is the order in which names without a look of their own take hues.
var free = []string{Blue, Vermilion, Green, violet, Amber, pink, sky, olive, Crimson, teal, brown, Grey}

// pinned gives the methods of the papers one look in every notebook. Methods
// that share a hue are relatives, seldom meet in one figure, and then differ by
// their dash.
var pinned = map[string]Look{
	"ISTA": {sky, 0}, "GD": {sky, 2}, "gradient descent": {sky, 2}, "subgradient": {Grey, 2},
	"FISTA": {Blue, 0}, "NAG": {Blue, 2}, "Nesterov": {Blue, 2},
	"FISTA restart": {violet, 0}, "restart": {violet, 1}, "heavy ball": {brown, 0}, "momentum": {brown, 0},
	"two tuned constants": {Green, 0}, "tuned constants": {Green, 0}, "constants": {Green, 1}, "three tuned constants": {Green, 2}, "four constants": {Green, 1},
	"PGM": {teal, 0}, "backtracking": {teal, 0}, "exact": {Grey, 0},
	"L2O-PA": {Vermilion, 0}, "L2O-PA (x)": {Vermilion, 2}, "L2O-P": {Crimson, 0}, "L2O-A": {Crimson, 2},
	"L2O-PBA": {teal, 0}, "L2O-PBA1": {teal, 2}, "L2O-PBA2": {brown, 2}, "L2O-PBA12": {brown, 0},
	"its p alone": {Crimson, 0}, "its a alone": {olive, 0},
	"Lasso-trained L2O-PA": {olive, 0}, "L2O-DM": {pink, 0}, "RNNprop": {Amber, 0}, "L2O-Scale": {teal, 0}, "L2O-Swarm": {violet, 0},
	"Adam": {olive, 0}, "AdamHD": {olive, 2}, "RMSProp": {Amber, 2}, "SGD": {Grey, 0},
	"LISTA": {Crimson, 0}, "LISTA-CP": {pink, 2}, "LISTA-CPSS": {Amber, 0}, "ALISTA": {Green, 0}, "HyperLISTA": {Vermilion, 0},
	"Ada-LISTA": {teal, 1}, "Step-LISTA": {sky, 1}, "TiLISTA": {olive, 0}, "GLISTA": {violet, 2}, "LFISTA": {Blue, 2}, "AMP": {teal, 0}, "LAMP": {teal, 2},
	"truth": {Grey, 0}, "rank 1": {Green, 0}, "untrained": {Vermilion, 1},
	"Run-and-Inspect": {Crimson, 0},
	"EM":              {Blue, 0}, "ALS": {Blue, 0}, "MLAM": {Vermilion, 0}, "GSO": {Green, 0},
}

// variants are the words of a name that make its line dashed.
var variants = []string{"published", "untrained", "guarded"}

// Looks chooses the look of every name of one figure.
//
//   - A name that is, or begins with, a pinned method has its look: "FISTA,
//     published step" is FISTA's blue.
//   - A name that says "published", "untrained" or "guarded" is dashed.
//   - Other names take what is left of the hues in order of appearance.
//   - Where two names would still look alike, the later one takes another dash.
func Looks(names []string) []Look {
	out := make([]Look, len(names))
	known := make([]bool, len(names))
	taken := map[string]bool{}
	for i, name := range names {
		if out[i], known[i] = pinnedLook(name); known[i] {
			taken[out[i].Hue] = true
		}
	}
	left := slices.DeleteFunc(slices.Clone(free), func(h string) bool { return taken[h] })
	used := map[Look]bool{}
	for i, name := range names {
		if !known[i] {
			if len(left) == 0 {
				left = slices.Clone(free)
			}
			out[i].Hue, left = left[0], left[1:]
		}
		if low := strings.ToLower(name); slices.ContainsFunc(variants, func(v string) bool { return strings.Contains(low, v) }) {
			out[i].Dash = 1
		}
		for n := 0; used[out[i]] && n < len(dashes); n++ {
			out[i].Dash = (out[i].Dash + 1) % len(dashes)
		}
		used[out[i]] = true
	}
	return out
}

// pinnedLook finds the longest pinned method that name begins with, as a whole word.
func pinnedLook(name string) (found Look, ok bool) {
	longest := -1
	for method, l := range pinned {
		rest, match := strings.CutPrefix(strings.ToLower(name), strings.ToLower(method))
		if match && len(method) > longest && (rest == "" || strings.ContainsRune(" ,:;(/", rune(rest[0]))) {
			found, ok, longest = l, true, len(method)
		}
	}
	return found, ok
}

// Colour scales for heat maps: from dark to light for amounts, two-sided around
// zero for signed values.
var (
	Amounts = []string{"#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725"}
	Signed  = []string{"#2166ac", "#67a9cf", "#d1e5f0", "#f7f7f7", "#fddbc7", "#ef8a62", "#b2182b"}
)

// onScale is the colour at t in [0, 1] of a scale.
func onScale(scale []string, t float64) color.NRGBA {
	t = min(max(t, 0), 1) * float64(len(scale)-1)
	i := min(int(t), len(scale)-2)
	a, b, w := rgb(scale[i], 255), rgb(scale[i+1], 255), t-float64(i)
	mix := func(p, q uint8) uint8 { return uint8(float64(p)*(1-w) + float64(q)*w + .5) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

// rgb reads #rrggbb.
func rgb(hex string, alpha uint8) color.NRGBA {
	v, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		panic("draw: not a colour: " + hex)
	}
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), alpha}
}
