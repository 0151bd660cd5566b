// Questions: one copy per page. A list of answers becomes buttons, and what belongs to a
// question is covered until one of them was pressed. What was chosen lives in the window, and
// the page forgets it when it is closed.
(function () {
  "use strict";
  var L = window.__l2o = window.__l2o || {};
  if (L.chosen) return; // Setup ran twice
  L.chosen = {}; // by question: the place of the answer, -1 for "show me"
  L.right = {}; // by question: whether that was right, as soon as it is known

  var css = document.createElement("style");
  css.textContent = ".l2o-option{display:flex;gap:.6em;width:100%;box-sizing:border-box;margin:.35em 0;padding:.45em .8em;font:inherit;text-align:left;color:inherit;" +
    "background:transparent;border:1px solid rgba(128,128,128,.5);border-radius:8px;cursor:pointer;overflow-wrap:anywhere}.l2o-option>:first-child{flex:none}" +
    ".l2o-option:hover{border-color:currentColor}.l2o-option:focus-visible,.l2o-show:focus-visible{outline:3px solid #3694e4;outline-offset:2px}" +
    ".l2o-option[aria-disabled=true]{cursor:default}.l2o-option[aria-disabled=true]:not([data-l2o-is]){opacity:.65}" +
    ".l2o-option[data-l2o-is=right]{border-color:#17a964;background:rgba(23,169,100,.16)}.l2o-option[data-l2o-is=wrong]{border-color:#c4314b;background:rgba(196,49,75,.16)}" +
    ".l2o-show{font:inherit;font-size:.9em;color:inherit;background:none;border:0;padding:.2em 0;margin:.2em 0;text-decoration:underline;cursor:pointer;opacity:.8}" +
    ".l2o-covered{font:13.5px/1.5 system-ui,sans-serif;max-width:46rem;margin:.6em 0;padding:.9em 1em;border:1px dashed rgba(128,128,128,.6);border-radius:8px;opacity:.8}" +
    ".l2o-question p{margin:.4em 0}details.l2o-under{display:none}details.l2o-lifted>summary{display:none}details.l2o-lifted{border:0!important;padding:0!important}";
  document.head.appendChild(css);

  function all(selector, id) { return document.querySelectorAll(selector + '[data-l2o="' + id + '"]'); }
  function make(tag, cls, text) {
    var e = document.createElement(tag);
    e.className = cls;
    if (text) e.textContent = text;
    return e;
  }
  function letter(i) { return "(" + String.fromCharCode(97 + i) + ")"; }

  function score() {
    var ids = Object.keys(L.right), n = ids.filter(function (id) { return L.right[id]; }).length;
    return n + " of " + ids.length + " right so far.";
  }

  // ask makes buttons of a list.
  function ask(node) {
    var id = node.getAttribute("data-l2o"), list = node.querySelector(".l2o-options"), group = make("div", "l2o-group");
    node.setAttribute("data-l2o-state", "asked");
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", id + "-text");
    Array.from(list.children).forEach(function (li, i) {
      var b = make("button", "l2o-option"), text = make("span", "");
      b.type = "button";
      b.appendChild(make("span", "", letter(i)));
      while (li.firstChild) text.appendChild(li.firstChild);
      b.appendChild(text);
      b.onclick = function () { choose(id, i); };
      group.appendChild(b);
    });
    var show = make("button", "l2o-show", "Show me"), verdict = make("div", "l2o-verdict");
    show.type = "button";
    show.onclick = function () { choose(id, -1); };
    verdict.setAttribute("role", "status");
    verdict.setAttribute("aria-live", "polite");
    list.replaceWith(group);
    node.appendChild(show);
    node.appendChild(verdict);
    node.querySelectorAll(".l2o-unplayed").forEach(function (e) { e.remove(); });
    update(id);
  }

  function choose(id, i) {
    if (L.chosen[id] === undefined) L.chosen[id] = i; // the first choice counts
    update(id);
  }

  // update shows what is known of a question wherever it stands.
  function update(id) {
    var chosen = L.chosen[id], answers = all(".l2o-answer", id), asked = all(".l2o-ask", id), right;
    answers.forEach(function (d) {
      right = +d.getAttribute("data-l2o-right");
      if (chosen === undefined) return cover(d, asked.length > 0);
      lift(d);
    });
    if (chosen === undefined) return;
    if (right !== undefined) L.right[id] = chosen === right;
    asked.forEach(function (node) {
      node.querySelectorAll(".l2o-option").forEach(function (b, i) {
        b.setAttribute("aria-disabled", "true");
        b.setAttribute("aria-pressed", String(i === chosen));
        if (right !== undefined && i === right) b.setAttribute("data-l2o-is", "right");
        else if (i === chosen && right !== undefined) b.setAttribute("data-l2o-is", "wrong");
      });
      node.querySelectorAll(".l2o-show").forEach(function (b) { b.style.display = "none"; });
      var said = right === undefined ? "You chose " + letter(chosen) + ". What comes out is being computed." :
        chosen === right ? "✓ Right. " + score() : chosen < 0 ? "It is " + letter(right) + ". " + score() :
        "✗ Not " + letter(chosen) + ": it is " + letter(right) + ". " + score();
      if (right === undefined && chosen < 0) said = "What comes out is being computed.";
      var verdict = node.querySelector(".l2o-verdict");
      if (verdict && verdict.textContent !== said) verdict.textContent = said;
    });
  }
  function cover(d, asked) {
    if (!asked || d.classList.contains("l2o-under")) return; // without its question it stays a folded text
    d.classList.add("l2o-under");
    var note = make("div", "l2o-covered", "Covered: choose an answer above first.");
    d.parentNode.insertBefore(note, d);
  }
  function lift(d) {
    if (d.classList.contains("l2o-lifted")) return;
    var note = d.previousElementSibling;
    if (note && note.classList.contains("l2o-covered")) note.remove();
    d.classList.remove("l2o-under");
    d.classList.add("l2o-lifted");
    d.open = true;
    if (L.refresh) L.refresh(); // its figures have a width now
  }

  function look() {
    Array.from(document.querySelectorAll(".l2o-ask:not([data-l2o-state])")).filter(L.whole).forEach(ask);
    document.querySelectorAll(".l2o-answer:not(.l2o-under):not(.l2o-lifted)").forEach(function (d) { update(d.getAttribute("data-l2o")); });
  }
  document.addEventListener("toggle", function () { if (L.refresh) L.refresh(); }, true);
  document.addEventListener("DOMContentLoaded", look);
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  look();
})();
