/**
 * The only script of the page. It filters and highlights what is already there, and unfolds what is printed: without it
 * everything is shown.
 * It makes no markup out of text, loads nothing and stores nothing.
 */
export const pageScript = `"use strict";
(() => {
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("[data-filter]");
  const textField = document.querySelector("[data-filter-text]");
  const ringField = document.querySelector("[data-filter-ring-select]");
  const articles = all(document, "article[data-severity]");
  const applyFilter = () => {
    const chosen = new Set(all(document, "[data-filter-severity]").filter((box) => box.checked).map((box) => box.value));
    const ring = ringField ? ringField.value : "";
    const words = textField ? textField.value.toLowerCase().split(/\\s+/).filter(Boolean) : [];
    const has = (text) => words.every((word) => text.includes(word));
    let shown = 0;
    for (const article of articles) {
      let fits = chosen.has(article.dataset.severity) && (ring === "" || ring === article.dataset.ring);
      const members = all(article, "[data-member]");
      if (fits && words.length > 0) {
        const head = ["header", "dl", ".way"].map((part) => article.querySelector(part)?.textContent ?? "").join(" ");
        const whole = has(head.toLowerCase());
        const hits = members.filter((member) => whole || has((head + " " + member.textContent).toLowerCase()) || (members.length === 1 && has(article.textContent.toLowerCase())));
        for (const member of members) member.hidden = !hits.includes(member);
        for (const more of all(article, "details")) if (!whole && hits.length > 0) more.open = true;
        fits = hits.length > 0;
      } else for (const member of members) member.hidden = false;
      article.hidden = !fits;
      if (fits) shown++;
    }
    const count = document.querySelector("[data-filter-count]");
    if (count) count.textContent = shown === articles.length ? "" : shown + " of " + articles.length + " shown";
    const nothing = document.querySelector("[data-nothing]");
    if (nothing) nothing.hidden = shown > 0;
  };
  if (form) {
    form.addEventListener("input", applyFilter);
    form.addEventListener("submit", (event) => event.preventDefault());
    applyFilter();
  }
  for (const link of all(document, "[data-filter-ring]")) {
    link.addEventListener("click", () => {
      if (ringField) ringField.value = link.dataset.filterRing;
      if (textField) textField.value = "";
      applyFilter();
    });
  }
  const unfolded = [];
  addEventListener("beforeprint", () => {
    for (const more of all(document, "article details:not([open])")) unfolded.push(more);
    for (const more of unfolded) more.open = true;
  });
  addEventListener("afterprint", () => {
    for (const more of unfolded.splice(0)) more.open = false;
  });
  for (const map of all(document, "[data-map]")) {
    const views = all(map, "[data-map-view]");
    map.addEventListener("change", (event) => {
      if (event.target.type !== "radio") return;
      for (const view of views) view.hidden = view.dataset.mapView !== event.target.value;
    });
    const find = map.querySelector("[data-map-find]");
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      for (const node of all(map, ".node")) {
        node.classList.toggle("off", wanted !== "" && !node.dataset.service.toLowerCase().includes(wanted));
      }
      for (const link of all(map, ".link")) link.classList.toggle("off", wanted !== "");
      if (wanted !== "") all(map, ".node:not(.off)")[0]?.scrollIntoView({ block: "nearest", inline: "center" });
    });
    for (const drawing of all(map, "svg")) {
      const links = all(drawing, ".link");
      const mark = (id) => {
        const near = new Set([id]);
        for (const link of links) {
          const touches = id !== undefined && (link.dataset.from === id || link.dataset.to === id);
          link.classList.toggle("lit", touches);
          if (touches) near.add(link.dataset.from).add(link.dataset.to);
        }
        drawing.classList.toggle("marking", id !== undefined && near.size > 1);
        for (const node of all(drawing, "[data-node]")) node.classList.toggle("near", near.has(node.dataset.node));
      };
      for (const node of all(drawing, "[data-node]")) {
        node.addEventListener("pointerenter", () => mark(node.dataset.node));
        node.addEventListener("pointerleave", () => mark(undefined));
        node.addEventListener("focus", () => mark(node.dataset.node));
        node.addEventListener("blur", () => mark(undefined));
        node.addEventListener("click", () => {
          if (!node.dataset.service || !textField) return;
          textField.value = node.dataset.service;
          if (ringField) ringField.value = "";
          applyFilter();
        });
      }
    }
  }
})();
`;
