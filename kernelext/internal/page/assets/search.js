(function (entries) {
  "use strict";
  var host = document.getElementById("l2o-search"), root = host.dataset.root;
  var box = document.createElement("input"), list = document.createElement("ul");
  box.type = "search";
  box.placeholder = "Search titles";
  box.setAttribute("aria-label", "Search the titles of the course");
  list.hidden = true;
  host.append(box, list);
  function find() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var found = words.length ? entries.filter(function (e) {
      var text = (e.t + " " + e.p).toLowerCase();
      return words.every(function (w) { return text.includes(w); });
    }) : [];
    list.replaceChildren.apply(list, found.slice(0, 12).map(function (e) {
      var item = document.createElement("li"), link = document.createElement("a"), where = document.createElement("small");
      link.href = root + e.u;
      link.textContent = e.t;
      where.textContent = e.p === e.t ? "" : e.p;
      link.append(where);
      item.append(link);
      return item;
    }));
    if (words.length && !found.length) {
      var none = document.createElement("li");
      none.textContent = "No title has these words.";
      list.append(none);
    }
    list.hidden = !words.length;
  }
  box.addEventListener("input", find);
  host.addEventListener("keydown", function (e) {
    var links = Array.from(list.querySelectorAll("a")), at = links.indexOf(document.activeElement);
    if (e.key === "Escape") { box.value = ""; find(); box.focus(); }
    else if (e.key === "Enter" && at < 0 && links.length) links[0].click();
    else if (e.key === "ArrowDown" && at + 1 < links.length) { links[at + 1].focus(); e.preventDefault(); }
    else if (e.key === "ArrowUp" && at >= 0) { (at ? links[at - 1] : box).focus(); e.preventDefault(); }
  });
  document.addEventListener("click", function (e) { if (!host.contains(e.target)) list.hidden = true; });
})
