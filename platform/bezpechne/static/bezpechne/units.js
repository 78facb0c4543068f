/* [data-unit-choice]: the list and the search of a unit become one field that suggests while one types (an ARIA combobox).
   The select stays, hidden, and is what is sent; without this script both are used as they are. */
(() => {
  "use strict";
  const { make } = window.Bezpechne;
  const WAIT = 200;

  const enhance = (root) => {
    const { unitChoice: address, found, more, none, failed } = root.dataset;
    const [select, input, status] = ["select", "input", "[role=status]"].map((part) => root.querySelector(part));
    const usual = [...select.options].map((option) => [option.value, option.text]);
    const list = make("ul", { class: "unit-choice__list", role: "listbox", id: `${select.id}-list`, hidden: "" });
    let active = -1;
    let timer = 0;
    let asked = 0;

    /* The field takes the place of the select for its label, its errors and links to it. */
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    const label = document.querySelector(`label[for="${select.id}"]`);
    input.id = select.id;
    select.removeAttribute("id");
    if (label) {
      label.id ||= `${input.id}-label`;
      list.setAttribute("aria-labelledby", label.id);
      input.removeAttribute("aria-label");
    }
    for (const [name, value] of Object.entries({ type: "text", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
      input.setAttribute(name, value);
    }
    const sent = input.name;
    root.querySelector("button").remove();
    select.hidden = true;
    status.className = "visually-hidden";
    status.textContent = "";
    input.after(list);
    root.classList.add("is-one");

    const chosen = () => select.selectedOptions[0]?.text ?? "";
    const rows = () => [...list.children];
    const close = () => {
      clearTimeout(timer);
      asked += 1;
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const restore = () => {
      close();
      input.removeAttribute("name");
      status.textContent = "";
      input.value = chosen();
    };
    /* Words without a choice are sent along: the server asks what was meant, and takes no other unit. */
    const leave = () => {
      const text = input.value.trim();
      if (!text || text === chosen()) restore();
      else {
        close();
        input.name = sent;
      }
    };
    const point = (at) => {
      active = at;
      rows().forEach((row, place) => row.setAttribute("aria-selected", String(place === at)));
      const row = rows()[at];
      if (row) {
        input.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    };
    const open = (units) => {
      list.replaceChildren(...units.map(([value, text], place) => make("li", { role: "option", id: `${list.id}-${place}`, "data-value": value, "aria-selected": "false" }, text)));
      list.hidden = !units.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      point(-1);
    };
    const take = (row) => {
      const { value } = row.dataset;
      if (![...select.options].some((option) => option.value === value)) select.add(new Option(row.textContent, value));
      select.value = value;
      restore();
    };
    const look = async (text) => {
      const mine = ++asked;
      try {
        const answer = await fetch(`${address}&q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const data = await answer.json();
        if (mine !== asked) return;
        open(data.units.map(([value, name]) => [String(value), name]));
        const words = data.more ? more : data.units.length ? found : none;
        status.className = data.units.length && !data.more ? "visually-hidden" : "meta";
        status.textContent = words.replace("{n}", data.units.length);
      } catch {
        if (mine !== asked) return;
        open([]);
        status.className = "meta";
        status.textContent = failed;
      }
    };

    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => { if (list.hidden) open(usual); });
    input.addEventListener("input", () => {
      clearTimeout(timer);
      asked += 1;
      const text = input.value.trim();
      if (text) timer = setTimeout(look, WAIT, text);
      else open(usual);
    });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && list.hidden) open(usual);
      if (step) {
        const count = rows().length;
        if (count) point(active < 0 && step < 0 ? count - 1 : (active + step + count) % count);
      } else if (event.key === "Escape" && (!list.hidden || input.value !== chosen())) restore();
      else if (event.key === "Enter") { if (active >= 0) take(rows()[active]); }
      else return;
      event.preventDefault();
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) take(row);
    });
    input.addEventListener("blur", leave);
    window.addEventListener("pageshow", (event) => { if (event.persisted) restore(); });
    restore();
  };

  document.querySelectorAll("[data-unit-choice]").forEach(enhance);
})();
