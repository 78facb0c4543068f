/* Every page. Scripts here are classic and deferred, in the order of the page: hashed static names would break
   imports between modules. What they share hangs on one global, `Bezpechne`. All words come from the page. */
(() => {
  "use strict";
  const words = document.body.dataset;

  /** An element with attributes, text and children; no markup is ever parsed. */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  /** An icon of the sprite. */
  const icon = (name, className = "icon") => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const use = document.createElementNS(space, "use");
    svg.setAttribute("class", className);
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${words.sprite || ""}#${name}`);
    svg.append(use);
    return svg;
  };

  /** Storage of the browser that may be switched off or full. */
  const store = {
    get(key, area = "sessionStorage") {
      try { return window[area].getItem(key); } catch { return null; }
    },
    set(key, value, area = "sessionStorage") {
      try { window[area].setItem(key, value); } catch { /* a draft is a convenience */ }
    },
    drop(key) {
      for (const area of ["sessionStorage", "localStorage"]) {
        try { window[area].removeItem(key); } catch { /* as above */ }
      }
    },
  };

  window.Bezpechne = { make, icon, store };

  /* form[data-confirm="sentence"]: asks first; data-confirm-yes names the act. Before htmx sees the submit. */
  const confirmed = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    const yes = make("button", { type: "button", class: "button button--primary" }, form.dataset.confirmYes || words.labelYes);
    const no = make("button", { type: "button", class: "button", autofocus: "" }, words.labelNo);
    const text = make("p", { id: "confirm-text" }, form.dataset.confirm);
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "confirm-text" }, text, make("div", { class: "dialog__actions" }, no, yes));
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close();
      confirmed.add(form);
      form.requestSubmit(submitter);
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }, true);

  /* A form is sent once. The button stays focusable; another try is allowed after 20 s or on coming back.
     form[data-waiting="sentence"]: what takes long says so in its [role=status], and may take three minutes. */
  const tellWaiting = (form, text) => {
    const place = form.dataset.waiting && form.querySelector("[role=status]");
    if (place) place.textContent = text;
  };
  const release = (form) => {
    delete form.dataset.sent;
    tellWaiting(form, "");
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.dataset.resend !== undefined) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-disabled", "true");
    tellWaiting(form, form.dataset.waiting);
    setTimeout(release, form.dataset.waiting ? 180000 : 20000, form);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.site-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const button = event.target.closest?.("[data-open], [data-close]");
    if (!button) return;
    const set = button.dataset;
    if ("open" in set) document.getElementById(set.open)?.showModal();
    if ("close" in set) button.closest("dialog")?.close();
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.site-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  /* a[data-quick-exit]: leaves without a way back through history. */
  document.addEventListener("click", (event) => {
    const exit = event.target.closest?.("a[data-quick-exit]");
    if (!exit) return;
    event.preventDefault();
    window.location.replace(exit.href);
  });

  for (const marker of document.querySelectorAll("[data-draft-clear]")) store.drop(`draft:${marker.dataset.draftClear || "ask"}`);
  document.querySelector("[data-focus]")?.focus();
})();
