// A long list stays light: beyond some hundred pictures those farthest from view leave the page, and
// come again when one scrolls back. Rows and days stay where they are while that happens.

const MOST = 480;
const KEPT = 300;

const list = document.getElementById("tiles");
const above = document.createElement("li");
above.className = "above";
above.ariaHidden = "true";

const tiles = () => [...list.querySelectorAll(":scope > .tile")];
const place = (tile) => tile.dataset.place;

function addressOf(name, tile) {
  const address = new URL(location);
  for (const other of ["until", "since", "at", "month"]) address.searchParams.delete(other);
  address.searchParams.set(name, place(tile));
  return address.search;
}

// A way on or back that is taken by itself, a screen before one sees it, as that in _more.html.
function wayTo(id, name, tile) {
  const item = list.querySelector(`#${id}`) ?? document.createElement("li");
  const ahead = document.createElement("span");
  Object.assign(item, { id, className: id });
  ahead.className = `${id}-ahead`;
  ahead.setAttribute("hx-get", addressOf(name, tile));
  ahead.setAttribute("hx-trigger", "intersect once");
  ahead.setAttribute("hx-target", `#${id}`);
  ahead.setAttribute("hx-swap", "outerHTML");
  ahead.setAttribute("hx-select", "#tiles > li");
  item.replaceChildren(ahead);
  return item;
}

function showWayBack() {
  const item = wayTo("newer", "since", tiles()[0]);
  list.prepend(above, item);
  htmx.process(item);
}

function showWayOn() {
  const item = wayTo("more", "until", tiles().at(-1));
  list.append(item);
  htmx.process(item);
}

// The first picture of a row, at least so far into the list: what is before it can go, and no row
// behind it changes.
function rowStart(all, from) {
  return all.findIndex((tile, at) => at >= from && tile.offsetTop > all[at - 1].offsetTop);
}

const topOf = (tile) => tile.getBoundingClientRect().top;

// Lets the picture be where it was: by the room above, and by the window for what that can't take.
function settle(tile, top) {
  const height = above.offsetHeight - (topOf(tile) - top);
  above.style.height = `${Math.max(0, height)}px`;
  scrollBy({ top: topOf(tile) - top, behavior: "instant" });
}

function removeFrom(item, end) {
  while (item && item !== end) {
    const next = item.nextElementSibling;
    item.remove();
    item = next;
  }
}

function dropBefore(tile) {
  const top = topOf(tile);
  // A heading that belongs to the picture stays with it.
  const heading = tile.previousElementSibling;
  removeFrom(above.nextElementSibling, heading.matches(".day") ? heading : tile);
  showWayBack();
  settle(tile, top);
}

function dropBehind(tile) {
  removeFrom(tile.nextElementSibling, null);
  showWayOn();
}

function trim() {
  const all = tiles();
  if (all.length <= MOST) return;
  const isSeen = (tile) => tile.getBoundingClientRect().bottom > 0;
  const seen = Math.max(0, all.findIndex(isSeen));
  if (seen > all.length / 2) {
    const first = rowStart(all, all.length - KEPT);
    if (first > 0 && first < seen) dropBefore(all[first]);
  } else {
    const next = rowStart(all, KEPT);
    if (next > seen) dropBehind(all[next - 1]);
  }
}

// A day that has come from both sides has one heading.
function joinDays() {
  let before = null;
  for (const heading of list.querySelectorAll(":scope > .day")) {
    if (heading.dataset.day === before) heading.remove();
    else before = heading.dataset.day;
  }
}

// Pictures that come above push nothing down.
let held = null;

function beforeSwap({ detail }) {
  if (detail.target.id !== "newer") return;
  const [tile] = tiles();
  held = { tile, top: topOf(tile) };
}

function afterSettle() {
  if (held) {
    joinDays();
    if (list.querySelector("#newer")) showWayBack();
    else above.style.height = 0;
    settle(held.tile, held.top);
    held = null;
  }
  trim();
}

function begin() {
  list.prepend(above);
  const [first] = tiles();
  if (list.querySelector("#newer")) {
    const top = topOf(first);
    showWayBack();
    settle(first, top);
  }
  document.body.addEventListener("htmx:beforeSwap", beforeSwap);
  document.body.addEventListener("htmx:afterSettle", afterSettle);
}

if (list) begin();
