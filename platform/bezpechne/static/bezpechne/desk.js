/* The desk: keys (?, shows dialog#shortcuts), ticks, phrases. Keys are read by place, so they work in the Ukrainian
   layout too; input[data-shortcuts] in the dialog switches them off (WCAG 2.1.4). Nothing here is needed to work. */
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
  const find = (selector) => document.querySelector(selector);

  /* The queue: j and k walk, o opens, x ticks. */
  const links = () => [...document.querySelectorAll(".queue a")];
  const current = () => document.activeElement?.closest?.(".queue li")?.querySelector("a");
  const step = (by) => {
    const all = links();
    if (!all.length) return;
    const next = all[Math.min(Math.max(all.indexOf(current()) + by, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const press = (selector) => find(selector)?.click();
  const openForm = (ending) => {
    const form = find(`form[action*='${ending}']`);
    const folded = form?.closest("details");
    if (folded) folded.open = true;
    (form?.querySelector("textarea") || form?.querySelector("select"))?.focus();
  };
  const goTo = (selector) => {
    const target = find(selector);
    target?.scrollIntoView({ block: "center" });
    target?.focus();
  };
  const inList = {
    KeyJ: () => step(1), KeyK: () => step(-1), KeyO: () => current()?.click(),
    KeyX: () => current()?.closest("li").querySelector("input[type=checkbox]")?.click(),
  };
  const inItem = {
    KeyJ: () => press("[data-key-next]"), KeyL: () => press("[data-key-list]"), KeyP: () => goTo("[data-key-publish]"),
    KeyR: () => openForm("/reject/"), KeyA: () => press("[data-key-mine]"),
  };
  const keys = find(".queue, #q") ? inList : inItem;
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]") || !isOn()) return;
    if (event.key === "?") dialog?.showModal();
    else if ((event.key === "/" || event.code === "Slash") && !event.shiftKey && find("#q")) find("#q").focus();
    else if (keys[event.code] && !event.shiftKey) keys[event.code]();
    else return;
    event.preventDefault();
  });

  /* Ticks: all at once, and how many. The bar of what can be done with them waits until there is one. */
  const boxes = [...document.querySelectorAll("input[form=bulk]")];
  const all = find("[data-tick-all]");
  const count = find("[data-tick-count]");
  const recount = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = ticked;
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    document.getElementById("bulk")?.classList.toggle("is-idle", !ticked);
  };
  for (const box of boxes) box.addEventListener("change", recount);
  all?.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    recount();
  });
  recount();
  window.addEventListener("pageshow", recount);

  /* select[data-phrases="id of a field"]: the chosen phrase goes where the cursor was; what is typed stays. */
  for (const select of document.querySelectorAll("select[data-phrases]")) {
    const field = document.getElementById(select.dataset.phrases);
    if (!field) continue;
    select.parentElement.querySelector("[data-phrase-button]")?.remove();
    select.addEventListener("change", () => {
      const text = select.selectedOptions[0]?.dataset.text;
      if (!text) return;
      const written = field.value.trim() !== "";
      const at = field === document.activeElement || field.selectionEnd ? field.selectionEnd : field.value.length;
      const before = field.value.slice(0, at);
      const after = field.value.slice(at);
      const gap = written && before && !before.endsWith("\n") ? "\n\n" : "";
      field.value = `${before}${gap}${text}${after}`;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
      field.setSelectionRange(before.length + gap.length + text.length, before.length + gap.length + text.length);
      select.value = "";
    });
  }
})();
