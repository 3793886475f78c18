"use strict";
(() => {
  document.documentElement.classList.add("scripted");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  all("[data-print]").forEach(button => button.addEventListener("click", () => window.print()));

  // The list: a defect is shown when all filters and all searched words fit.
  const filters = document.querySelector(".filters");
  const cards = all(".card");
  const byDefect = new Map(cards.map(card => [card.dataset.defect, [card]]));
  all("tr[data-defect], [data-marker]").forEach(part => {
    byDefect.get(part.dataset.defect || part.dataset.marker)?.push(part);
  });

  function show(part, shown) {
    if (part instanceof SVGElement) part.style.display = shown ? "" : "none";
    else part.hidden = !shown;
  }

  function applyFilters() {
    const wanted = all("[data-filter]", filters).filter(select => select.value);
    const words = filters.querySelector("[data-search]").value.toLocaleLowerCase().split(/\s+/);
    let shownCount = 0;
    cards.forEach(card => {
      const text = card.dataset.words.toLocaleLowerCase();
      const fits = wanted.every(select => card.dataset[select.dataset.filter] === select.value)
        && words.every(word => text.includes(word));
      shownCount += fits;
      byDefect.get(card.dataset.defect).forEach(part => show(part, fits));
    });
    const status = filters.querySelector(".shown-count");
    status.textContent = shownCount ? status.dataset.shown.replace("{shown}", shownCount.toLocaleString(document.documentElement.lang)) : status.dataset.none;
  }

  function clearFilters() {
    filters.reset();
    applyFilters();
  }

  // A link to a defect that the filters hide brings it back.
  function bringBack() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.hidden) {
      clearFilters();
      target.scrollIntoView();
    }
  }

  if (filters) {
    filters.addEventListener("submit", event => event.preventDefault());
    filters.addEventListener("input", applyFilters);
    filters.addEventListener("reset", () => setTimeout(applyFilters));
    addEventListener("hashchange", bringBack);
    applyFilters();
  }

  // The map: pan and zoom by its view box, in metres.
  const map = document.getElementById("map-drawing");
  if (!map) return;
  const scale = document.querySelector(".scale");
  const whole = map.viewBox.baseVal;
  const all_m = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
  const closest_m = 12;
  let view = { ...all_m };

  const metresPerPx = () => Math.max(view.width / map.clientWidth, view.height / map.clientHeight);

  function lengthText(metres) {
    return metres >= 1000 ? `${metres / 1000} km` : metres >= 1 ? `${metres} m` : `${Math.round(metres * 100)} cm`;
  }

  function draw() {
    map.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    map.style.setProperty("--unit", `${metresPerPx()}px`);
    map.classList.toggle("zoomed", view.width < all_m.width * 0.999);
    map.classList.toggle("near", view.width * (map.classList.contains("crowded") ? 8 : 1.5) < all_m.width);
    const most_m = metresPerPx() * Math.min(160, map.clientWidth / 3);
    const power = 10 ** Math.floor(Math.log10(most_m));
    const length_m = [5, 2, 1].map(step => step * power).find(step => step <= most_m);
    scale.style.width = `${length_m / metresPerPx()}px`;
    scale.firstElementChild.textContent = lengthText(length_m);
  }

  function lookAt(x, y, width) {
    width = Math.min(Math.max(width, closest_m), all_m.width);
    const height = width * all_m.height / all_m.width;
    view = {
      width, height,
      x: Math.min(Math.max(x - width / 2, all_m.x), all_m.x + all_m.width - width),
      y: Math.min(Math.max(y - height / 2, all_m.y), all_m.y + all_m.height - height),
    };
    draw();
  }

  function pointUnder(event) {
    const frame = map.getBoundingClientRect();
    const perPx = metresPerPx();
    return {
      x: view.x + view.width / 2 + (event.clientX - frame.left - frame.width / 2) * perPx,
      y: view.y + view.height / 2 + (event.clientY - frame.top - frame.height / 2) * perPx,
    };
  }

  function zoom(factor, at = { x: view.x + view.width / 2, y: view.y + view.height / 2 }) {
    const width = Math.min(Math.max(view.width * factor, closest_m), all_m.width);
    const kept = width / view.width;
    lookAt(at.x + (view.x + view.width / 2 - at.x) * kept, at.y + (view.y + view.height / 2 - at.y) * kept, width);
  }

  function move(dx_px, dy_px) {
    const perPx = metresPerPx();
    lookAt(view.x + view.width / 2 - dx_px * perPx, view.y + view.height / 2 - dy_px * perPx, view.width);
  }

  const zoomActions = {
    in: () => zoom(0.5),
    out: () => zoom(2),
    all: () => lookAt(all_m.x + all_m.width / 2, all_m.y + all_m.height / 2, all_m.width),
  };
  all("[data-zoom]").forEach(button => button.addEventListener("click", zoomActions[button.dataset.zoom]));

  map.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(event.deltaY * 0.004), pointUnder(event));
  }, { passive: false });

  const pointers = new Map();
  let travelled_px = 0;
  map.addEventListener("pointerdown", event => {
    if (!pointers.size) travelled_px = 0;
    pointers.set(event.pointerId, event);
  });
  addEventListener("pointermove", event => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 1) {
      travelled_px += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
      map.classList.toggle("dragged", travelled_px > 4);
      move(event.clientX - before.clientX, event.clientY - before.clientY);
    } else if (pointers.size === 2) {
      const other = [...pointers.values()].find(pointer => pointer.pointerId !== event.pointerId);
      const distance = pointer => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
      travelled_px = 99;
      zoom(distance(before) / Math.max(distance(event), 1), pointUnder(other));
    }
  });
  const release = event => {
    pointers.delete(event.pointerId);
    map.classList.remove("dragged");
  };
  addEventListener("pointerup", release);
  addEventListener("pointercancel", release);
  map.addEventListener("dragstart", event => event.preventDefault());
  map.addEventListener("click", event => {
    if (travelled_px > 4) event.preventDefault();
  }, true);

  map.tabIndex = 0;
  const keys = {
    ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60),
    ArrowDown: () => move(0, -60), "+": zoomActions.in, "=": zoomActions.in, "-": zoomActions.out, 0: zoomActions.all,
  };
  map.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  all("[data-show]").forEach(link => link.addEventListener("click", () => {
    const marker = all("a[data-marker]").find(each => each.dataset.marker === link.dataset.show);
    all(".marker.shown").forEach(each => each.classList.remove("shown"));
    marker.classList.add("shown");
    marker.parentNode.append(marker);
    lookAt(Number(marker.dataset.x), Number(marker.dataset.y), Math.min(all_m.width, 120));
  }));

  addEventListener("resize", draw);
  draw();
})();
