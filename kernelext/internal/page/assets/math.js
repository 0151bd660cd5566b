(async function (packed) {
  "use strict";
  try {
    var bytes = Uint8Array.from(atob(packed), function (c) { return c.charCodeAt(0); });
    var src = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    var module = { exports: {} };
    new Function("module", "exports", "define", src)(module, module.exports, undefined);
    document.querySelectorAll(".math").forEach(function (e) {
      var tex = e.textContent.replace(/^\$+|\$+$/g, ""); // outputs of cells keep them, for Jupyter
      try {
        module.exports.render(tex, e, { output: "mathml", displayMode: e.classList.contains("display"), throwOnError: false });
        e.classList.add("ready");
      } catch (x) { e.textContent = tex; }
    });
  } catch (x) { console.error("formulas stay as LaTeX:", x); }
})
