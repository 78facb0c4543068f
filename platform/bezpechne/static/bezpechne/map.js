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
    marker.place = L.latLng(pin.lat, pin.lon);
  };

  /* pins of one place stand around it, so that each can be opened where zooming in parts them no more */
  const SPREAD_ZOOM = 17;
  const spread = () => {
    const taken = [];
    for (const [, marker] of [...markers].sort(([a], [b]) => a - b)) {
      const point = map.project(marker.place);
      const near = map.getZoom() < SPREAD_ZOOM ? undefined : taken.find((one) => one.point.distanceTo(point) < 14);
      if (!near) taken.push({ point, more: 0 });
      else near.more += 1;
      const [far, turn] = near ? [30 * Math.sqrt(near.more), near.more * 2.4] : [0, 0];
      marker.setLatLng(near ? map.unproject(near.point.add([far * Math.cos(turn), far * Math.sin(turn)])) : marker.place);
    }
  };

  /* a ring whose arcs are the shares: the part that waits is broad, the answered part narrow */
  const ringOf = ({ waiting, answered, label }) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const attributes = { class: "map-ring__shape", viewBox: "0 0 44 44", "aria-hidden": "true" };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    const share = Math.round((100 * waiting) / (waiting + answered));
    // However few they are, they are seen.
    const red = waiting && answered ? Math.min(94, Math.max(6, share)) : share;
    const circle = (kind, more) => {
      const node = document.createElementNS(space, "circle");
      const all = { class: `map-ring__${kind}`, cx: 22, cy: 22, pathLength: 100, ...more };
      for (const [name, value] of Object.entries(all)) node.setAttribute(name, value);
      svg.append(node);
    };
    circle("ground", { r: 20 });
    if (red) circle("waiting", { r: 17, "stroke-dasharray": `${red} ${100 - red}` });
    if (red < 100) circle("answered", { r: 17, "stroke-dasharray": `${100 - red} ${red}`, "stroke-dashoffset": -red });
    const count = make("span", { class: "map-ring__count", "aria-hidden": "true" }, String(waiting + answered));
    return make("div", { title: label }, svg, count);
  };

  const clusters = new Map();
  const addCluster = (key, cluster) => {
    const large = cluster.waiting + cluster.answered > 999;
    const icon = L.divIcon({ className: `map-ring${large ? " map-ring--large" : ""}`, html: ringOf(cluster), iconSize: large ? [54, 54] : [44, 44] });
    const marker = L.marker([cluster.lat, cluster.lon], { icon, riseOnHover: true });
    const [west, south, east, north] = cluster.box;
    marker.on("add", () => marker.getElement().setAttribute("aria-label", cluster.label));
    marker.on("click keypress", ({ type, originalEvent }) => {
      if (type === "click" || originalEvent.key === "Enter") map.fitBounds([[south, west], [north, east]], { maxZoom: SPREAD_ZOOM });
    });
    clusters.set(key, marker.addTo(map));
  };

  const drop = (held, key) => {
    held.get(key).remove();
    held.delete(key);
  };

  /* What stays is not touched, and the rest goes when the new is here: nothing flickers. */
  const show = ({ pins, clusters: found, more }) => {
    const seen = new Map(pins.map((pin) => [String(pin.id), pin]));
    const rings = new Map(found.map((cluster) => [JSON.stringify(cluster), cluster]));
    const held = [...clusters.values()].some((marker) => marker.getElement() === document.activeElement);
    for (const [key, cluster] of rings) if (!clusters.has(key)) addCluster(key, cluster);
    for (const key of [...clusters.keys()]) if (!rings.has(key)) drop(clusters, key);
    for (const [id, marker] of [...markers]) {
      if (seen.get(id)?.status === marker.status || (marker.isPopupOpen() && !seen.has(id))) continue;
      drop(markers, id);
    }
    for (const [id, pin] of seen) if (!markers.has(id)) addPin(pin);
    spread();
    if (held && !element.contains(document.activeElement)) focusNearest();
    say(more ? set.textMore : "");
  };

  /* the ring that the keyboard was on has come apart: on to what is nearest to the middle */
  const focusNearest = () => {
    const far = (marker) => map.getCenter().distanceTo(marker.getLatLng());
    const all = [...markers.values(), ...clusters.values()].sort((a, b) => far(a) - far(b));
    (all[0]?.getElement() || element).focus({ preventScroll: true });
  };

  let request;
  const load = async () => {
    request?.abort();
    request = new AbortController();
    try {
      const url = withBox(set.pinsUrl, map.getBounds());
      url.searchParams.set("zoom", map.getZoom());
      show(await getJson(url, request.signal));
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
