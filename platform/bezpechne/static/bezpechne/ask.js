/* Forms of residents: photos, a draft that survives a lost connection, the counter. */
(() => {
  "use strict";
  const { make, icon, store } = window.Bezpechne;

  /* input[type=file][data-photos]: adds to what is chosen, shows it, refuses what is too many or too large.
     Drawn on a canvas: needs no blob: in the policy, and what the browser cannot decode (HEIC) shows its name. */
  const setUpPhotos = (input) => {
    const set = input.dataset;
    const most = Number(set.maxFiles) || 3;
    const largest = Number(set.maxBytes) || Infinity;
    const list = make("ul", { class: "photo-previews" });
    const line = make("p", { class: "field__error", role: "status" });
    input.after(list, line);
    let files = [];

    const hand = () => {
      const transfer = new DataTransfer();
      for (const file of files) transfer.items.add(file);
      input.files = transfer.files;
    };
    const row = (file) => {
      const remove = make("button", { type: "button", class: "button button--small", "aria-label": `${set.textRemove || "×"}: ${file.name}` }, icon("close"), set.textRemove || "");
      const item = make("li", {}, file.name, remove);
      remove.addEventListener("click", () => {
        files = files.filter((other) => other !== file);
        hand();
        item.remove();
        line.textContent = "";
        input.focus();
      });
      if (window.createImageBitmap) {
        createImageBitmap(file, { resizeWidth: 320 }).then((bitmap) => {
          const canvas = make("canvas", { width: bitmap.width, height: bitmap.height, "aria-hidden": "true" });
          canvas.getContext("2d").drawImage(bitmap, 0, 0);
          bitmap.close();
          item.prepend(canvas);
        }, () => item.prepend(icon("photo")));
      }
      return item;
    };
    input.addEventListener("change", () => {
      const same = (a) => (b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
      const added = [...input.files].filter((file) => !files.some(same(file)));
      const fitting = added.filter((file) => file.size <= largest);
      const taken = fitting.slice(0, Math.max(most - files.length, 0));
      line.textContent = [
        fitting.length < added.length ? set.textTooBig : "",
        taken.length < fitting.length ? set.textTooMany : "",
      ].filter(Boolean).join(" ");
      files = [...files, ...taken];
      hand();
      list.append(...taken.map(row));
    });
  };
  document.querySelectorAll("input[type=file][data-photos]").forEach(setUpPhotos);

  /* form[data-draft="ask"][data-draft-fields="text topic lat lon"]: only the named fields are kept, never who asks. */
  const PRIVATE = /name|mail|phone|code|token|password/i;
  const setUpDraft = (form) => {
    const key = `draft:${form.dataset.draft || "ask"}`;
    const names = (form.dataset.draftFields || "").split(/[\s,]+/).filter((name) => name && !PRIVATE.test(name));
    const draft = (() => {
      try { return JSON.parse(store.get(key)) || {}; } catch { return {}; }
    })();
    for (const name of names) {
      const field = form.elements.namedItem(name);
      if (!field || field.value || typeof draft[name] !== "string" || !draft[name]) continue;
      field.value = draft[name];
      if (field instanceof Element) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const save = () => {
      const kept = {};
      for (const name of names) {
        const value = form.elements.namedItem(name)?.value;
        if (value) kept[name] = value;
      }
      store.set(key, JSON.stringify(kept));
    };
    form.addEventListener("input", save);
    form.addEventListener("change", save);
  };
  document.querySelectorAll("form[data-draft]").forEach(setUpDraft);

  /* textarea[maxlength]: how much is written; spoken only near the end. */
  for (const area of document.querySelectorAll("textarea[maxlength]")) {
    const most = area.maxLength;
    const line = make("p", { class: "field__counter" });
    const count = () => {
      const near = most - area.value.length <= Math.min(50, most / 10);
      line.textContent = `${area.value.length} / ${most}`;
      line.classList.toggle("is-near", near);
      if (near) line.setAttribute("role", "status");
      else line.removeAttribute("role");
    };
    area.after(line);
    area.addEventListener("input", count);
    area.addEventListener("change", count);
    count();
  }
})();
