package kernelext

import (
	"encoding/json"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// A series adds to go-echarts' series the few fields of ECharts that it lacks.
type series struct {
	charts.SingleSeries
	Silent bool `json:"silent,omitempty"`
	Z      int  `json:"z,omitempty"`
}

// option is the scene as an ECharts option. Strings that begin with @ name
// functions of loader.js, which also chooses the colours of text and the layout:
// they depend on the page and on its width.
func option(s *scene) map[string]any {
	chart := charts.NewLine()
	chart.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: s.trigger(), Formatter: "@tip"}))
	o := chart.JSON()
	delete(o, "title")
	delete(o, "toolbox")
	delete(o, "color") // every series states its own
	x, y := s.x.option(28), s.y.option(46)
	if s.bare {
		x["splitLine"], y["splitLine"] = map[string]any{"show": false}, map[string]any{"show": false}
	}
	o["xAxis"], o["yAxis"] = x, y
	o["series"] = s.series()
	var names []string
	for _, l := range s.legend() {
		names = append(names, l.name)
	}
	o["legend"] = opts.Legend{Show: opts.Bool(len(names) > 1 || s.boxes == nil && len(names) == 1), Data: names}
	if s.cells == nil && s.boxes == nil {
		// "none" keeps points outside the window, and with them the lines that lead there.
		o["dataZoom"] = []map[string]any{{"type": "inside", "xAxisIndex": 0, "filterMode": "none", "zoomOnMouseWheel": "ctrl"}}
		if s.square {
			o["dataZoom"] = append(o["dataZoom"].([]map[string]any),
				map[string]any{"type": "inside", "yAxisIndex": 0, "filterMode": "none", "zoomOnMouseWheel": "ctrl"})
		}
	}
	if c := s.cells; c != nil {
		o["visualMap"] = map[string]any{
			"type": "continuous", "min": c.lo, "max": c.hi, "calculable": false, "text": []string{c.ends[1], c.ends[0]},
			"orient": "horizontal", "inRange": map[string]any{"color": c.scale}, "itemWidth": 12, "itemHeight": 160, "hoverLink": true,
		}
	}
	return o
}

func (s *scene) trigger() string {
	if s.kind == "Line chart" {
		return "axis"
	}
	return "item"
}

// option is one axis. The ends are those of fit, so that they meet the ticks.
func (a axis) option(gap int) map[string]any {
	o := map[string]any{
		"type": "value", "name": a.name, "nameLocation": "middle", "nameGap": gap,
		"min": a.lo, "max": a.hi, "axisLabel": map[string]any{"formatter": "@tick", "hideOverlap": true},
	}
	switch {
	case a.labels != nil:
		o["type"], o["data"] = "category", a.labels
		delete(o, "min")
		delete(o, "max")
		o["axisLabel"] = map[string]any{"interval": 0}
	case a.log:
		o["interval"] = a.step
	}
	if ts := a.ticks(); a.labels == nil && len(ts) > 0 { // an end between ticks would get a label of its own
		l := o["axisLabel"].(map[string]any)
		l["showMinLabel"], l["showMaxLabel"] = ts[0]-a.lo < 1e-6*a.step, a.hi-ts[len(ts)-1] < 1e-6*a.step
	}
	return o
}

func (s *scene) series() []series {
	var out []series
	for _, l := range s.layers {
		out = append(out, l.series())
	}
	if len(s.marks) > 0 {
		out = append(out, markSeries(s.marks))
	}
	if s.cells != nil {
		out = append(out, cellSeries(s.cells))
	}
	return append(out, boxSeries(s.boxes)...)
}

func (l layer) series() series {
	hue := &opts.ItemStyle{Color: l.look.hue}
	z := series{SingleSeries: charts.SingleSeries{Name: l.name, ItemStyle: hue}, Z: 3}
	switch {
	case l.lo != nil:
		rows := make([]numbers, len(l.pts))
		for i, p := range l.pts {
			rows[i] = numbers{p[0], l.lo[i], l.hi[i]}
		}
		z.Type, z.RenderItem, z.Data = types.ChartCustom, "@band", rows
		z.Encode = &opts.Encode{X: 0, Y: []int{1, 2}}
		hue.Opacity = opts.Float(1 - float32(l.fade))
		z.Silent, z.Z = true, 1
	case l.size > 0:
		z.Type, z.Data, z.Symbol, z.SymbolSize = types.ChartScatter, l.pts, l.symbol, l.size
		hue.Opacity = opts.Float(1 - float32(l.fade))
		if l.symbol == "diamond" { // a centre: on top, with a rim that shows on its own cluster
			hue.BorderColor, hue.BorderWidth, z.Z = "#ffffff", 1.5, 5
		}
	default:
		z.Type, z.Data, z.ShowSymbol, z.Symbol = types.ChartLine, l.pts, opts.Bool(false), "none"
		z.LineStyle = &opts.LineStyle{Color: l.look.hue, Width: float32(l.width), Type: dashes[l.look.dash].name, Opacity: opts.Float(1 - float32(l.fade))}
		z.Silent = l.name == ""
	}
	return z
}

// markSeries draws the marks of a figure: an invisible line carries them.
func markSeries(ms []mark) series {
	var data []any
	for _, m := range ms {
		at := map[string]any{"name": m.name, "yAxis": m.at, "label": map[string]any{"position": "insideEndTop"}}
		if m.vertical {
			at = map[string]any{"name": m.name, "xAxis": m.at, "label": map[string]any{"position": "insideEndTop"}}
		}
		data = append(data, at)
	}
	return series{Silent: true, Z: 2, SingleSeries: charts.SingleSeries{
		Type: types.ChartLine, Data: points{},
		MarkLines: &opts.MarkLines{Data: data, MarkLineStyle: opts.MarkLineStyle{
			Symbol:    []string{"none", "none"},
			Label:     &opts.Label{Formatter: "{b}", FontSize: 11},
			LineStyle: &opts.LineStyle{Color: grey, Type: "dashed", Width: 1},
		}},
	}}
}

func cellSeries(c *cells) series {
	data := []any{}
	for i, row := range c.v {
		for j, v := range row {
			data = append(data, map[string]any{"value": numbers{float64(j), float64(i), v}, "name": c.shown[i][j]})
		}
	}
	return series{SingleSeries: charts.SingleSeries{
		Type: types.ChartHeatMap, Data: data,
		Label: &opts.Label{Show: opts.Bool(len(c.v) > 0 && len(c.v[0]) <= 14), Formatter: "{b}"},
	}}
}

func boxSeries(bs []box) []series {
	if len(bs) == 0 {
		return nil
	}
	data := []any{}
	var out points
	for i, b := range bs {
		fill := rgba(b.look.hue, .25)
		data = append(data, map[string]any{
			"value":     numbers(b.five[:]),
			"itemStyle": map[string]any{"color": fill, "borderColor": b.look.hue, "borderWidth": 1.6},
		})
		for _, v := range b.out {
			out = append(out, [2]float64{float64(i), v})
		}
	}
	return []series{
		{SingleSeries: charts.SingleSeries{Type: types.ChartBoxPlot, Data: data}},
		{SingleSeries: charts.SingleSeries{Type: types.ChartScatter, Data: out, SymbolSize: 5, ItemStyle: &opts.ItemStyle{Color: grey, Opacity: opts.Float(.7)}}},
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
