/* The page that shows recovery codes once: [data-print] prints it, [data-copy="id"] copies what an element says. */
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    // Browsers offer the clipboard to secure pages alone.
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const lines = [...document.querySelectorAll(`#${button.dataset.copy} li`)].map((line) => line.textContent.trim());
      try {
        await navigator.clipboard.writeText(lines.join("\n"));
        button.querySelector("span").textContent = button.dataset.done;
      } catch { /* refused: downloading and printing remain */ }
    });
  }
})();
