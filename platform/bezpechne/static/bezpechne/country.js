/* [data-country-map]: cities of the country as points; state by shape and colour. The list beside it says the same.
   data-points-url gives {cities: [[slug, name, lat, lon, state, problem, url], …]}; the last two may be left out. */
(() => {
  "use strict";
  const { createMap, getJson, make } = window.Bezpechne;
  const L = window.L;
  const element = document.querySelector("[data-country-map]");
  if (!element) return;
  const { map, set, say } = createMap(element, { scrollWheelZoom: false, minZoom: 4 });
  const states = (set.states || "").split(";").filter(Boolean).map((pair) => pair.split("|"));
  const NAMED = 30; // so few that their names do not cover each other
  const box = (set.box || "").split(",").map(Number);
  if (box.length === 4) {
    map.fitBounds([[box[1], box[0]], [box[3], box[2]]]);
    map.setMaxBounds(L.latLngBounds([box[1], box[0]], [box[3], box[2]]).pad(0.4));
  }

  const iconOf = (state, problem) => L.divIcon({
    className: "city-point",
    html: make("span", { class: `city-dot city-dot--${state}${problem ? " city-dot--problem" : ""}` }).outerHTML,
    iconSize: [24, 24],
    iconAnchor: [12, 12],
    popupAnchor: [0, -6],
  });

  const popupOf = (name, word, url) => make("div", { class: "map-popup" },
    make("strong", {}, name), word ? make("p", {}, word) : "",
    url ? make("a", { href: url }, set.labelOpen || name) : "");

  const show = (cities) => {
    for (const [slug, name, lat, lon, index, problem, url] of cities) {
      const [state, word] = states[index] || ["active", ""];
      const text = [word, problem ? set.labelProblem : ""].filter(Boolean).join(", ");
      const target = set.cityUrl ? set.cityUrl.replace("SLUG", encodeURIComponent(slug)) : url;
      // The list is the keyboard's way: a thousand stops on a map are nobody's.
      const marker = L.marker([lat, lon], { icon: iconOf(state, problem), keyboard: false, riseOnHover: true, title: name })
        .bindPopup(() => popupOf(name, text, target), { minWidth: 160, autoPanPadding: [16, 16] })
        .addTo(map);
      if (cities.length <= NAMED && map.getSize().x > 440) marker.bindTooltip(name, { permanent: true, direction: "right", offset: [8, 0], className: "city-name" });
    }
  };

  map.on("popupopen", ({ popup }) => {
    popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", set.labelClose || "×");
  });
  getJson(set.pointsUrl).then(({ cities }) => show(cities), () => say(set.textFailed));
})();
