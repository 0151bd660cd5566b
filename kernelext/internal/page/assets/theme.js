(function () {
  "use strict";
  var page = document.documentElement, button = document.getElementById("l2o-theme"), system = matchMedia("(prefers-color-scheme: dark)");
  try { var kept = localStorage.getItem("l2o-theme"); if (kept === "dark" || kept === "light") page.dataset.theme = kept; } catch (e) { /* a page from a file may keep nothing */ }
  function dark() { return page.dataset.theme ? page.dataset.theme === "dark" : system.matches; }
  function label() { button.textContent = dark() ? "☀ light" : "☾ dark"; }
  button.onclick = function () {
    page.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("l2o-theme", page.dataset.theme); } catch (e) { /* then for this page only */ }
    label();
  };
  system.addEventListener("change", label);
  button.hidden = false;
  label();
})();
