/* Forms of residents: how much is written. Photos are in photos.js, the draft in draft.js. */
(() => {
  "use strict";
  const { make } = window.Bezpechne;

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
