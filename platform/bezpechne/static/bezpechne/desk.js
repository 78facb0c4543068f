/* The desk's keyboard: j and k walk the queue, ? shows dialog#shortcuts. Keys are read by place, so they work in the
   Ukrainian layout too; input[data-shortcuts] in the dialog switches them off (WCAG 2.1.4). */
(() => {
  "use strict";
  const { store } = window.Bezpechne;
  const KEY = "desk:shortcuts";
  const isOn = () => store.get(KEY, "localStorage") !== "off";
  const dialog = document.getElementById("shortcuts");
  const toggle = document.querySelector("input[data-shortcuts]");
  if (toggle) {
    toggle.checked = isOn();
    toggle.addEventListener("change", () => store.set(KEY, toggle.checked ? "on" : "off", "localStorage"));
  }

  const step = (by) => {
    const links = [...document.querySelectorAll(".queue a")];
    if (!links.length) return;
    let at = links.indexOf(document.activeElement);
    if (at < 0) at = links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || !isOn()) return;
    if (event.code === "KeyJ") step(1);
    else if (event.code === "KeyK") step(-1);
    else if (event.key === "?") dialog?.showModal();
    else return;
    event.preventDefault();
  });
})();
