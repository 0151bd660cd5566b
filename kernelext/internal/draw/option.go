//go:build !js

package draw

import (
	"encoding/json"
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// A series adds to go-echarts' series the few fields of ECharts that it lacks.
type series struct {
	charts.SingleSeries
	Silent bool `json:"silent,omitempty"`
	Z      int  `json:"z,omitempty"`
	Labels bool `json:"l2oLabels,omitempty"` // loader.js colours them
}

// Option is the scene as an ECharts option. Strings that begin with @ name
// functions of loader.js, which also chooses the colours of text and the layout:
// they depend on the page and on its width.
func Option(s *Scene) map[string]any {
	chart := charts.NewLine()
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: s.trigger(), Formatter: "@tip"}))
	o := chart.JSON()
	delete(o, "title")
	delete(o, "toolbox")
	delete(o, "color") // every series states its own
	x, y := s.X.option(28), s.Y.option(46)
	if s.Bare {
		x["splitLine"], y["splitLine"] = map[string]any{"show": false}, map[string]any{"show": false}
	}
	o["xAxis"], o["yAxis"] = x, y
	o["series"] = s.series()
	var names []string
	for _, l := range s.Legend() {
		names = append(names, l.Name)
	}
	o["legend"] = opts.Legend{Show: opts.Bool(len(names) > 1 || s.Boxes == nil && len(names) == 1), Data: names}
	if s.Cells == nil && s.Boxes == nil {
		// "none" keeps points outside the window, and with them the lines that lead there.
		o["dataZoom"] = []map[string]any{{"type": "inside", "xAxisIndex": 0, "filterMode": "none", "zoomOnMouseWheel": "ctrl"}}
		if s.Square {
			o["dataZoom"] = append(o["dataZoom"].([]map[string]any),
				map[string]any{"type": "inside", "yAxisIndex": 0, "filterMode": "none", "zoomOnMouseWheel": "ctrl"})
		}
	}
	if c := s.Cells; c != nil {
		o["visualMap"] = map[string]any{
			"type": "continuous", "min": c.Colour.Lo, "max": c.Colour.Hi, "calculable": false, "text": []string{c.End(c.Colour.Hi), c.End(c.Colour.Lo)},
			"orient": "horizontal", "inRange": map[string]any{"color": c.Scale}, "itemWidth": 12, "itemHeight": 160, "hoverLink": true,
		}
	}
	return o
}

func (s *Scene) trigger() string {
	if s.Kind == "Line chart" {
		return "axis"
	}
	return "item"
}

// option is one axis. The ends are those of Fit, so that they meet the ticks. What is under
// l2o is for loader.js, which writes the numbers of the axis.
func (a Axis) option(gap int) map[string]any {
	o := map[string]any{
		"type": "value", "name": a.Name, "nameLocation": "middle", "nameGap": gap,
		"min": a.Lo, "max": a.Hi, "axisLabel": map[string]any{"formatter": "@tick", "hideOverlap": true},
	}
	say := map[string]any{}
	for k, v := range map[string]float64{"span": a.span(), "step": a.Step, "floor": a.Floor, "top": a.Top} {
		if v != 0 && Finite(v) {
			say[k] = v
		}
	}
	if a.Log || a.AtLeast {
		say["log"], say["least"] = a.Log, a.AtLeast
	}
	o["l2o"] = say
	switch {
	case a.Labels != nil:
		o["type"], o["data"] = "category", a.Labels
		delete(o, "min")
		delete(o, "max")
		delete(o, "l2o")
		o["axisLabel"] = map[string]any{"interval": 0}
	case a.Log:
		o["interval"] = a.Step
	}
	if ts := a.Ticks(); a.Labels == nil && len(ts) > 0 { // an end between ticks would get a label of its own
		l := o["axisLabel"].(map[string]any)
		l["showMinLabel"], l["showMaxLabel"] = ts[0]-a.Lo < 1e-6*a.Step, a.Hi-ts[len(ts)-1] < 1e-6*a.Step
	}
	return o
}

func (s *Scene) series() []series {
	var out []series
	for _, l := range s.Layers {
		out = append(out, l.series(s.X, s.Y))
	}
	if len(s.Marks) > 0 {
		out = append(out, markSeries(s.Marks))
	}
	if len(s.Labels) > 0 {
		out = append(out, labelSeries(s.Labels, s.X, s.Y))
	}
	if s.Cells != nil {
		out = append(out, cellSeries(s.Cells))
	}
	return append(out, boxSeries(s.Boxes, s.Y)...)
}

