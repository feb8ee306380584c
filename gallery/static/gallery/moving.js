// Moving pictures in an album that is ordered by hand: by dragging, with a finger after a long press,
// and with Alt and the arrows. What moved is told to the server at once, one move after the other.

import { across, along, tileOf, tiles } from "./rows.js";
import { ignoreClickAfter, scrollNear } from "./dragging.js";

const LONG_PRESS_MS = 450;
const MOVED = 8;
const CONTROLS = "button, input, label, .find-similar";
const MARKS = ["drop-before", "drop-behind"];

const list = document.querySelector("#tiles[data-moves]");
const said = document.getElementById("moved");
const numberOf = (tile) => tile.querySelector(".pick input").value;

let saving = Promise.resolve();

async function save(form, moved, beside) {
  const body = new FormData();
  const sent = {
    csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    next: location.pathname + location.search,
    pks: moved.map(numberOf).join(","),
    ...beside,
  };
  for (const [name, value] of Object.entries(sent)) body.set(name, value);
  const answer = await fetch(list.dataset.moves, {
    method: "POST",
    body,
    headers: { "HX-Request": "true" },
  });
  if (!answer.ok) throw new Error(answer.statusText);
  said.innerHTML = await answer.text();
}

// Puts the pictures before or behind another one, here and then there.
function put(form, moved, side, other) {
  if (!other || moved.includes(other)) return;
  const beyond = side === "before" ? along(moved.at(-1), 1) : along(moved[0], -1);
  if (beyond === other && isTogether(moved)) return;
  if (side === "before") other.before(...moved);
  else other.after(...moved);
  const beside = { [side]: numberOf(other) };
  saving = saving.then(() => save(form, moved, beside)).catch(() => location.reload());
}

function isTogether(moved) {
  return moved.every((tile, at) => at === 0 || along(moved[at - 1], 1) === tile);
}

// By the keyboard: a step along the list, or to the row above or below.

const STEPS = {
  ArrowLeft: (moved) => ["before", along(moved[0], -1)],
  ArrowRight: (moved) => ["behind", along(moved.at(-1), 1)],
  ArrowUp: (moved) => ["before", across(moved[0], -1)],
  ArrowDown: (moved) => ["behind", across(moved.at(-1), 1)],
};

function keyed(event, { form, chosenWith }) {
  const tile = tileOf(event.target);
  if (!event.altKey || !(event.key in STEPS) || !tile) return;
  event.preventDefault();
  const focused = document.activeElement;
  const moved = chosenWith(tile);
  put(form, moved, ...STEPS[event.key](moved));
  // What is taken out of the page and put in again has lost it.
  focused.focus();
  tile.scrollIntoView({ block: "nearest" });
}

// By the pointer.

function dragged({ form, chosenWith, held }) {
  let drag = null;
  let wasDragged = false;

  function unmark() {
    for (const marked of document.querySelectorAll(".drop-before, .drop-behind")) {
      marked.classList.remove(...MARKS);
    }
  }

  function target() {
    const { clientX, clientY } = drag.pointer;
    const over = document.elementFromPoint(clientX, clientY);
    const tile = over && tileOf(over);
    if (!tile || drag.moved.includes(tile)) return null;
    const { left, width } = tile.getBoundingClientRect();
    return { tile, side: clientX < left + width / 2 ? "before" : "behind" };
  }

  function mark() {
    unmark();
    drag.target = target();
    drag.target?.tile.classList.add(`drop-${drag.target.side}`);
  }

  function scrollAlong() {
    if (!drag?.moved) return;
    if (scrollNear(drag.pointer)) mark();
    requestAnimationFrame(scrollAlong);
  }

  function lift() {
    held(drag.tile);
    drag.moved = chosenWith(drag.tile);
    for (const tile of drag.moved) tile.classList.add("lifted");
    document.body.classList.add("moving");
    getSelection().removeAllRanges();
    scrollAlong();
  }

  function drop() {
    clearTimeout(drag?.timer);
    wasDragged = Boolean(drag?.moved);
    for (const tile of drag?.moved ?? []) tile.classList.remove("lifted");
    document.body.classList.remove("moving");
    unmark();
    drag = null;
  }

  list.addEventListener("pointerdown", (event) => {
    wasDragged = false;
    const tile = tileOf(event.target);
    if (!tile || !event.isPrimary || event.button !== 0 || event.target.closest(CONTROLS)) return;
    drag = { tile, x: event.clientX, y: event.clientY, isReady: event.pointerType === "mouse" };
    if (drag.isReady) return;
    const pressed = drag;
    pressed.timer = setTimeout(() => (pressed.isReady = true), LONG_PRESS_MS);
  });

  addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.pointer = event;
    const isFar = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > MOVED;
    if (!drag.moved && !isFar) return;
    // A finger that moves at once scrolls the page.
    if (!drag.isReady) return drop();
    if (!drag.moved) lift();
    mark();
  });

  // The page does not scroll under a finger that holds a picture.
  list.addEventListener("touchmove", (event) => drag?.isReady && event.preventDefault(), {
    passive: false,
  });

  addEventListener("pointerup", () => {
    const { moved, target } = drag ?? {};
    drop();
    if (moved && target) put(form, moved, target.side, target.tile);
  });
  addEventListener("pointercancel", drop);
  addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !drag?.moved) return;
      event.stopImmediatePropagation();
      drop();
    },
    { capture: true },
  );
  // The picture is not opened by letting it go.
  ignoreClickAfter(() => {
    const was = wasDragged;
    wasDragged = false;
    return was;
  });
}

// A picture that was put behind the last one shown comes again with the next part of the list.
function onlyOnce() {
  const seen = new Set();
  for (const tile of tiles()) {
    if (seen.has(tile.id)) tile.remove();
    seen.add(tile.id);
  }
}

// `chosenWith(tile)` tells what moves with a picture, and `held(tile)` hears that a drag begins.
export function movable(selection) {
  if (!list) return;
  addEventListener("keydown", (event) => keyed(event, selection));
  dragged(selection);
  document.body.addEventListener("htmx:afterSettle", onlyOnce);
}
