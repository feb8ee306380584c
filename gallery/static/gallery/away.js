// A long list stays light: rows far from the window are put away, packed, behind one empty item of
// exactly their height, and are back before one sees them. Where one looks for a day on the page, it
// is found there, too.

import { tileOf, tiles } from "./rows.js";

// In heights of the window: what stays on both sides of it, and what is back by then.
const KEPT = 3;
const NEAR = 2;
// So many pictures go together, at least.
const TOGETHER = 40;
const LOOKED_MS = 200;

const MAY_GO = ".tile, .day, .rest";

const list = () => document.getElementById("tiles");
// What is behind an item: {html, numbers, isComing}, the first a promise.
const packed = new WeakMap();

const through = (blob, stream) => new Response(blob.stream().pipeThrough(stream)).blob();
const pack = (html) => through(new Blob([html]), new CompressionStream("gzip"));
const unpack = async (blob) => (await through(await blob, new DecompressionStream("gzip"))).text();

const numbersIn = (item) =>
  [...item.querySelectorAll(".pick input")].map(({ value }) => value);

// Of all pictures of the list as far as it is loaded, in their order.
export function numbers() {
  return [...list().children].flatMap((item) => packed.get(item)?.numbers ?? numbersIn(item));
}

// Before the list changes: gives what afterwards puts back what one sees to where it was.
function holding() {
  const seen = tiles().find((tile) => tile.getBoundingClientRect().bottom > 0);
  const before = seen?.getBoundingClientRect().top;
  return () => {
    if (!seen?.isConnected) return;
    const moved = seen.getBoundingClientRect().top - before;
    if (moved) scrollBy({ top: moved, behavior: "instant" });
  };
}

// What keeps a picture in the list: that its thumbnail is awaited, or that it can be moved with others.
function staying() {
  const waits = list().querySelector(".poller");
  const said = [waits && ".placeholder", list().dataset.moves && ".pick input:checked"];
  return said.filter(Boolean).join(",") || ":not(*)";
}

// Rows as they are laid out: {top, bottom, items, mayGo}.
function rows() {
  const found = [];
  const stays = staying();
  for (const item of list().children) {
    const { top, bottom } = item.getBoundingClientRect();
    const hasHeight = bottom > top;
    // What has none, and may be hidden, belongs to what is before it.
    if (hasHeight && !(top < found.at(-1)?.bottom - 1)) {
      found.push({ top, bottom, items: [], mayGo: true });
    }
    if (!found.length) continue;
    const row = found.at(-1);
    if (hasHeight) row.bottom = Math.max(row.bottom, bottom);
    row.items.push(item);
    row.mayGo &&= item.matches(MAY_GO) && !item.querySelector(stays);
  }
  return found;
}

// Where one is by the keyboard is kept as what one sees is.
function kept() {
  const current = tileOf(document.activeElement);
  const margin = KEPT * innerHeight;
  const seen = [{ top: 0, bottom: innerHeight }];
  if (current) seen.push(current.getBoundingClientRect());
  return seen.map(({ top, bottom }) => ({ top: top - margin, bottom: bottom + margin }));
}

function tidy() {
  // Whoever drags a box around pictures, or pictures themselves, needs them all.
  if (document.querySelector(".selection-box, body.moving")) return;
  width = list().clientWidth;
  const stays = kept();
  const goes = ({ top, bottom, mayGo }) =>
    mayGo && stays.every((area) => bottom < area.top || top > area.bottom);
  let before;
  let run = [];
  let isChanged = false;
  for (const row of [...rows(), undefined]) {
    if (row && goes(row)) {
      run.push(row);
      continue;
    }
    if (isEnough(run, before, row)) {
      putAway(run);
      isChanged = true;
    }
    before = row;
    run = [];
  }
  if (isChanged) tell();
}

// Whether these rows make a pile, or will never be more: on both sides are some that do not go.
function isEnough(run, before, behind) {
  const count = run.reduce((sum, { items }) => sum + items.length, 0);
  return count >= TOGETHER || (count > 0 && !before?.mayGo && !behind?.mayGo);
}

// Those who know what is chosen of pictures that come and go.
const tell = () => document.body.dispatchEvent(new Event("tiles:changed"));

function putAway(run) {
  const items = run.flatMap((row) => row.items);
  const away = document.createElement("li");
  away.className = "far";
  away.style.height = `${run.at(-1).bottom - run[0].top}px`;
  away.append(...items.filter((item) => item.matches(".day")).map(findable));
  packed.set(away, {
    html: pack(items.map((item) => item.outerHTML).join("")),
    numbers: items.flatMap(numbersIn),
  });
  const range = document.createRange();
  range.setStartBefore(items[0]);
  range.setEndAfter(items.at(-1));
  for (const item of items) release(item);
  range.deleteContents();
  range.insertNode(away);
  nearing.observe(away);
}

// Chromium keeps every picture that had several sizes, and all that is around it: let it be nothing.
function release(item) {
  const picture = item.querySelector("img");
  for (const name of ["srcset", "src"]) picture?.removeAttribute(name);
  picture?.remove();
}

function findable(day) {
  const text = document.createElement("p");
  text.textContent = day.textContent;
  text.dataset.day = day.dataset.day;
  text.hidden = "until-found";
  return text;
}

async function bringBack(away) {
  const found = packed.get(away);
  if (found.isComing) return;
  found.isComing = true;
  nearing.unobserve(away);
  const back = document.createElement("template");
  back.innerHTML = await unpack(found.html);
  const items = [...back.content.children];
  const stay = holding();
  away.replaceWith(back.content);
  stay();
  for (const item of items) htmx.process(item);
  tell();
}

const nearing = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) bringBack(target);
  },
  { rootMargin: `${NEAR * 100}% 0px` },
);

addEventListener("beforematch", async ({ target }) => {
  const away = target.closest(".far");
  if (!away) return;
  await bringBack(away);
  list().querySelector(`.day[data-day="${target.dataset.day}"]`).scrollIntoView();
});

// In another width rows are others. How high they are is known again when they are back.
let width = 0;
function widened() {
  const now = list().clientWidth;
  if (!width || now === width) return;
  for (const { style } of list().querySelectorAll(".far")) {
    style.height = `${(parseFloat(style.height) * width) / now}px`;
  }
  width = now;
}

let timer = 0;
function soon() {
  timer ||= setTimeout(() => {
    timer = 0;
    tidy();
  }, LOOKED_MS);
}

if (list()) {
  addEventListener("scroll", soon);
  addEventListener("resize", widened);
  document.body.addEventListener("htmx:afterSettle", soon);
}
