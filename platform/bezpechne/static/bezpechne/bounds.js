/* [data-bounds-map]: the bounds of a city, new or not. The inputs id_west … id_centre_lon hold the truth, the map only moves
   them; a page without these inputs shows what the map's attributes say. #bounds-data holds the outlines. */
(() => {
  "use strict";
  const { createMap, pinIcon } = window.Bezpechne;
  const L = window.L;
  const element = document.querySelector("[data-bounds-map]");
  if (!element) return;

  const { map, set, say } = createMap(element);
  const given = JSON.parse(document.getElementById("bounds-data").textContent);
  const field = (name) => document.getElementById(`id_${name}`);
  const drawn = L.layerGroup().addTo(map);
  const drawOutline = (geometry) => {
    drawn.clearLayers();
    return geometry ? L.geoJSON(geometry, { interactive: false, style: { className: "map-outline" } }).addTo(drawn) : null;
  };

  const pin = (point, title) => {
    const marker = L.marker(point, { icon: pinIcon("chosen"), draggable: Boolean(title), keyboard: false, alt: "" }).addTo(map);
    if (title) marker.getElement().setAttribute("title", title);
    return marker;
  };

  if (!field("west")) {
    const layer = drawOutline(given.outline);
    const former = given.former && L.geoJSON(given.former, { interactive: false, style: { className: "map-former" } }).addTo(map);
    const whole = layer || former;
    if (whole && set.pinLat && given.former !== undefined) map.fitBounds(former && layer ? layer.getBounds().extend(former.getBounds()) : whole.getBounds(), { padding: [24, 24] });
    pin([Number(set.pinLat), Number(set.pinLon)]);
    return;
  }

  const read = (name) => Number.parseFloat(field(name).value.replace(",", "."));
  const write = (name, value) => { field(name).value = value.toFixed(5); };
  const sides = () => ["south", "west", "north", "east"].map(read);
  const known = (numbers) => numbers.every(Number.isFinite);
  const box = L.rectangle([[0, 0], [0, 0]], { interactive: false, className: "map-bounds" });
  const corners = [["south", "west"], ["south", "east"], ["north", "east"], ["north", "west"]];
  const handle = L.divIcon({ className: "bounds-handle", iconSize: [28, 28] });
  const handles = corners.map(([lat, lon]) => {
    const marker = L.marker([0, 0], { icon: handle, draggable: true, keyboard: false, alt: "" });
    marker.on("add", () => marker.getElement().setAttribute("title", set.labelCorner || ""));
    marker.on("drag", () => {
      write(lat, marker.getLatLng().lat);
      write(lon, marker.getLatLng().lng);
      draw(marker);
    });
    marker.on("dragend", () => {
      for (const [low, high] of [["west", "east"], ["south", "north"]]) {
        const pair = [read(low), read(high)].sort((a, b) => a - b);
        write(low, pair[0]);
        write(high, pair[1]);
      }
      draw();
    });
    return marker;
  });
  let centre;

  /** Map after the numbers; `held` is the handle under the finger. */
  const draw = (held) => {
    const [south, west, north, east] = sides();
    if (known([south, west, north, east])) {
      box.setBounds([[south, west], [north, east]]).addTo(map);
      corners.forEach(([lat, lon], place) => {
        if (handles[place] !== held) handles[place].setLatLng([read(lat), read(lon)]);
        handles[place].addTo(map);
      });
    }
    const point = [read("centre_lat"), read("centre_lon")];
    if (!known(point)) return;
    if (centre) centre.setLatLng(point);
    else {
      centre = pin(point, set.labelCentre);
      centre.on("dragend", () => {
        write("centre_lat", centre.getLatLng().lat);
        write("centre_lon", centre.getLatLng().lng);
      });
    }
  };

  const show = () => {
    const [south, west, north, east] = sides();
    if (known([south, west, north, east])) map.fitBounds([[south, west], [north, east]], { paddingTopLeft: [24, 64], paddingBottomRight: [24, 24] });
  };
  const put = (bounds) => {
    write("west", bounds.getWest());
    write("south", bounds.getSouth());
    write("east", bounds.getEast());
    write("north", bounds.getNorth());
  };

  // A place that nobody knows: the first tap puts the centre and a box around it.
  map.on("click", ({ latlng }) => {
    if (centre) return;
    write("centre_lat", latlng.lat);
    write("centre_lon", latlng.lng);
    if (!known(sides())) put(latlng.toBounds(8000));
    draw();
    show();
  });

  for (const name of ["west", "south", "east", "north", "centre_lat", "centre_lon"]) {
    field(name).addEventListener("change", () => draw());
  }

  /* The outline: the gazetteer's, the operator's own, or none. */
  const choices = [...document.querySelectorAll("[name='outline_from']")];
  const chosen = () => choices.find((choice) => choice.checked)?.value;
  let own = given.own;
  const drawChosen = () => drawOutline((choices.length ? { gazetteer: given.outline, own }[chosen()] : given.outline) || null);
  for (const choice of choices) choice.addEventListener("change", drawChosen);

  const UKRAINE = L.latLngBounds([44, 21.5], [52.6, 40.5]);
  const take = (text) => {
    try {
      const data = JSON.parse(text);
      own = data.features?.[0]?.geometry || data.geometry || data;
      const layer = drawOutline(own);
      const bounds = layer.getBounds();
      if (!UKRAINE.contains(bounds)) throw new Error("elsewhere, or swapped axes");
      put(bounds);
      if (!bounds.contains([read("centre_lat"), read("centre_lon")])) {
        write("centre_lat", bounds.getCenter().lat);
        write("centre_lon", bounds.getCenter().lng);
      }
      say("");
      draw();
      show();
    } catch {
      own = null;
      drawOutline(null);
      say(set.textBadFile);
    }
  };
  field("outline_file")?.addEventListener("change", async ({ target }) => {
    if (target.files[0]) take(await target.files[0].text());
  });
  field("outline_text")?.addEventListener("change", ({ target }) => {
    if (target.value.trim()) take(target.value);
  });

  draw();
  show();
  drawChosen();

  // A city that has a zoom of its own: choosing another shows it. Before, the bounds are in sight on every screen.
  field("zoom")?.addEventListener("change", ({ target }) => {
    const point = [read("centre_lat"), read("centre_lon")];
    map.setView(known(point) ? point : map.getCenter(), Number(target.value));
  });
})();
