/* form[data-draft="ask"][data-draft-fields="text topic …"]: what is typed stays in this browser, of this city's host
   alone, until it is sent, cleared or a week old. Never the consent, and nothing of a private topic: a computer at home
   may be somebody else's too. Only a fresh form ([data-draft-fresh]) is filled
   from it: one that the server sends back holds what was typed already. [data-draft-line] says that a draft came back,
   form[data-draft-forget] clears it. */
(() => {
  "use strict";
  const { store } = window.Bezpechne;
  const LIFE = 7 * 24 * 3600 * 1000;
  const AREA = "localStorage";
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = `draft:${form.dataset.draft || "ask"}`;
  const names = (form.dataset.draftFields || "").split(/[\s,]+/).filter((name) => name && name !== "consent");

  const read = () => {
    try {
      const kept = JSON.parse(store.get(key, AREA)) || {};
      return Date.now() - kept.at < LIFE && typeof kept.fields === "object" ? kept.fields : null;
    } catch {
      return null;
    }
  };
  const valueOf = (field) => (field?.type === "checkbox" ? (field.checked ? "on" : "") : field?.value || "");
  const put = (field, value) => {
    if (field.type === "checkbox") field.checked = value === "on";
    else field.value = value;
    if (field instanceof Element) field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const isPrivate = () => Boolean(form.querySelector("option[data-private]:checked"));
  const save = () => {
    if (isPrivate()) {
      store.drop(key);
      return;
    }
    const fields = {};
    for (const name of names) {
      const value = valueOf(form.elements.namedItem(name));
      if (value) fields[name] = value;
    }
    fields.submit_key = form.elements.namedItem("submit_key").value;
    store.set(key, JSON.stringify({ at: Date.now(), fields }), AREA);
  };

  const restore = () => {
    const draft = read();
    if (!draft) {
      store.drop(key);
      return;
    }
    let restored = false;
    for (const name of names) {
      const field = form.elements.namedItem(name);
      if (!field || valueOf(field) || typeof draft[name] !== "string") continue;
      put(field, draft[name]);
      restored = true;
    }
    if (typeof draft.submit_key === "string" && /^[0-9a-f-]{36}$/.test(draft.submit_key)) {
      form.elements.namedItem("submit_key").value = draft.submit_key;
      form.dispatchEvent(new Event("draft:restored"));
    }
    if (isPrivate()) store.drop(key);
    const line = document.querySelector("[data-draft-line]");
    if (line && restored) line.hidden = false;
  };

  /* After the other scripts have set up what listens to the fields. */
  document.addEventListener("DOMContentLoaded", () => {
    if ("draftFresh" in form.dataset) restore();
    form.addEventListener("input", save);
    form.addEventListener("change", save);
  });

  const forget = document.querySelector("form[data-draft-forget]");
  forget?.addEventListener("submit", () => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
    for (const photo of form.querySelectorAll("input[name='photo']")) body.append("remove_photo", photo.value);
    const url = form.querySelector("[data-photos]")?.dataset.url;
    if (url && body.has("remove_photo")) {
      fetch(url.replace(/[0-9a-f-]{36}/, form.elements.namedItem("submit_key").value), { method: "POST", body, keepalive: true }).catch(() => {});
    }
    store.drop(key);
  });
})();
