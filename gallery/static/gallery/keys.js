// Lists of pictures by the keyboard: arrows, j and k move. Any other key belongs to the link, button
// or box that names it in aria-keyshortcuts, in the picture one is at or else elsewhere on the page.

import { across, along, tileOf, tiles } from "./rows.js";

const CONTROLS = "a, button, input";
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

// Where a list is marked so, Tab leads to one picture and what belongs to it, then on behind them all.
let current = null;

function tabTo(tile, index) {
  if (!tile.closest("[data-roving]")) return;
  for (const control of tile.querySelectorAll(CONTROLS)) control.tabIndex = index;
}

function rove() {
  const all = tiles();
  if (!all.includes(current)) {
    current = all.find((tile) => tile.id === current?.id) ?? all[0];
  }
  for (const tile of all) tabTo(tile, tile === current ? 0 : -1);
}

function moveTo(tile) {
  tile?.querySelector(".tile-picture").focus();
}

const MOVES = {
  ArrowRight: (tile) => along(tile, 1),
  ArrowLeft: (tile) => along(tile, -1),
  ArrowDown: (tile) => across(tile, 1),
  ArrowUp: (tile) => across(tile, -1),
  j: (tile) => along(tile, 1),
  k: (tile) => along(tile, -1),
};

function isSeen(tile) {
  const { top, bottom } = tile.getBoundingClientRect();
  return top < innerHeight && bottom > 0;
}

// From elsewhere on the page j and k lead into the list; arrows go on scrolling.
function entered(key) {
  return "jk".includes(key) ? [current, ...tiles()].find((tile) => tile && isSeen(tile)) : null;
}

function named(key, tile) {
  const shortcut = `[aria-keyshortcuts="${CSS.escape(key)}"]`;
  return tile?.querySelector(shortcut) ?? document.querySelector(`${shortcut}:not(.tile *)`);
}

function answer(key, tile) {
  if (key in MOVES) return moveTo(tile ? MOVES[key](tile) : entered(key));
  if (key === "?") return document.getElementById("keys").togglePopover();
  return key === "/" ? named(key)?.focus() : named(key, tile)?.click();
}

function isOurs({ key }, tile) {
  return key in MOVES ? tile || "jk".includes(key) : key === "?" || named(key, tile);
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(TYPING)) return;
  const tile = tileOf(event.target);
  if (!isOurs(event, tile)) return;
  event.preventDefault();
  answer(event.key, tile);
});

addEventListener("focusin", ({ target }) => {
  const tile = tileOf(target);
  if (!tile || tile === current) return;
  if (current) tabTo(current, -1);
  current = tile;
  tabTo(current, 0);
});

document.body.addEventListener("htmx:afterSettle", rove);
rove();
