// The address and its entry in the history know where one is in a list, so that whoever comes back
// or reloads is there again: at the part that was reached, what is opened, and the picture.

import { tileOf, tiles } from "./rows.js";

const SETTLED_MS = 150;
// What says which part of the grid is shown.
const PARTS = ["until", "since", "month", "at"];

// What the address led to when the page was loaded, as far as there is enough below it to come back.
const names = tiles().map(({ id }) => id);
const loaded = {
  said: new URL(location).searchParams,
  tiles: new Set(names.slice(0, names.length / 2)),
};

// The first picture of which so large a share is not hidden behind the header.
function topmost(share) {
  const edge = document.querySelector(".site-header").getBoundingClientRect().bottom;
  return tiles().find((tile) => {
    const { bottom, height } = tile.getBoundingClientRect();
    return bottom - share * height > edge;
  });
}

function opened() {
  return [...document.querySelectorAll("#tiles > .group.open")].map(({ dataset }) => dataset.image);
}

// Of results: the page that was reached, and what is opened.
function answerAt(tile, pages) {
  const isBefore = (page) =>
    page.compareDocumentPosition(tile) & Node.DOCUMENT_POSITION_FOLLOWING;
  return { place: pages.findLast(isBefore).dataset.place, open: opened().join(",") };
}

// Of the grid: the picture with which its list begins, one that begins a row.
function partAt(tile) {
  const isLoaded = loaded.tiles.has(tile.id);
  const said = PARTS.map((name) => [name, isLoaded ? loaded.said.get(name) : ""]);
  return { ...Object.fromEntries(said), ...(isLoaded ? {} : { at: tile.dataset.place }) };
}

function addressAt(tile) {
  const address = new URL(location);
  const pages = [...document.querySelectorAll("#tiles > .page")];
  const said = pages.length ? answerAt(tile, pages) : partAt(topmost(0));
  for (const [name, value] of Object.entries(said)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  address.search = address.searchParams.toString().replaceAll("%2C", ",");
  address.hash = "";
  return address;
}

function note({ target } = {}) {
  const tile = topmost(1 / 2);
  if (!tile) return;
  const at = [target, document.activeElement].map((element) => element?.closest && tileOf(element));
  const { top } = tile.getBoundingClientRect();
  const state = { tile: tile.id, top, focused: at.find(Boolean)?.id };
  history.replaceState({ ...history.state, ...state }, "", addressAt(tile));
}

function comeBack() {
  const { tile, top, focused } = history.state ?? {};
  const found = document.getElementById(tile);
  if (!found) return;
  const picture = document.getElementById(focused)?.querySelector(".tile-picture");
  picture?.focus({ preventScroll: true });
  scrollBy({ top: found.getBoundingClientRect().top - top, behavior: "instant" });
}

let timer = 0;
addEventListener("scroll", () => {
  clearTimeout(timer);
  timer = setTimeout(note, SETTLED_MS);
});
// Before a link is followed, whoever or whatever presses it.
addEventListener("click", note, { capture: true });
document.body.addEventListener("htmx:afterSettle", () => note());

history.scrollRestoration = "manual";
comeBack();
