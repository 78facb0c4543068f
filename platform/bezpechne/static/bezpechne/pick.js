/* [data-pick-map]: choosing a place. The inputs named by data-lat-input and data-lon-input hold the truth; without
   scripts people fill in an address instead. [data-pick-centre] and [data-pick-near-me] are the page's buttons.
   A map inside a closed <details> is made when that opens: before, it has no size and would load no tiles. */
(() => {
  "use strict";
  const { createMap, pinIcon, icon } = window.Bezpechne;
  const L = window.L;
  const element = document.querySelector("[data-pick-map]");
  if (!element) return;

  const start = () => {
    const { map, set, contains, say } = createMap(element);
    const latInput = document.getElementById(set.latInput);
    const lonInput = document.getElementById(set.lonInput);
    const line = document.getElementById(set.status);
    const tell = (text, isError = false) => {
      if (!line) {
        say(text);
        return;
      }
      line.textContent = text || "";
      line.classList.toggle("is-outside", isError);
    };

    let marker;
    let writing = false;
    const write = (point) => {
      writing = true;
      latInput.value = point.lat.toFixed(6);
      lonInput.value = point.lng.toFixed(6);
      for (const input of [latInput, lonInput]) input.dispatchEvent(new Event("change", { bubbles: true }));
      writing = false;
    };
    const judge = async (point) => {
      const inside = await contains(point);
      tell(inside ? set.textChosen : set.textOutside, !inside);
    };
    const drawPin = (point) => {
      if (marker) {
        marker.setLatLng(point);
        return;
      }
      marker = L.marker(point, { icon: pinIcon("chosen"), draggable: true, autoPan: true, keyboard: false, alt: "" }).addTo(map);
      marker.getElement().setAttribute("title", set.labelPin || "");
      marker.on("dragend", () => put(marker.getLatLng()));
    };
    const put = (point) => {
      drawPin(point);
      write(point);
      judge(point);
    };

    /* a place that came with the page, from a draft or from a found address */
    const fromInputs = (centre) => {
      const point = [latInput, lonInput].map((input) => Number.parseFloat(input.value.replace(",", ".")));
      if (writing || !point.every(Number.isFinite)) return;
      const place = L.latLng(point);
      if (marker?.getLatLng().distanceTo(place) < 1) return;
      drawPin(place);
      judge(place);
      if (centre) map.setView(place, Math.max(map.getZoom(), 15));
    };
    for (const input of [latInput, lonInput]) input.addEventListener("change", () => fromInputs(true));
    fromInputs(true);

    map.on("click", ({ latlng }) => put(latlng));
    const crosshair = icon("plus", "map-crosshair");
    element.append(crosshair);
    element.addEventListener("keydown", (event) => {
      if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      put(map.getCenter());
    });
    document.querySelector("[data-pick-centre]")?.addEventListener("click", () => put(map.getCenter()));

    const nearMe = document.querySelector("[data-pick-near-me]");
    if (nearMe && !navigator.geolocation) nearMe.hidden = true;
    nearMe?.addEventListener("click", () => {
      tell(set.textLocating);
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const place = L.latLng(coords.latitude, coords.longitude);
          map.setView(place, 17);
          put(place);
        },
        () => tell(set.textNoPosition, true),
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
      );
    });
  };

  const folded = element.closest("details:not([open])");
  if (folded) folded.addEventListener("toggle", start, { once: true });
  else start();
})();
