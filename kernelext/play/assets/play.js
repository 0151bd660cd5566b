// Playgrounds in a page: one copy, one instance of the program. It finds the figures of class
// l2o-play, puts controls in the place of their still picture, and asks the program, package
// play in WebAssembly, for a scene whenever one is moved.
(function () {
  "use strict";
  var P = window.__l2oPlay = window.__l2oPlay || {};
  if (P.scan) return;
  P.base = P.base || "";
  P.times = {};
  var program = null; // {controls, draw} once it runs

  function log(x) { console.error("l2o: playgrounds stay pictures:", x); }
  function make(tag, cls, parent, attributes) {
    var e = document.createElement(tag);
    if (cls) e.className = cls;
    for (var k in attributes || {}) e.setAttribute(k, attributes[k]);
    if (parent) parent.appendChild(e);
    return e;
  }
  function clamp(v, lo, hi) { return Math.min(Math.max(v, lo), hi); }

  // The program, packed: beside the page, or, where a page was opened from a file and may not
  // read its neighbours, from a script that carries it. It is compiled while it arrives.
  async function unpacked() {
    var packed, file = location.protocol === "file:", r = file ? new Response(new Blob([await carried()])) : await fetch(P.base + "play.wasm.gz");
    if (!r.ok) throw new Error("play.wasm.gz: " + r.status);
    packed = r.headers.get("content-encoding") !== "gzip"; // else the browser has unpacked it
    return new Response(packed ? r.body.pipeThrough(new DecompressionStream("gzip")) : r.body, { headers: { "content-type": "application/wasm" } });
  }
  function carried() {
    return new Promise(function (done, failed) {
      P.carried = function (text) { done(Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0); })); };
      var s = make("script");
      s.src = P.base + "play.wasm.js";
      s.onerror = function () { failed(new Error("there is no play.wasm.js beside the page")); };
      document.head.appendChild(s);
    });
  }
  function load() {
    if (P.loading) return;
    P.loading = true;
    var go = new Go();
    WebAssembly.instantiateStreaming(unpacked(), go.importObject).then(function (r) {
      go.run(r.instance);
    }).catch(function (x) { P.failed = String(x); log(x); });
  }
  P.ready = function (controls, draw) {
    program = { controls: controls, draw: draw };
    P.scan();
  };

  function ask(f, args) {
    var a = JSON.parse(f.apply(null, args));
    if (a.error) throw new Error(a.error);
    return a;
  }
  function dark(node) {
    var c = getComputedStyle(node).color.match(/[\d.]+/g) || [0, 0, 0];
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2] > 140;
  }
  function write(c, v) {
    if (c.kind === "choice") return c.options[v];
    if (c.log) return String(Number(v.toPrecision(3)));
    return v.toFixed(Math.max(0, Math.min(6, Math.ceil(-Math.log10(c.step) - 1e-9))));
  }

  // A game is one playground in the page.
  function Game(node) {
    var g = this;
    g.node = node;
    g.name = node.getAttribute("data-l2o-play");
    g.controls = ask(program.controls, [g.name]);
    g.values = {};
    g.controls.forEach(function (c) { g.values[c.name] = c.start.slice(); });
    g.live = node.querySelector(".l2o-live");
    g.live.textContent = "";
    g.live.setAttribute("data-lm-suppress-shortcuts", "true"); // arrow keys are ours, not the notebook's
    g.board = make("div", "l2o-board", g.live);
    g.stage = make("div", "l2o-stage", g.live);
    g.picture = make("div", "l2o-picture", g.stage);
    g.says = make("p", "l2o-says", g.live);
    g.heard = make("div", "l2o-heard", g.live, { "aria-live": "polite" });
    g.moved = []; // what to do when the picture has moved
    g.controls.forEach(function (c) {
      c.box = g[c.kind](c);
      if (c.when) g.moved.push(function () { c.off = c.is.indexOf(g.values[c.when][0]) < 0; c.box.style.display = c.off ? "none" : ""; });
    });
    var again = make("button", "l2o-reset", g.board, { type: "button" });
    again.textContent = "Reset";
    again.onclick = function () {
      g.controls.forEach(function (c) { g.values[c.name] = c.start.slice(); });
      g.soon();
    };
    g.stage.addEventListener("pointerdown", function (e) { g.press(e); });
  }

  // soon draws once, with the next frame of the screen.
  Game.prototype.soon = function (since) {
    var g = this;
    g.since = g.since || since || performance.now();
    if (g.waits) return;
    g.waits = true;
    requestAnimationFrame(function () { g.waits = false; g.draw(); });
  };
  Game.prototype.draw = function () {
    var g = this, width = g.stage.clientWidth, began = performance.now();
    if (!width) return;
    g.width = width;
    g.ink = getComputedStyle(g.node).color;
    try {
      var f = g.frame = ask(program.draw, [g.name, JSON.stringify(g.values), width, dark(g.node)]);
      var computed = performance.now();
      g.picture.innerHTML = f.svg;
      g.tallest = Math.max(g.tallest || 0, f.height);
      g.stage.style.minHeight = g.tallest + "px";
      g.says.textContent = f.says;
      g.moved.forEach(function (m) { m(); });
      g.stage.getBoundingClientRect(); // the layout is part of the time
      var now = performance.now(), t = P.times[g.name] = P.times[g.name] || { first: now - began, moves: [], ready: now };
      t.moves.push({ compute: computed - began, all: now - began, since: g.since ? now - g.since : 0 });
      if (t.moves.length > 200) t.moves.shift();
      g.node.setAttribute("data-l2o-state", "live");
    } catch (x) {
      g.says.textContent = "This cannot be drawn: " + x.message + ".";
      g.node.setAttribute("data-l2o-state", "error: " + x.message);
    }
    g.since = 0;
    clearTimeout(g.quiet);
    g.quiet = setTimeout(function () { g.heard.textContent = g.says.textContent; }, 600);
  };
  Game.prototype.set = function (c, value, event) {
    this.values[c.name] = value;
    this.soon(event && event.timeStamp);
  };

  Game.prototype.slider = function (c) {
    var g = this, label = make("label", "l2o-control", g.board), name = make("span", "", label);
    name.textContent = c.label;
    var input = make("input", "", label, { type: "range", min: c.lo, max: c.hi, step: c.step, "data-control": c.name });
    var out = make("output", "", label);
    input.oninput = function (e) { g.set(c, [c.log ? Math.pow(10, +input.value) : +input.value], e); };
    g.moved.push(function () {
      var v = g.values[c.name][0], at = c.log ? Math.log10(v) : v;
      if (Math.abs(+input.value - at) > c.step / 1e3) input.value = at;
      out.textContent = write(c, v);
      input.setAttribute("aria-valuetext", out.textContent);
    });
    if (!c.runs) return label;
    var run = make("button", "", g.board, { type: "button", "aria-label": "let " + c.label + " run" }), timer = 0;
    function stop() { clearInterval(timer); timer = 0; run.textContent = "▶"; }
    stop();
    run.onclick = function () {
      if (timer) return stop();
      run.textContent = "⏸";
      if (g.values[c.name][0] >= c.hi) g.set(c, [c.lo]);
      timer = setInterval(function () {
        var v = g.values[c.name][0];
        if (v >= c.hi || !document.contains(g.node)) return stop();
        g.set(c, [v + c.step]);
      }, clamp(4000 / (c.hi - c.lo), 60, 500));
    };
    return label;
  };
  Game.prototype.choice = function (c) {
    var g = this, label = make("label", "l2o-control", g.board), name = make("span", "", label);
    name.textContent = c.label;
    var select = make("select", "", label, { "data-control": c.name });
    c.options.forEach(function (o, i) { make("option", "", select, { value: i }).textContent = o; });
    select.onchange = function (e) { g.set(c, [+select.value], e); };
    g.moved.push(function () { select.value = g.values[c.name][0]; });
    return label;
  };
  Game.prototype.button = function (c) {
    var g = this, b = make("button", "", g.board, { type: "button", "data-control": c.name });
    b.textContent = c.label;
    b.onclick = function (e) { g.set(c, [g.values[c.name][0] + 1], e); };
    return b;
  };

  // A point is a button over the picture: it can be dragged, and moved with the arrow keys.
  Game.prototype.point = function (c) {
    var g = this, b = make("button", "l2o-point", g.stage, { type: "button", "data-control": c.name, "aria-roledescription": "point that can be moved" });
    if (c.hue) b.style.setProperty("--hue", c.hue);
    function go(x, y, e) {
      var p = g.frame.plots[c.panel];
      g.set(c, [clamp(x, p.x0, p.x1), clamp(y, p.y0, p.y1)], e);
    }
    c.to = function (e) { // to where the pointer is
      var p = g.frame.plots[c.panel], at = g.stage.getBoundingClientRect();
      go(p.x0 + (p.x1 - p.x0) * (e.clientX - at.left - p.left) / p.width, p.y1 - (p.y1 - p.y0) * (e.clientY - at.top - p.top) / p.height, e);
    };
    b.onpointerdown = function (e) { e.preventDefault(); e.stopPropagation(); b.focus({ preventScroll: true }); b.setPointerCapture(e.pointerId); };
    b.onpointermove = function (e) { if (b.hasPointerCapture(e.pointerId)) c.to(e); };
    b.onkeydown = function (e) {
      var d = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
      if (!d || !g.frame) return;
      e.preventDefault();
      var p = g.frame.plots[c.panel], s = e.shiftKey ? 300 : 60, v = g.values[c.name];
      go(v[0] + d[0] * (p.x1 - p.x0) / s, v[1] + d[1] * (p.y1 - p.y0) / s, e);
    };
    c.pixel = function () {
      var p = g.frame.plots[c.panel], v = g.values[c.name];
      return [p.left + p.width * (v[0] - p.x0) / (p.x1 - p.x0), p.top + p.height * (p.y1 - v[1]) / (p.y1 - p.y0)];
    };
    g.moved.push(function () {
      var at = c.pixel(), v = g.values[c.name];
      b.style.transform = "translate(" + at[0] + "px," + at[1] + "px)";
      b.setAttribute("aria-label", c.label + " at " + v[0].toPrecision(3) + ", " + v[1].toPrecision(3) + "; the arrow keys move it");
      b.title = c.label;
    });
    return b;
  };
  // press brings the nearest point of a panel to where it was pressed. A finger that scrolls
  // the page begins there too, so for fingers it has to be a tap.
  Game.prototype.press = function (e) {
    var g = this, at = g.stage.getBoundingClientRect(), x = e.clientX - at.left, y = e.clientY - at.top, best = null, least = Infinity;
    if (!g.frame) return;
    g.controls.forEach(function (c) {
      var p = g.frame.plots[c.panel];
      if (c.kind !== "point" || c.off || x < p.left || x > p.left + p.width || y < p.top || y > p.top + p.height) return;
      var q = c.pixel(), d = Math.hypot(q[0] - x, q[1] - y);
      if (d < least) { least = d; best = c; }
    });
    if (!best) return;
    if (e.pointerType === "touch") {
      g.stage.addEventListener("pointerup", function (u) {
        if (u.pointerId === e.pointerId && Math.hypot(u.clientX - e.clientX, u.clientY - e.clientY) < 8) best.to(u);
      }, { once: true });
      return;
    }
    e.preventDefault();
    best.to(e);
    var move = function (m) { best.to(m); };
    g.stage.setPointerCapture(e.pointerId);
    g.stage.addEventListener("pointermove", move);
    g.stage.addEventListener("pointerup", function () { g.stage.removeEventListener("pointermove", move); }, { once: true });
  };

  // Cells are painted with the pointer, or with the arrow keys and the space bar.
  Game.prototype.cells = function (c) {
    var g = this, over = make("div", "l2o-cells", g.stage, { tabindex: 0, role: "application", "data-control": c.name });
    var cursor = make("div", "", over), row = 0, col = 0, brush = 0;
    function paint(v, e) {
      var next = g.values[c.name].slice();
      next[row * c.cols + col] = v;
      g.set(c, next, e);
    }
    function under(e) {
      var at = over.getBoundingClientRect();
      col = clamp(Math.floor((e.clientX - at.left) / at.width * c.cols), 0, c.cols - 1);
      row = clamp(Math.floor((e.clientY - at.top) / at.height * c.rows), 0, c.rows - 1);
      return g.values[c.name][row * c.cols + col];
    }
    over.onpointerdown = function (e) { e.preventDefault(); e.stopPropagation(); over.focus({ preventScroll: true }); over.setPointerCapture(e.pointerId); brush = 1 - under(e); paint(brush, e); };
    over.onpointermove = function (e) { if (over.hasPointerCapture(e.pointerId) && under(e) !== brush) paint(brush, e); };
    over.onkeydown = function (e) {
      var d = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[e.key];
      if (d) { row = clamp(row + d[0], 0, c.rows - 1); col = clamp(col + d[1], 0, c.cols - 1); g.soon(); }
      else if (e.key === " " || e.key === "Enter") paint(1 - g.values[c.name][row * c.cols + col], e);
      else return;
      e.preventDefault();
    };
    g.moved.push(function () {
      var p = g.frame.plots[c.panel], w = p.width / c.cols, h = p.height / c.rows;
      over.style.cssText = "left:" + p.left + "px;top:" + p.top + "px;width:" + p.width + "px;height:" + p.height + "px";
      cursor.style.cssText = "left:" + col * w + "px;top:" + row * h + "px;width:" + w + "px;height:" + h + "px";
      over.setAttribute("aria-label", c.label + ": row " + (row + 1) + ", column " + (col + 1) + (g.values[c.name][row * c.cols + col] ? ", painted" : "") + "; the arrow keys move, the space bar paints");
    });
    return over;
  };

  var css = ".l2o-play .l2o-board{display:flex;flex-wrap:wrap;gap:.35em 1em;align-items:center;margin:.3em 0 .6em;font-size:14px}" +
    ".l2o-play .l2o-control{display:inline-flex;gap:.5em;align-items:center;min-height:32px}" +
    ".l2o-play input[type=range]{width:min(11em,38vw);accent-color:#146a95;margin:0}" +
    ".l2o-play output{font-weight:600;min-width:3em;font-variant-numeric:tabular-nums}" +
    ".l2o-play .l2o-board button,.l2o-play select{font:inherit;color:inherit;background:transparent;border:1px solid #8888;border-radius:6px;padding:.25em .7em;min-height:32px;cursor:pointer}" +
    ".l2o-play select option{color:#1b1f24;background:#fff}" +
    ".l2o-play .l2o-reset{opacity:.75}" +
    ".l2o-play .l2o-stage{position:relative}" +
    ".l2o-play .l2o-says{margin:.5em 0 0;font-size:14px;line-height:1.5;min-height:3em}" +
    ".l2o-play .l2o-heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}" +
    ".l2o-play .l2o-point{position:absolute;left:-20px;top:-20px;width:40px;height:40px;padding:0;border:0;border-radius:50%;background:transparent;cursor:grab;touch-action:none}" +
    ".l2o-play .l2o-point::after{content:'';position:absolute;inset:11px;border-radius:50%;background:var(--hue,#b74206);border:2px solid #fff;box-shadow:0 0 0 1px #0008}" +
    ".l2o-play .l2o-point:active{cursor:grabbing}.l2o-play .l2o-point:focus-visible,.l2o-play .l2o-cells:focus-visible{outline:3px solid #3694e4}" +
    ".l2o-play .l2o-cells{position:absolute;cursor:crosshair;touch-action:none;outline-offset:2px}" +
    ".l2o-play .l2o-cells div{position:absolute;display:none;border:2px solid #fff;outline:1px solid #000;box-sizing:border-box}.l2o-play .l2o-cells:focus-visible div{display:block}";

  function show(e, on) { if (e) { e.hidden = !on; e.style.display = on ? "" : "none"; } }
  function begin(node) {
    if (node.__l2oPlay) return;
    if (!node.querySelector(".l2o-live")) return node.setAttribute("data-l2o-state", "error: a figure without a place to play in");
    show(node.querySelector(".l2o-live"), true);
    try {
      var g = node.__l2oPlay = new Game(node);
      g.draw();
      if (window.ResizeObserver) new ResizeObserver(function () { if (g.stage.clientWidth && g.stage.clientWidth !== g.width) { g.tallest = 0; g.draw(); } }).observe(g.stage);
    } catch (x) {
      node.setAttribute("data-l2o-state", "error: " + x.message);
      show(node.querySelector(".l2o-live"), false);
      return log(x);
    }
    show(node.querySelector(".l2o-static"), false);
    show(node.querySelector(".l2o-hint"), false);
  }
  // whole reports whether the parser is through with a node: it has gone on to what follows.
  function whole(n) {
    for (; n && document.readyState === "loading"; n = n.parentElement) if (n.nextSibling) return true;
    return document.readyState !== "loading";
  }
  P.scan = function () {
    var nodes = document.querySelectorAll(".l2o-play");
    if (!nodes.length) return;
    if (!program) return load();
    if (!P.styled) { P.styled = true; make("style", "", document.head).textContent = css; }
    // What can be seen comes first, the others one after the other.
    var middle = innerHeight / 2;
    function far(n) { var at = n.getBoundingClientRect(); return Math.abs((at.top + at.bottom) / 2 - middle); }
    (function next() {
      var left = [].filter.call(document.querySelectorAll(".l2o-play"), function (n) { return !n.__l2oPlay && !n.hasAttribute("data-l2o-state") && whole(n); });
      left.sort(function (a, b) { return far(a) - far(b); });
      if (left.length) begin(left[0]);
      if (left.length > 1) setTimeout(next, 0);
    })();
  };
  function restyle() {
    document.querySelectorAll(".l2o-play").forEach(function (n) {
      var g = n.__l2oPlay;
      if (g && g.ink !== getComputedStyle(n).color) g.draw();
    });
  }
  // Outputs that arrive later, views that make their nodes anew, and themes that change.
  new MutationObserver(function () {
    if (P.tick) return;
    P.tick = setTimeout(function () { P.tick = 0; if (document.querySelector(".l2o-play:not([data-l2o-state])")) P.scan(); restyle(); }, 100);
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-theme"] });
  if (window.matchMedia) matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { setTimeout(restyle, 50); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", P.scan);
  P.scan();
})();
