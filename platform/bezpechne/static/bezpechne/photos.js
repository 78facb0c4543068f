/* [data-photos]: photos go one by one as soon as they are chosen, with progress, and wait on the server under the
   form's key. Without scripts, or where one could not be sent, the files go with the form as ever.
   A row is a copy of the page's <template>; all words come from data attributes. */
(() => {
  "use strict";
  const { make, icon } = window.Bezpechne;
  const box = document.querySelector("[data-photos]");
  if (!box || !window.XMLHttpRequest) return;
  const form = box.closest("form");
  const set = box.dataset;
  const most = Number(set.maxFiles) || 5;
  const largest = Number(set.maxBytes) || Infinity;
  const list = box.querySelector("[data-photo-list]");
  const pattern = box.querySelector("[data-photo-pattern]");
  const line = box.querySelector("[data-photo-line]");
  const inputs = [...box.querySelectorAll("[data-photo-input]")];
  const part = (row, name) => row.querySelector(`[data-photo-${name}]`);
  const say = (text) => { line.textContent = text || ""; };

  /* The draft may bring back the key of a form that was open before. */
  const address = () => set.url.replace(/[0-9a-f-]{36}/, form.elements.namedItem("submit_key").value);
  const csrf = () => form.elements.namedItem("csrfmiddlewaretoken").value;

  /** Random, for a file that is sent again: crypto.randomUUID is missing on plain http. */
  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const rows = () => [...list.children];
  const files = new Map(); // row → {file, key}, until it is on the server
  const queue = [];
  let busy = null;
  let held = null;

  const number = () => rows().forEach((row, place) => {
    const { file } = files.get(row) || {};
    part(row, "name").textContent = file ? file.name : `${set.textPhoto} ${place + 1}`;
    part(row, "up").disabled = place === 0;
    part(row, "down").disabled = place === rows().length - 1;
    const picture = row.querySelector("img");
    if (!picture.hidden) picture.alt = `${set.textPhoto} ${place + 1}`;
  });

  /* --- what the server keeps --- */

  const save = (removed) => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", csrf());
    for (const row of rows()) if (row.dataset.photo) body.append("photo", row.dataset.photo);
    if (removed) body.append("remove_photo", removed);
    // What fails here goes with the form: the hidden fields hold the same.
    fetch(address(), { method: "POST", body }).catch(() => {});
  };

  const kept = (row, photo) => {
    files.delete(row);
    row.dataset.photo = photo.key;
    row.append(make("input", { type: "hidden", name: "photo", value: photo.key }));
    const picture = row.querySelector("img");
    Object.assign(picture, { src: photo.url, width: photo.width, height: photo.height, hidden: false });
    part(row, "progress").hidden = true;
    part(row, "state").textContent = set.textKept;
    part(row, "retry").hidden = true;
    row.classList.remove("is-failed");
    if (photo.place) offer(row, photo.place);
    number();
  };

  /* The photo's own position is only offered: the pin moves, and the position is kept, when the resident agrees. */
  const offer = (row, place) => {
    const where = part(row, "place");
    where.hidden = false;
    if (!place.inside) {
      where.replaceChildren(make("p", { class: "meta" }, set.textPlaceOutside));
      return;
    }
    const button = make("button", { type: "button", class: "button button--small" }, icon("locate"), set.textPlace);
    const note = make("p", { class: "meta", role: "status" }, set.textPlaceNote);
    button.addEventListener("click", () => {
      for (const [name, value] of [["lat", place.lat], ["lon", place.lon]]) form.elements.namedItem(name).value = value;
      form.elements.namedItem("lon").dispatchEvent(new Event("change", { bubbles: true }));
      note.textContent = set.textPlaced;
    });
    where.replaceChildren(button, note);
  };

  /* --- sending --- */

  const fail = (row, sentence, again) => {
    row.classList.add("is-failed");
    part(row, "progress").hidden = true;
    part(row, "state").textContent = sentence;
    part(row, "retry").hidden = !again;
    files.get(row).again = again;
  };

  const send = (row) => {
    const { file, key } = files.get(row);
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", csrf());
    body.append("key", key);
    body.append("photo", file);
    busy = { row, request };
    const progress = part(row, "progress");
    progress.hidden = false;
    part(row, "state").textContent = set.textSending;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = Math.round((event.loaded / event.total) * 100);
    });
    request.addEventListener("loadend", () => {
      busy = null;
      if (row.isConnected && files.has(row)) {
        const answer = request.response;
        if (request.status === 201 && answer) kept(row, answer);
        else if ((request.status === 422 || request.status === 429) && answer) fail(row, answer.error, false);
        else fail(row, request.status ? set.textFailed : set.textLost, true);
      }
      next();
    });
    request.open("POST", `${address()}add/`);
    request.responseType = "json";
    request.timeout = 120000;
    request.send(body);
  };
  const next = () => {
    while (!busy && queue.length) {
      const row = queue.shift();
      if (row.isConnected && files.has(row)) send(row);
    }
    if (held && !busy) {
      const { submitter } = held;
      held = null;
      say("");
      form.requestSubmit(submitter);
    }
  };
  const again = (row) => {
    row.classList.remove("is-failed");
    part(row, "retry").hidden = true;
    part(row, "state").textContent = set.textWaits;
    queue.push(row);
    next();
  };
  window.addEventListener("online", () => {
    for (const [row, { again: wanted }] of files) if (wanted && row.classList.contains("is-failed")) again(row);
  });

  /* --- a row --- */

  const move = (row, step) => {
    const place = rows().indexOf(row) + step;
    if (place < 0 || place >= rows().length) return;
    if (step < 0) list.insertBefore(row, rows()[place]);
    else list.insertBefore(row, rows()[place].nextSibling);
    arranged(row);
  };
  const arranged = (row) => {
    number();
    say(`${set.textMoved} ${rows().indexOf(row) + 1}`);
    save();
  };
  const remove = (row) => {
    if (busy?.row === row) busy.request.abort();
    const known = row.dataset.photo || files.get(row)?.key;
    files.delete(row);
    const after = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    number();
    say(set.textRemoved);
    save(known);
    (after ? part(after, "remove") : inputs[0]).focus();
  };
  const wire = (row) => {
    part(row, "tick")?.remove();
    part(row, "remove").addEventListener("click", () => remove(row));
    part(row, "retry").addEventListener("click", () => again(row));
    for (const [name, step] of [["up", -1], ["down", 1]]) {
      const button = part(row, name);
      button.addEventListener("click", () => {
        move(row, step);
        (button.disabled ? part(row, step < 0 ? "down" : "up") : button).focus();
      });
    }
    row.draggable = true;
    row.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      row.classList.add("is-dragged");
    });
    row.addEventListener("dragend", () => {
      row.classList.remove("is-dragged");
      arranged(row);
    });
  };
  list.addEventListener("dragover", (event) => {
    const dragged = list.querySelector(".is-dragged");
    const over = event.target.closest(".photo-row");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const { top, height } = over.getBoundingClientRect();
    list.insertBefore(dragged, event.clientY < top + height / 2 ? over : over.nextSibling);
  });

  const newRow = () => {
    const row = pattern.content.firstElementChild.cloneNode(true);
    wire(row);
    list.append(row);
    return row;
  };

  const choose = (input) => {
    const chosen = [...input.files];
    const fitting = chosen.filter((file) => file.size <= largest);
    const taken = fitting.slice(0, Math.max(most - rows().length, 0));
    say([
      fitting.length < chosen.length ? set.textTooBig : "",
      taken.length < fitting.length ? set.textTooMany : "",
    ].filter(Boolean).join(" "));
    input.value = "";
    for (const file of taken) {
      const row = newRow();
      files.set(row, { file, key: newKey() });
      part(row, "state").textContent = set.textWaits;
      queue.push(row);
    }
    number();
    next();
  };

  rows().forEach(wire);
  number();
  for (const input of inputs) input.addEventListener("change", () => choose(input));

  /* The question waits for photos under way and goes after them; what could not be sent goes with the form. */
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !files.size) return;
    if (busy || queue.length) {
      event.preventDefault();
      held = { submitter: event.submitter };
      say(set.textHeld);
      return;
    }
    const transfer = new DataTransfer();
    for (const { file, again: wanted } of files.values()) if (wanted !== false) transfer.items.add(file);
    inputs[0].files = transfer.files;
  });

  /* A draft came back: its photos wait on the server. */
  form.addEventListener("draft:restored", async () => {
    try {
      const response = await fetch(address(), { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      for (const photo of (await response.json()).photos) kept(newRow(), photo);
    } catch { /* they are still there when the form is sent */ }
  });
})();
