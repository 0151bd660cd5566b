// Drawings and images: drawings are put into the page as SVG, in its colours, and sliders
// choose the frame.
(function () {
  "use strict";
  var L = window.__l2o = window.__l2o || {};
  if (L.stills) return; // Setup ran twice
  function show(e, on) { e.style.display = on ? "" : "none"; }
  function put(node) {
    node.setAttribute("data-l2o-state", "live");
    node.querySelectorAll('script[type="image/svg+xml"]').forEach(function (s) {
      var box = document.createElement("div");
      box.style.overflowX = "auto";
      box.innerHTML = s.textContent;
      s.replaceWith(box);
    });
    node.querySelectorAll(".l2o-static").forEach(function (e) { show(e, false); });
    node.querySelectorAll(".l2o-cap").forEach(function (e) { show(e, true); });
    var frames = node.querySelectorAll(".l2o-frame");
    L.dials(node, function (frame) { frames.forEach(function (f, i) { show(f, i === frame); }); });
  }
  L.stills = function () { Array.from(document.querySelectorAll(".l2o-still:not([data-l2o-state])")).filter(L.whole).forEach(put); };
  document.addEventListener("DOMContentLoaded", L.stills);
  new MutationObserver(L.stills).observe(document.documentElement, { childList: true, subtree: true });
  L.stills();
})();
