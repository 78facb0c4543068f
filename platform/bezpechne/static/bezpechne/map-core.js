/* The map both pages share: basemap, outline, and a plain map when no tile can be had.
   After leaflet.js and site.js, before map.js or pick.js. */
(() => {
  "use strict";
  const { make, icon } = window.Bezpechne;
  const L = window.L;

  /** GET of JSON; rejects on anything but 2xx. */
  const getJson = async (url, signal) => {
    const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  };

  /** `url` with ?bbox=west,south,east,north; what the URL already asks for stays. */
  const withBox = (url, bounds) => {
    const target = new URL(url, window.location.href);
    target.searchParams.set("bbox", [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(5)).join(","));
    return target;
  };

  /** Only text and https links of what the city's settings say. */
  const attributionOf = (html) => {
    const box = make("span");
    for (const node of new DOMParser().parseFromString(html || "", "text/html").body.childNodes) {
      const href = node.nodeName === "A" && node.getAttribute("href");
      box.append(href && href.startsWith("https://") ? make("a", { href, rel: "noopener" }, node.textContent) : node.textContent);
    }
    return box.innerHTML;
  };

  const pinIcon = (status) => L.divIcon({
    className: `pin-target pin-target--${status}`,
    html: icon(`pin-${status}`, `pin pin--${status}`).outerHTML,
    iconSize: [44, 44],
    iconAnchor: [22, 40],
    popupAnchor: [0, -34],
  });

  const label = (point, text, className) => L.marker(point, {
    icon: L.divIcon({ className, html: make("span", {}, text).outerHTML, iconSize: null }),
    interactive: false, keyboard: false, zIndexOffset: -1000,
  });

  /** Rings of a Polygon or MultiPolygon: [[outer, hole, …], …] in lon, lat. */
  const polygonsOf = (geometry) => {
    if (geometry?.type === "Polygon") return [geometry.coordinates];
    return geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
  };

  const inRing = (lon, lat, ring) => {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [x1, y1] = ring[i];
      const [x2, y2] = ring[j];
      if ((y1 > lat) !== (y2 > lat) && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
    }
    return inside;
  };

  const STEPS = [10, 5, 2, 1, 30 / 60, 20 / 60, 10 / 60, 5 / 60, 2 / 60, 1 / 60, 30 / 3600, 15 / 3600, 5 / 3600, 2 / 3600];
  const degrees = (value) => {
    const total = Math.round(Math.abs(value) * 3600);
    const two = (n) => String(n).padStart(2, "0");
    const seconds = total % 60;
    return `${Math.floor(total / 3600)}°${two(Math.floor(total / 60) % 60)}′${seconds ? `${two(seconds)}″` : ""}`;
  };

  const drawGraticule = (map, group) => {
    group.clearLayers();
    const bounds = map.getBounds();
    const perPixel = (bounds.getEast() - bounds.getWest()) / Math.max(map.getSize().x, 1);
    const step = STEPS.filter((s) => s >= perPixel * 110).pop() || STEPS[0];
    const line = (a, b) => L.polyline([a, b], { interactive: false, className: "map-graticule" }).addTo(group);
    const at = (x, y) => map.containerPointToLatLng([x, y]);
    const corner = at(6, map.getSize().y - 34);
    for (let lon = Math.ceil(bounds.getWest() / step) * step; lon <= bounds.getEast(); lon += step) {
      line([bounds.getSouth(), lon], [bounds.getNorth(), lon]);
      label([corner.lat, lon], degrees(lon), "map-graticule-label").addTo(group);
    }
    for (let lat = Math.ceil(bounds.getSouth() / step) * step; lat <= bounds.getNorth(); lat += step) {
      line([lat, bounds.getWest()], [lat, bounds.getEast()]);
      label([lat, corner.lng], degrees(lat), "map-graticule-label").addTo(group);
    }
  };

  /** Larger settlements first; a name that would cover another one waits for a closer look. */
  const drawPlaces = (map, group, places) => {
    group.clearLayers();
    const taken = [];
    for (const place of [...places].sort((a, b) => b.size - a.size)) {
      const { x, y } = map.latLngToContainerPoint([place.lat, place.lon]);
      const half = place.name.length * 5 + 6;
      if (taken.some(([tx, ty, th]) => Math.abs(tx - x) < th + half && Math.abs(ty - y) < 22)) continue;
      taken.push([x, y, half]);
      label([place.lat, place.lon], place.name, `map-place map-place--${place.size}`).addTo(group);
    }
  };

  const plainMap = (map, element, set, say) => {
    element.classList.add("map--plain");
    if (!set.pin) say(set.textPlain); // a small map of one place has no room for it
    const lines = L.layerGroup().addTo(map);
    const names = L.layerGroup().addTo(map);
    let request;
    const draw = async () => {
      drawGraticule(map, lines);
      if (!set.placesUrl) return;
      request?.abort();
      request = new AbortController();
      try {
        drawPlaces(map, names, (await getJson(withBox(set.placesUrl, map.getBounds()), request.signal)).places);
      } catch { /* names are a help, not the content */ }
    };
    map.on("moveend", draw);
    draw();
  };

  /** Google's name on its map, and whose data the present view shows; returns what takes both away. */
  const creditGoogle = (map, element, viewport) => {
    element.classList.add("map--google");
    const mark = L.control({ position: "bottomleft" });
    mark.onAdd = () => make("div", { class: "map-google", translate: "no", lang: "en" }, "Google Maps");
    mark.addTo(map);
    let shown = "";
    let request;
    let timer;
    const show = (text) => {
      if (shown) map.attributionControl.removeAttribution(shown);
      shown = text && `${make("span", { translate: "no" }, text).outerHTML} · ${make("a", { href: "https://maps.google.com/help/terms_maps/", rel: "noopener" }, "Google").outerHTML}`;
      if (shown) map.attributionControl.addAttribution(shown);
    };
    const ask = async () => {
      request?.abort();
      request = new AbortController();
      const bounds = map.getBounds();
      const url = new URL(viewport);
      const sides = { zoom: Math.round(map.getZoom()), north: bounds.getNorth(), south: bounds.getSouth(), east: bounds.getEast(), west: bounds.getWest() };
      for (const [name, value] of Object.entries(sides)) url.searchParams.set(name, String(value));
      try {
        show((await getJson(url, request.signal)).copyright);
      } catch (error) {
        if (error.name !== "AbortError" && !shown) show("Map data © Google");
      }
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(ask, 300); };
    map.on("moveend", later);
    later();
    return () => {
      clearTimeout(timer);
      request?.abort();
      map.off("moveend", later);
      mark.remove();
      show("");
      element.classList.remove("map--google");
    };
  };

  /** The map's own tiles; when they do not come, the spare ones; then the plain map. */
  const addTiles = (map, element, set, toPlain) => {
    if (!set.viewport) {
      tryTiles(map, set.tiles, attributionOf(set.attribution), toPlain);
      return;
    }
    const takeAway = creditGoogle(map, element, set.viewport);
    tryTiles(map, set.tiles, "", () => {
      takeAway();
      tryTiles(map, set.spareTiles, attributionOf(set.spareAttribution), toPlain);
    });
  };

  /** So many failures one after the other: a session that ended under an open page. */
  const LOST = 8;

  const tryTiles = (map, tiles, attribution, otherwise) => {
    if (!tiles) {
      otherwise();
      return;
    }
    const layer = L.tileLayer(tiles, { attribution, maxZoom: 19, referrerPolicy: "strict-origin-when-cross-origin" });
    let arrived = false;
    let failed = 0;
    let inRow = 0;
    let given = false;
    const giveUp = () => {
      if ((arrived && inRow < LOST) || given) return;
      given = true;
      layer.remove();
      otherwise();
    };
    layer.on("tileload", () => { arrived = true; inRow = 0; });
    layer.on("tileerror", () => {
      failed += 1;
      inRow += 1;
      if (inRow >= LOST) setTimeout(giveUp);
    });
    // Every tile of the view has been tried. Later: Leaflet is still busy with the layer that tells.
    layer.on("load", () => setTimeout(giveUp));
    setTimeout(() => failed && giveUp(), 4000);
    setTimeout(giveUp, 12000); // a slow line may still be loading after four seconds
    layer.addTo(map);
  };

  /** The map of `element`; `outline` resolves to polygons (empty when the city has none), `say(text)` speaks politely. */
  const createMap = (element, options = {}) => {
    const set = element.dataset;
    const number = (name) => (set[name] ? Number(set[name].replace(",", ".")) : NaN);
    const frame = element.closest(".map-frame") || element.parentElement;
    let line = frame.querySelector("[data-map-status]");
    if (!line) {
      line = make("p", { class: "map-status", role: "status" });
      frame.append(make("div", { class: "map-overlay" }, line));
    }
    let lasting = "";
    let passing = "";
    const say = (text) => {
      passing = text || "";
      line.textContent = [lasting, passing].filter(Boolean).join(" ");
    };

    const map = L.map(element, { zoomControl: false, zoomSnap: 0.5, minZoom: 5, maxZoom: 19, ...options });
    map.attributionControl.setPrefix('<a href="https://leafletjs.com" rel="noopener">Leaflet</a>');
    L.control.zoom({ position: "topright", zoomInTitle: set.labelZoomIn || "+", zoomOutTitle: set.labelZoomOut || "−" }).addTo(map);

    const sides = ["south", "west", "north", "east"].map(number);
    const box = sides.every(Number.isFinite) ? L.latLngBounds([sides[0], sides[1]], [sides[2], sides[3]]) : null;
    if (box && !set.pin) map.fitBounds(box);
    else if (Number.isFinite(number("lat")) && Number.isFinite(number("lon"))) map.setView([number("lat"), number("lon")], number("zoom") || 12);
    else map.setView([48.6, 31.2], 6);
    if (box) map.setMaxBounds(box.pad(0.6));

    const outline = (async () => {
      try {
        if (!set.outlineUrl) return [];
        const data = await getJson(set.outlineUrl);
        return polygonsOf("geometry" in data ? data.geometry : data);
      } catch {
        return [];
      }
    })();
    outline.then((polygons) => {
      const turn = (ring) => ring.map(([lon, lat]) => [lat, lon]);
      if (polygons.length) {
        const world = [[-85, -180], [-85, 180], [85, 180], [85, -180]];
        L.polygon([world, ...polygons.map((rings) => turn(rings[0]))], { interactive: false, className: "map-mask" }).addTo(map);
        L.polygon(polygons.map((rings) => rings.map(turn)), { interactive: false, className: "map-outline" }).addTo(map).bringToBack();
      } else if (box) {
        L.rectangle(box, { interactive: false, className: "map-outline" }).addTo(map).bringToBack();
      }
    });
    /** Inside the outline; inside the bounds where there is none; true where there is neither. */
    const contains = async (point) => {
      const polygons = await outline;
      if (!polygons.length) return !box || box.contains(point);
      return polygons.some(([outer, ...holes]) => inRing(point.lng, point.lat, outer) && !holes.some((hole) => inRing(point.lng, point.lat, hole)));
    };

    addTiles(map, element, set, () => plainMap(map, element, set, (text) => {
      lasting = text || "";
      say(passing);
    }));
    return { map, set, box, outline, contains, say };
  };

  Object.assign(window.Bezpechne, { createMap, pinIcon, getJson, withBox });
})();
