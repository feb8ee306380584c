// Choosing pictures of a list: by their boxes, with Shift up to one, by dragging a box around them,
// by a long press, and by the keyboard. What is chosen stays so while its tile is out of the list.

import { numbers } from "./away.js";
import { boxed } from "./boxing.js";
import { movable } from "./moving.js";
import { tileOf, tiles } from "./rows.js";

const LONG_PRESS_MS = 450;
const MOVED = 8;

const form = document.getElementById("selection");
const said = document.getElementById("selection-said");
const chosen = new Set();
// The number of the picture from which Shift chooses.
let anchor = null;

const boxOf = (tile) => tile.querySelector(".pick input");
const numberOf = (tile) => boxOf(tile).value;
const all = () => form.elements.all;

function show() {
  for (const tile of tiles()) {
    boxOf(tile).checked = all().checked || chosen.has(numberOf(tile));
  }
  const count = all().checked ? "" : chosen.size;
  said.textContent = all().checked
    ? form.dataset.all
    : form.dataset.said.replace("{count}", count);
  const isOpen = all().checked || chosen.size > 0;
  form.classList.toggle("open", isOpen);
  document.body.classList.toggle("choosing", isOpen);
}

function toggle(tile) {
  leaveAll();
  anchor = numberOf(tile);
  if (!chosen.delete(anchor)) chosen.add(anchor);
  show();
}

// Who takes one away of all has chosen what is loaded of the rest.
function leaveAll() {
  if (!all().checked) return;
  all().checked = false;
  for (const number of numbers()) chosen.add(number);
}

function chooseTo(tile) {
  leaveAll();
  const list = numbers();
  const from = Math.max(0, list.indexOf(anchor));
  const to = list.indexOf(numberOf(tile));
  for (const one of list.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(one);
  show();
}

function clear() {
  chosen.clear();
  all().checked = false;
  anchor = null;
  show();
}

// What moves when a picture does: it, or all that are chosen if it is one of these.
function chosenWith(tile) {
  if (all().checked || !chosen.has(numberOf(tile))) return [tile];
  return tiles().filter((other) => chosen.has(numberOf(other)));
}

// The box itself, and any click on a picture while some are chosen.
function clicked(event) {
  const tile = tileOf(event.target);
  if (!tile || event.target.closest("button, .find-similar")) return;
  const isBox = event.target.matches(".pick input");
  // The label's click becomes one of its box, which comes next.
  if (event.target.closest(".pick") && !isBox) return;
  const isChoosing = isBox || event.shiftKey || form.classList.contains("open");
  if (!isChoosing || event.ctrlKey || event.metaKey) return;
  if (!isBox) event.preventDefault();
  if (event.shiftKey && anchor) chooseTo(tile);
  else toggle(tile);
}

// A finger that stays.

let press = null;
let wasLong = false;

// The finger holds the picture and moves it: it was not for choosing.
function held(tile) {
  if (wasLong) toggle(tile);
  wasLong = false;
}

function pressed(event) {
  wasLong = false;
  const tile = tileOf(event.target);
  if (event.pointerType === "mouse" || !tile) return;
  const timer = setTimeout(() => {
    wasLong = true;
    toggle(tile);
  }, LONG_PRESS_MS);
  press = { timer, x: event.clientX, y: event.clientY };
}

function released() {
  clearTimeout(press?.timer);
  press = null;
}

function moved({ clientX, clientY }) {
  if (press && Math.hypot(clientX - press.x, clientY - press.y) > MOVED) released();
}

// The keyboard; keys.js moves, and presses the box at "x".

function keyed(event) {
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const tile = tileOf(event.target);
  if (event.key === "a" && (event.ctrlKey || event.metaKey) && tiles().length) {
    event.preventDefault();
    all().checked = true;
    show();
  } else if (event.key === " " && tile && event.target.matches(".tile-picture")) {
    event.preventDefault();
    toggle(tile);
  } else if (event.shiftKey && event.key.startsWith("Arrow") && tile) {
    anchor ??= numberOf(tile);
    if (!chosen.has(numberOf(tile))) toggle(tile);
    // Once the focus has moved.
    setTimeout(() => {
      const next = tileOf(document.activeElement);
      if (next) chooseTo(next);
    });
  } else if (event.key === "Escape" && !document.querySelector(":popover-open")) {
    clear();
  }
}

if (form) {
  addEventListener("click", (event) => {
    if (!wasLong) return clicked(event);
    wasLong = false;
    event.preventDefault();
  });
  addEventListener("pointerdown", pressed);
  addEventListener("pointermove", moved);
  for (const end of ["pointerup", "pointercancel", "scroll"]) addEventListener(end, released);
  addEventListener("contextmenu", (event) => {
    if (wasLong) event.preventDefault();
  });
  addEventListener("keydown", keyed);
  all().addEventListener("change", show);
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
  });
  form.addEventListener("formdata", ({ formData }) => {
    formData.delete("pk");
    formData.set("pks", [...chosen].join(","));
    formData.set("next", location.pathname + location.search);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches("input")) return;
    event.preventDefault();
    event.target.closest("[popover], fieldset")?.querySelector("button[name=action]").click();
  });
  boxed(tiles, {
    begin: () => new Set(chosen),
    // What is in the box, beside what was chosen before.
    surround(before, inside) {
      leaveAll();
      chosen.clear();
      for (const number of before) chosen.add(number);
      for (const tile of inside) chosen.add(numberOf(tile));
      if (inside.length) anchor = numberOf(inside[0]);
      show();
    },
  });
  movable({ form, chosenWith, held });
  for (const change of ["htmx:afterSettle", "tiles:changed"]) {
    document.body.addEventListener(change, show);
  }
  // A page that comes back from the history has kept no box, and says so.
  clear();
}
