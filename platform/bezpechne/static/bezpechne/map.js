/* [data-map]: the city's map with its questions, or one pin (data-pin="waiting") on a question's page. */
(() => {
  "use strict";
  const { createMap, pinIcon, getJson, withBox, make, icon } = window.Bezpechne;
  const L = window.L;
  const element = document.querySelector("[data-map]");
  if (!element) return;

  const single = element.dataset.pin;
  const { map, set, say } = createMap(element, single ? { scrollWheelZoom: false } : {});
  const words = { waiting: set.labelWaiting, answered: set.labelAnswered, redirected: set.labelRedirected };
  const wordOf = (status) => words[status] || status;

  if (single) {
    const marker = L.marker(map.getCenter(), { icon: pinIcon(single), interactive: false, keyboard: false }).addTo(map);
    marker.getElement().setAttribute("role", "img");
    marker.getElement().setAttribute("aria-label", wordOf(single));
    return;
  }

  /* the view lives in the fragment: #map=z/lat/lon */
  const wanted = /map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)/.exec(window.location.hash);
  if (wanted) map.setView([Number(wanted[2]), Number(wanted[3])], Number(wanted[1]), { animate: false });
  else if (set.nearLat) map.setView([Number(set.nearLat), Number(set.nearLon)], 15, { animate: false });
  const keepView = () => {
    const { lat, lng } = map.getCenter();
    window.history.replaceState(window.history.state, "", `#map=${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  };

  const markers = new Map();
  const rowsOf = (id) => document.querySelectorAll(`[data-question-id="${CSS.escape(id)}"]`);
  const light = (id, on) => {
    const marker = markers.get(String(id));
    marker?.getElement()?.classList.toggle("is-lit", on);
    marker?.setZIndexOffset(on ? 10000 : 0);
    for (const row of rowsOf(String(id))) row.classList.toggle("is-lit", on);
  };

  const popupOf = (pin) => make("div", { class: "map-popup" },
    make("span", { class: `status status--${pin.status}` }, icon(`status-${pin.status}`), wordOf(pin.status)),
    make("p", {}, pin.text),
    make("a", { href: pin.url }, set.labelOpen || pin.text));

  const addPin = (pin) => {
    const marker = L.marker([pin.lat, pin.lon], { icon: pinIcon(pin.status), riseOnHover: true });
    marker.bindPopup(() => popupOf(pin), { minWidth: 200, maxWidth: 280, autoPanPadding: [16, 16] });
    marker.on("add", () => {
      const node = marker.getElement();
      node.dataset.pinId = pin.id;
      node.setAttribute("aria-label", `${wordOf(pin.status)}: ${pin.text}`);
    });
    markers.set(String(pin.id), marker.addTo(map));
    marker.status = pin.status;
  };

  const show = ({ pins, more }) => {
    const seen = new Map(pins.map((pin) => [String(pin.id), pin]));
    for (const [id, marker] of markers) {
      if (seen.get(id)?.status === marker.status || (marker.isPopupOpen() && !seen.has(id))) continue;
      marker.remove();
      markers.delete(id);
    }
    for (const [id, pin] of seen) if (!markers.has(id)) addPin(pin);
    say(more ? set.textMore : "");
  };

  let request;
  const load = async () => {
    request?.abort();
    request = new AbortController();
    try {
      show(await getJson(withBox(set.pinsUrl, map.getBounds()), request.signal));
    } catch (error) {
      if (error.name !== "AbortError") say(set.textFailed);
    }
  };
  let timer;
  map.on("moveend", () => {
    keepView();
    clearTimeout(timer);
    timer = setTimeout(load, 200);
  });
  if (set.pinsUrl) load();

  /* the keyboard goes into the popup and comes back to the pin */
  map.on("popupopen", ({ popup }) => {
    popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", set.labelClose || "×");
    const pin = popup._source?.getElement();
    if (pin && pin === document.activeElement && pin.matches(":focus-visible")) popup.getElement().querySelector(".map-popup a").focus({ preventScroll: true });
  });
  map.on("popupclose", ({ popup }) => {
    if (popup.getElement()?.contains(document.activeElement)) popup._source?.getElement()?.focus({ preventScroll: true });
  });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") map.closePopup();
  });

  /* a row lights its pin and the other way round */
  const idAt = (target) => {
    const found = target?.closest?.("[data-question-id], [data-pin-id]");
    return found && (found.dataset.questionId || found.dataset.pinId);
  };
  for (const [type, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(type, (event) => {
      const id = idAt(event.target);
      if (id && id !== idAt(event.relatedTarget)) light(id, on);
    });
  }

  /* «Near me»: the position is asked for on a press alone, and goes to the server rounded to a hundred metres */
  const near = document.querySelector("[data-near-me]");
  if (near && navigator.geolocation) {
    const tell = (text) => { document.querySelector("[data-near-status]").textContent = text; };
    near.addEventListener("click", () => {
      tell(near.dataset.textLocating);
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const target = new URL(window.location.href);
          for (const name of ["before", "near"]) target.searchParams.delete(name);
          target.searchParams.set("near", `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`);
          target.hash = "";
          window.location.assign(target);
        },
        ({ code }) => tell(code === 1 ? near.dataset.textDenied : near.dataset.textNone),
        { timeout: 15000, maximumAge: 60000 },
      );
    });
  } else if (near) near.hidden = true;

  if (navigator.geolocation) {
    const Locate = L.Control.extend({
      onAdd: () => {
        const button = make("button", { type: "button", "aria-label": set.labelLocate || "", title: set.labelLocate || "" }, icon("locate"));
        const box = make("div", { class: "leaflet-bar" }, button);
        L.DomEvent.disableClickPropagation(box);
        button.addEventListener("click", () => map.locate({ setView: true, maxZoom: 16 }));
        return box;
      },
    });
    new Locate({ position: "topright" }).addTo(map);
    map.on("locationerror", () => say(set.textNoPosition));
  }
})();
