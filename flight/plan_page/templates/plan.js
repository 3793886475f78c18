"use strict";
(() => {
  document.documentElement.classList.add("scripted");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  all("[data-print]").forEach(button => button.addEventListener("click", () => window.print()));
  addEventListener("beforeprint", () => all("details").forEach(each => { each.open = true; }));

  // The map: pan and zoom by its view box, in metres.
  const map = document.getElementById("drawing");
  const scale = document.querySelector(".scale");
  const hatch = document.getElementById("hatch");
  const box = map.viewBox.baseVal;
  const whole = { x: box.x, y: box.y, width: box.width, height: box.height };
  const nearFrom = 4, closest_m = 40;
  let view = { ...whole };

  const metresPerPx = () => Math.max(view.width / map.clientWidth, view.height / map.clientHeight) || 1;

  function draw() {
    const unit = metresPerPx();
    map.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    map.style.setProperty("--u", unit);
    hatch.setAttribute("patternTransform", `rotate(45) scale(${unit})`);
    map.classList.toggle("zoomed", view.width < whole.width * 0.999);
    map.classList.toggle("close", view.width * nearFrom <= whole.width * 1.01);
    const most_m = unit * Math.min(160, map.clientWidth / 3);
    const power = 10 ** Math.floor(Math.log10(most_m));
    const length_m = [5, 2, 1].map(step => step * power).find(step => step <= most_m);
    scale.style.width = `${length_m / unit}px`;
    scale.firstElementChild.textContent = length_m >= 1000 ? `${length_m / 1000}\u00a0km` : `${length_m}\u00a0m`;
  }

  function lookAt(x, y, width) {
    width = Math.min(Math.max(width, closest_m), whole.width);
    const height = width * whole.height / whole.width;
    const within = (middle, size, from, span) => Math.min(Math.max(middle - size / 2, from), from + span - size);
    view = { width, height, x: within(x, width, whole.x, whole.width), y: within(y, height, whole.y, whole.height) };
    draw();
  }

  function zoom(factor, at) {
    const middle = { x: view.x + view.width / 2, y: view.y + view.height / 2 };
    at = at || middle;
    const kept = Math.min(Math.max(view.width * factor, closest_m), whole.width) / view.width;
    lookAt(at.x + (middle.x - at.x) * kept, at.y + (middle.y - at.y) * kept, view.width * kept);
  }

  function under(event) {
    const frame = map.getBoundingClientRect(), unit = metresPerPx();
    return {
      x: view.x + view.width / 2 + (event.clientX - frame.left - frame.width / 2) * unit,
      y: view.y + view.height / 2 + (event.clientY - frame.top - frame.height / 2) * unit,
    };
  }

  const move = (dx_px, dy_px) => lookAt(view.x + view.width / 2 - dx_px * metresPerPx(), view.y + view.height / 2 - dy_px * metresPerPx(), view.width);
  const actions = { in: () => zoom(0.5), out: () => zoom(2), all: () => lookAt(whole.x + whole.width / 2, whole.y + whole.height / 2, whole.width) };
  all("[data-zoom]").forEach(button => button.addEventListener("click", () => actions[button.dataset.zoom]()));
  map.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(event.deltaY * 0.004), under(event));
  }, { passive: false });

  const fingers = new Map();
  let travelled_px = 0;
  map.addEventListener("pointerdown", event => {
    if (!fingers.size) travelled_px = 0;
    fingers.set(event.pointerId, event);
  });
  addEventListener("pointermove", event => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    const others = [...fingers.values()].filter(finger => finger.pointerId !== event.pointerId);
    if (others.length) {
      const apart = finger => Math.hypot(finger.clientX - others[0].clientX, finger.clientY - others[0].clientY);
      travelled_px = 99;
      zoom(apart(before) / Math.max(apart(event), 1), under(others[0]));
    } else {
      travelled_px += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
      map.classList.toggle("dragged", travelled_px > 4);
      move(event.clientX - before.clientX, event.clientY - before.clientY);
    }
  });
  ["pointerup", "pointercancel"].forEach(name => addEventListener(name, event => {
    fingers.delete(event.pointerId);
    map.classList.remove("dragged");
  }));

  // One sortie alone: on the map, in the table, and its profile.
  let chosen = null;
  const parts = all("[data-sortie]");

  function choose(number, closer) {
    chosen = number;
    map.classList.toggle("chosen", chosen !== null);
    parts.forEach(part => part.classList.toggle("on", part.dataset.sortie === chosen));
    if (chosen === null || !closer) return;
    const [x, y, width, height] = map.querySelector(`.sortie[data-sortie="${chosen}"]`).dataset.box.split(" ").map(Number);
    lookAt(x + width / 2, y + height / 2, Math.max(width, height * whole.width / whole.height) * 1.25);
  }

  map.addEventListener("click", event => {
    const sortie = event.target.closest(".sortie, .transit");
    if (travelled_px > 4) return;
    choose(sortie && sortie.dataset.sortie !== chosen ? sortie.dataset.sortie : null, false);
  });
  all(".sorties tbody tr").forEach(row => row.addEventListener("click", event => {
    const again = row.dataset.sortie === chosen;
    choose(again ? null : row.dataset.sortie, true);
    if (again) actions.all();
    if (!event.target.closest("a")) document.getElementById("map").scrollIntoView();
  }));

  map.tabIndex = 0;
  const keys = {
    ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60),
    "+": actions.in, "=": actions.in, "-": actions.out, 0: actions.all, Escape: () => choose(null, false),
  };
  map.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  addEventListener("resize", draw);
  addEventListener("beforeprint", () => { choose(null, false); actions.all(); });
  draw();
})();
