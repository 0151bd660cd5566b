// Figure runtime: one copy per page. Figures queue up in window.__l2o.q and are
// drawn when this and ECharts have arrived, in whichever order that happens.
(function () {
  "use strict";
  var L = window.__l2o = window.__l2o || {};
  L.q = L.q || [];
  if (L.run) return; // Setup ran twice
  L.items = {};

  // Text is drawn in the page's own colour; light text means a dark page.
  function ink(node) { return getComputedStyle(node).color; }
  function dark(node) {
    var c = ink(node).match(/[\d.]+/g) || [0, 0, 0];
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2] > 140;
  }
  function fade(colour, a) {
    var c = colour.match(/[\d.]+/g) || [0, 0, 0];
    return "rgba(" + c[0] + "," + c[1] + "," + c[2] + "," + a + ")";
  }

  // On a dark page the hues move a quarter of the way to white.
  function lighter(hex) {
    return "#" + [1, 3, 5].map(function (i) {
      return Math.round(parseInt(hex.slice(i, i + 2), 16) * 0.75 + 64).toString(16).padStart(2, "0");
    }).join("");
  }

  // Numbers are written as internal/draw/number.go writes them; a test compares the two.
  function exponent(v) { return +v.toExponential().split("e")[1]; }
  function write(v, p) {
    if (v === Math.trunc(v) && Math.abs(v) < 1e6) return String(v);
    var s = v.toExponential(p - 1), m = s.split("e")[0], e = +s.split("e")[1];
    if (e >= -3 && e <= Math.max(5, p + 1)) return String(Number(s));
    return (m.indexOf(".") < 0 ? m : m.replace(/\.?0+$/, "")) + "e" + e;
  }
  function within(v, span) {
    return write(v, !(span > 0) || v === 0 ? 3 : Math.min(Math.max(exponent(v) - exponent(span) + 3, 3), 15));
  }
  // What stands at a coordinate of an axis: logarithmic ones hold exponents, sure to ten digits.
  function num(axis, t) {
    if (t === null || t === undefined || t !== t) return "–";
    axis = axis || {};
    var v = axis.log ? Number(Math.pow(10, t).toExponential(9)) : t;
    if (axis.least && v <= (axis.floor || 0)) return "unproven";
    if (axis.floor > 0 && v <= axis.floor) return "≤ " + write(axis.floor, 3);
    if (axis.top > 0 && v > axis.top) return "> " + write(axis.top, 3);
    return (axis.least ? "≥ " : "") + within(v, axis.span);
  }
  function tick(axis, t) {
    if (t === 0) return "0";
    var own = Math.abs(t).toExponential(14).split("e")[0].replace(".", "").replace(/0+$/, "").length;
    t = Number(t.toExponential(14));
    return write(t, Math.min(Math.max(own, axis.step > 0 ? exponent(t) - exponent(axis.step) + 1 : 0), 15));
  }
  L.num = num;
  L.tick = tick;
  var sup = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  function decade(e) {
    if (Math.abs(e - Math.round(e)) > 1e-6) return "";
    e = Math.round(e);
    return e === 0 ? "1" : e === 1 ? "10" : "10" + String(e).replace(/[-0-9]/g, function (d) { return sup[d]; });
  }
  function html(s) { return String(s).replace(/[&<>"]/g, function (c) { return "&#" + c.charCodeAt(0) + ";"; }); }

  function tip(item) {
    return function (p) {
      var many = Array.isArray(p), rows = (many ? p : [p]).map(function (e) {
        var v = e.value, mark = e.marker || "";
        if (e.seriesType === "boxplot") {
          var five = v.slice(-5).map(function (u) { return num(item.axes[1], u); });
          return "<b>" + html(e.name) + "</b><br>median " + five[2] + "<br>quartiles " + five[1] + " … " + five[3] + "<br>whiskers " + five[0] + " … " + five[4];
        }
        if (e.seriesType === "heatmap") return html(item.cell(v)) + "<br><b>" + html(e.name) + "</b>";
        if (e.seriesType === "custom" || !e.seriesName || !v || v[1] === null) return "";
        var y = num(item.axes[1], v[1]);
        return many ? mark + html(e.seriesName) + " <b>" + y + "</b>"
          : mark + html(e.seriesName) + " <b>(" + num(item.axes[0], v[0]) + ", " + y + ")</b>";
      }).filter(Boolean);
      if (!rows.length) return "";
      return (many ? html(item.x) + " <b>" + num(item.axes[0], p[0].value[0]) + "</b><br>" : "") + rows.join("<br>");
    };
  }
  function band(series) {
    var rows = series.data;
    return function (params, api) {
      if (params.dataIndexInside !== 0) return;
      var parts = [], low = [], high = [];
      function flush() {
        if (low.length > 1) parts.push({ type: "polygon", shape: { points: low.concat(high.reverse()) }, style: api.style({ stroke: "none" }) });
        low = []; high = [];
      }
      rows.forEach(function (r) {
        if (r[1] === null || r[2] === null) return flush();
        low.push(api.coord([r[0], r[1]])); high.push(api.coord([r[0], r[2]]));
      });
      flush();
      return { type: "group", children: parts };
    };
  }

  // Fills in what depends on the page: functions, colours of text, layout.
  function finish(item, frame, node, width) {
    var o = JSON.parse(JSON.stringify(frame)), text = ink(node), soft = fade(text, 0.72), small = width < 560;
    var font = getComputedStyle(node).fontFamily, pen = (L.pen = L.pen || document.createElement("canvas").getContext("2d"));
    pen.font = "12px sans-serif";
    function wide(s) { return pen.measureText(s).width * 1.06; }
    o.textStyle = { fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif" };
    var axes = item.axes = [{}, {}];
    ["xAxis", "yAxis"].forEach(function (k, d) {
      var a = o[k], say = axes[d] = a.l2o || {};
      delete a.l2o;
      a.nameTextStyle = { color: text, fontSize: small ? 11 : 12 };
      a.axisLine = { show: true, onZero: false, lineStyle: { color: fade(text, 0.45) } };
      a.axisTick = { show: false };
      a.splitLine = { show: a.type !== "category" && !a.splitLine, lineStyle: { color: fade(text, 0.11) } };
      a.axisLabel.color = soft;
      a.axisLabel.fontSize = 11;
      if (a.axisLabel.formatter === "@tick") a.axisLabel.formatter = say.log ? decade : function (v) { return tick(say, v); };
      if (d === 1 && !a.data && !say.log) { // long numbers need room
        for (var most = 0, n = 0; n <= (a.max - a.min) / say.step + 1e-6 && n < 20; n++) most = Math.max(most, wide(tick(say, a.min + n * say.step)));
        a.nameGap = Math.max(a.nameGap, most + 16);
      }
      if (a.data && d === 0) {
        var most = Math.max.apply(null, a.data.map(wide)), room = (width - 80) / a.data.length;
        if (most > room - 6 && most < 32) a.axisLabel.interval = "auto";
        else if (most > room - 6) { a.axisLabel.rotate = 28; a.nameGap += Math.min(most, 110) * 0.47; a.axisLabel.width = 110; a.axisLabel.overflow = "truncate"; }
      }
      if (a.data && d === 1) { a.axisLabel.width = Math.min(width * 0.28, 150); a.axisLabel.overflow = "truncate"; a.nameGap = Math.min(Math.max.apply(null, a.data.map(wide)), a.axisLabel.width) + 18; }
    });
    // The legend wraps; the plot starts below its last row.
    var rows = 0, used = Infinity, names = (o.legend.show && o.legend.data) || [], most = Math.min(width - 60, 420);
    names.forEach(function (n) {
      var w = Math.min(wide(n), most) + 42;
      if ((used += w) > width - 24) { rows++; used = w; }
    });
    Object.assign(o.legend, { top: 2, left: 8, right: 8, itemWidth: 24, itemHeight: o.series[0] && o.series.every(function (s) { return s.type !== "scatter"; }) ? 3 : 10, itemGap: 12, padding: 2,
      inactiveColor: fade(text, 0.3), textStyle: { color: text, fontSize: 12, width: most, overflow: "truncate" }, tooltip: { show: true } });
    var top = rows ? rows * 22 + 12 : 12;
    if (o.visualMap) {
      Object.assign(o.visualMap, { top: 0, left: 8, textStyle: { color: text } });
      top = 36;
    }
    var left = o.yAxis.data ? o.yAxis.nameGap + 24 : o.yAxis.nameGap + 20, bottom = o.xAxis.nameGap + 22, plot = item.plot * (small ? 0.8 : 1);
    o.grid = { left: left, right: 20, top: top, bottom: bottom, containLabel: false };
    if (item.square) { // equal units, unless that makes a sliver
      var u = (o.xAxis.max - o.xAxis.min) / (o.yAxis.max - o.yAxis.min), room = width - left - 20;
      plot = Math.min(room / u, item.plot);
      if (plot * u < 0.35 * room || plot < 0.35 * item.plot) plot = 0.6 * item.plot;
      else o.grid.right += room - plot * u;
    }
    o.tooltip.formatter = tip(item);
    Object.assign(o.tooltip, { confine: true, backgroundColor: dark(node) ? "#22272e" : "#ffffff", borderColor: fade(text, 0.2),
      textStyle: { color: text, fontSize: 12 }, axisPointer: { type: "line", snap: true, lineStyle: { color: fade(text, 0.4) } } });
    var light = dark(node);
    o.series.forEach(function (s) {
      if (light) [s.itemStyle, s.lineStyle].forEach(function (y) { if (y && y.color && !s.markLine) y.color = lighter(y.color); });
      if (s.renderItem === "@band") { s.renderItem = band(s); s.clip = true; }
      if (s.markLine) { s.markLine.silent = true; s.markLine.label.color = soft; s.markLine.animation = false; }
      if (s.l2oLabels) {
        delete s.l2oLabels;
        s.itemStyle = { color: text };
        Object.assign(s.label, { color: text, textBorderColor: light ? "#15181c" : "#ffffff", textBorderWidth: 3 });
      }
      if (s.type === "heatmap") {
        var widest = Math.max.apply(null, s.data.map(function (d) { return wide(d.name); }));
        s.itemStyle = { borderWidth: 0 };
        s.label.show = s.label.show && widest + 4 < (width - left - 20) / o.xAxis.data.length;
      }
    });
    item.cell = function (v) { return o.yAxis.data[v[1]] + " · " + o.xAxis.data[v[0]]; };
    return { option: o, height: Math.round(plot + top + bottom) };
  }

  function put(node, keep) {
    var s = node.__l2o, live = node.querySelector(".l2o-live"), width = live.clientWidth;
    var done = finish(s.item, s.item.frames[s.frame], node, width);
    if (keep) {
      var old = s.chart.getOption().legend;
      if (old && old[0]) done.option.legend.selected = old[0].selected;
    }
    s.width = width; s.ink = ink(node);
    if (live.style.height !== done.height + "px") { live.style.height = done.height + "px"; s.chart.resize(); }
    s.chart.setOption(done.option, { notMerge: true });
  }

  // Sliders choose a frame, of which the last slider turns the fastest.
  L.dials = function (node, go) {
    var all = Array.from(node.querySelectorAll("input[data-l2o-labels]"));
    all.forEach(function (e) {
      e.value = e.defaultValue;
      e.oninput = function () {
        e.parentNode.querySelector("output").textContent = JSON.parse(e.getAttribute("data-l2o-labels"))[+e.value];
        go(all.reduce(function (frame, f) { return frame * (+f.max + 1) + +f.value; }, 0));
      };
    });
  };

  // whole reports whether the parser is through with a node: it has gone on to what follows.
  L.whole = function (n) {
    for (; n && document.readyState === "loading"; n = n.parentElement) if (n.nextSibling) return true;
    return document.readyState !== "loading";
  };

  function show(node, cls, on) {
    node.querySelectorAll(cls).forEach(function (e) { e.style.display = on ? "" : "none"; e.hidden = !on; });
  }
  function draw(node, item) {
    if (node.__l2o || !L.echarts) return;
    var live = node.querySelector(".l2o-live");
    if (!live) return;
    try {
      show(node, ".l2o-live", true);
      // Not laid out yet (a hidden tab, a detached output): wait for a width.
      if (!live.clientWidth) { show(node, ".l2o-live", false); return "wait"; }
      live.style.height = "300px";
      node.__l2o = { item: item, frame: item.start, chart: L.echarts.init(live) };
      put(node);
      show(node, ".l2o-cap", true);
      show(node, ".l2o-static", false);
      show(node, ".l2o-hint", false);
      L.dials(node, function (frame) { node.__l2o.frame = frame; put(node, true); });
      if (window.ResizeObserver) new ResizeObserver(function () {
        if (live.clientWidth && live.clientWidth !== node.__l2o.width) { node.__l2o.chart.resize(); put(node, true); }
      }).observe(live);
      node.setAttribute("data-l2o-state", "live");
    } catch (e) {
      show(node, ".l2o-live", false);
      show(node, ".l2o-cap", false);
      show(node, ".l2o-static", true);
      node.setAttribute("data-l2o-state", "error: " + e.message);
      console.error("l2o figure", item.id, e);
    }
  }
  function attempt(item, tries) {
    var nodes = document.querySelectorAll('.l2o-fig[data-l2o="' + item.id + '"]'), wait = nodes.length === 0;
    nodes.forEach(function (n) { if (draw(n, item) === "wait") wait = true; });
    // The classic notebook runs scripts before their output is in the page.
    if (wait && tries < 200) setTimeout(function () { attempt(item, tries + 1); }, tries < 20 ? 50 : 500);
  }
  L.run = function () {
    while (L.echarts && L.q.length) { var item = L.q.shift(); L.items[item.id] = item; attempt(item, 0); }
  };
  L.install = function (echarts) { L.echarts = echarts; L.run(); };

  function restyle() {
    document.querySelectorAll('.l2o-fig[data-l2o-state=live]').forEach(function (n) {
      if (n.__l2o && n.__l2o.ink !== ink(n)) put(n, true);
    });
  }
  if (window.matchMedia) matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { setTimeout(restyle, 50); });
  // Figures that have got a width, or were made anew without running scripts.
  L.refresh = function () {
    if (!L.echarts) return;
    document.querySelectorAll(".l2o-fig:not([data-l2o-state])").forEach(function (n) {
      var item = L.items[n.getAttribute("data-l2o")];
      if (item) draw(n, item);
    });
  };
  // Views that make output nodes anew, and themes that change.
  new MutationObserver(function () {
    if (!L.echarts || L.tick) return;
    L.tick = setTimeout(function () {
      L.tick = 0;
      L.refresh();
      restyle();
    }, 150);
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-theme"] });
})();
