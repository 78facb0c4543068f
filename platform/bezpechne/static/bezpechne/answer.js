/* The unit's page: enlarged photos, folded forms that a link leads to, the state of the draft, printing. */
(() => {
  "use strict";
  const { make, icon } = window.Bezpechne;

  /* [data-enlarge="Close"] a > img: the large photo above the page; without scripts the link opens it. */
  for (const list of document.querySelectorAll("[data-enlarge]")) {
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const alt = link.querySelector("img")?.alt || "";
      const close = make("button", { type: "button", class: "button", autofocus: "" }, icon("close"), list.dataset.enlarge);
      const dialog = make("dialog", { class: "dialog dialog--photo", "aria-label": alt }, make("img", { src: link.href, alt }), close);
      dialog.addEventListener("click", (inside) => { if (inside.target !== dialog.firstChild) dialog.close(); });
      dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  /* a[href="#…"] to something folded opens it first, and puts the cursor into its first field. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    const folded = target.closest("details");
    if (folded) folded.open = true;
    const field = target.querySelector("textarea, input:not([type=hidden])");
    if (!field) return;
    event.preventDefault();
    target.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });

  /* [data-autosave]: htmx saves; here is what it cannot say without the server. */
  const saver = document.querySelector("[data-autosave]");
  const line = document.getElementById("draft-state");
  if (saver && line) {
    const say = (text) => line.replaceChildren(make("p", { class: "meta" }, text));
    saver.addEventListener("htmx:sendError", () => say(saver.dataset.offline));
    saver.addEventListener("htmx:responseError", () => say(saver.dataset.offline));
    window.addEventListener("offline", () => say(saver.dataset.offline));
  }

  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
})();