func (l Layer) series(x, y Axis) series {
	hue := &opts.ItemStyle{Color: l.Look.Hue}
	z := series{SingleSeries: charts.SingleSeries{Name: l.Name, ItemStyle: hue}, Z: 3}
	switch {
	case l.Lo != nil:
		rows := make([]Numbers, len(l.Pts))
		for i, p := range l.Pts {
			rows[i] = Numbers{x.short(p[0]), y.short(l.Lo[i]), y.short(l.Hi[i])}
		}
		z.Type, z.RenderItem, z.Data = types.ChartCustom, "@band", rows
		z.Encode = &opts.Encode{X: 0, Y: []int{1, 2}}
		hue.Opacity = opts.Float(1 - float32(l.Fade))
		z.Silent, z.Z = true, 1
	case l.Size > 0:
		z.Type, z.Data, z.Symbol, z.SymbolSize = types.ChartScatter, l.rows(x, y), l.Symbol, l.Size
		hue.Opacity = opts.Float(1 - float32(l.Fade))
		if l.Symbol == "diamond" { // a centre: on top, with a rim that shows on its own cluster
			hue.BorderColor, hue.BorderWidth, z.Z = "#ffffff", 1.5, 5
		}
	default:
		z.Type, z.Data, z.ShowSymbol, z.Symbol = types.ChartLine, l.rows(x, y), opts.Bool(false), "none"
		z.LineStyle = &opts.LineStyle{Color: l.Look.Hue, Width: float32(l.Width), Type: dashes[l.Look.Dash].name, Opacity: opts.Float(1 - float32(l.Fade))}
		z.Silent = l.Name == ""
	}
	return z
}

// rows are the points with the digits that their axes show.
func (l Layer) rows(x, y Axis) []Numbers {
	rows := make([]Numbers, len(l.Pts))
	for i, p := range l.Pts {
		rows[i] = Numbers{x.short(p[0]), y.short(p[1])}
	}
	return rows
}

// markSeries draws the marks of a figure: an invisible line carries them.
func markSeries(ms []Mark) series {
	var data []any
	for _, m := range ms {
		at := map[string]any{"name": m.Name, "yAxis": m.At, "label": map[string]any{"position": "insideEndTop"}}
		if m.Vertical {
			at = map[string]any{"name": m.Name, "xAxis": m.At, "label": map[string]any{"position": "insideEndTop"}}
		}
		data = append(data, at)
	}
	return series{Silent: true, Z: 2, SingleSeries: charts.SingleSeries{
		Type: types.ChartLine, Data: []Numbers{},
		MarkLines: &opts.MarkLines{Data: data, MarkLineStyle: opts.MarkLineStyle{
			Symbol:    []string{"none", "none"},
			Label:     &opts.Label{Formatter: "{b}", FontSize: 11},
			LineStyle: &opts.LineStyle{Color: Grey, Type: "dashed", Width: 1},
		}},
	}}
}

// starPath is a star for ECharts.
var starPath = func() (path string) {
	for k, p := range star {
		path += fmt.Sprintf("%s%.3f %.3f", [2]string{"L", "M"}[btoi(k == 0)], p[0], -p[1])
	}
	return "path://" + path + "Z"
}()

// labelSeries draws words at places.
func labelSeries(labels []Label, x, y Axis) series {
	data := []any{}
	for _, l := range labels {
		size, side := 0., "inside"
		if l.Star {
			size, side = 17, "right"
		}
		data = append(data, map[string]any{"name": l.Text, "value": Numbers{x.short(l.X), y.short(l.Y)}, "symbolSize": size, "label": map[string]any{"position": side}})
	}
	return series{Silent: true, Z: 6, Labels: true, SingleSeries: charts.SingleSeries{
		Type: types.ChartScatter, Data: data, Symbol: starPath,
		Label: &opts.Label{Show: opts.Bool(true), Formatter: "{b}", FontSize: 11},
	}}
}

func cellSeries(c *Cells) series {
	data := []any{}
	for i, row := range c.V {
		for j := range row {
			data = append(data, map[string]any{"value": Numbers{float64(j), float64(i), c.Colour.short(c.At(i, j))}, "name": c.Shown(i, j)})
		}
	}
	return series{SingleSeries: charts.SingleSeries{
		Type: types.ChartHeatMap, Data: data,
		Label: &opts.Label{Show: opts.Bool(len(c.V) > 0 && len(c.V[0]) <= 14), Formatter: "{b}"},
	}}
}

func boxSeries(bs []Box, y Axis) []series {
	if len(bs) == 0 {
		return nil
	}
	data := []any{}
	out := []Numbers{}
	for i, b := range bs {
		fill, five := rgba(b.Look.Hue, .25), make(Numbers, len(b.Five))
		for k, v := range b.Five {
			five[k] = y.short(v)
		}
		data = append(data, map[string]any{
			"value":     five,
			"itemStyle": map[string]any{"color": fill, "borderColor": b.Look.Hue, "borderWidth": 1.6},
		})
		for _, v := range b.Out {
			out = append(out, Numbers{float64(i), y.short(v)})
		}
	}
	return []series{
		{SingleSeries: charts.SingleSeries{Type: types.ChartBoxPlot, Data: data}},
		{SingleSeries: charts.SingleSeries{Type: types.ChartScatter, Data: out, SymbolSize: 5, ItemStyle: &opts.ItemStyle{Color: Grey, Opacity: opts.Float(.7)}}},
	}
}

// rgba is a hue with an opacity, for CSS.
func rgba(hue string, opacity float64) string {
	c := rgb(hue, 0)
	text, err := json.Marshal([]any{c.R, c.G, c.B, opacity})
	if err != nil {
		panic(err)
	}
	return "rgba(" + string(text[1:len(text)-1]) + ")"
}
