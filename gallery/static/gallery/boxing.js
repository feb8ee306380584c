// Dragging a box around tiles with the mouse. Near an edge of the window the page scrolls along.

import { ignoreClickAfter, scrollNear } from "./dragging.js";

const MOVED = 8;
const CONTROLS =
  "button, input, label, select, textarea, summary, [popover], .find-similar, form, [data-moves] .tile";

const meets = (one, other) =>
  one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;

// Calls `surround(state, tiles)` with what `begin()` gave while a box is dragged around some tiles.
export function boxed(tiles, { begin, surround }) {
  let drag = null;
  let wasDragged = false;

  // In the coordinates of the page, so that it stays where it began while the page scrolls.
  const at = ({ clientX, clientY }) => ({ x: clientX + scrollX, y: clientY + scrollY });

  function area() {
    const { start, end } = drag;
    return {
      left: Math.min(start.x, end.x) - scrollX,
      right: Math.max(start.x, end.x) - scrollX,
      top: Math.min(start.y, end.y) - scrollY,
      bottom: Math.max(start.y, end.y) - scrollY,
    };
  }

  function draw() {
    drag.end = at(drag.pointer);
    const { left, right, top, bottom } = area();
    Object.assign(drag.box.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
    surround(drag.state, tiles().filter((tile) => meets(area(), tile.getBoundingClientRect())));
  }

  function scrollAlong() {
    if (!drag?.box) return;
    if (scrollNear(drag.pointer)) draw();
    requestAnimationFrame(scrollAlong);
  }

  function started() {
    drag.box = document.createElement("div");
    drag.box.className = "selection-box";
    document.body.append(drag.box);
    drag.state = begin();
    getSelection().removeAllRanges();
    scrollAlong();
  }

  addEventListener("pointerdown", (event) => {
    wasDragged = false;
    const isOurs = event.pointerType === "mouse" && event.button === 0;
    if (!isOurs || !event.target.closest("main") || event.target.closest(CONTROLS)) return;
    drag = { start: at(event), pointer: event };
  });

  addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.pointer = event;
    const { x, y } = at(event);
    if (!drag.box && Math.hypot(x - drag.start.x, y - drag.start.y) < MOVED) return;
    event.preventDefault();
    if (!drag.box) started();
    draw();
  });

  function finished() {
    wasDragged = Boolean(drag?.box);
    drag?.box?.remove();
    drag = null;
  }
  addEventListener("pointerup", finished);
  addEventListener("pointercancel", finished);

  // The picture on which the box began is neither dragged away nor opened.
  addEventListener("dragstart", (event) => {
    if (event.target.closest?.("#tiles")) event.preventDefault();
  });
  ignoreClickAfter(() => {
    const was = wasDragged;
    wasDragged = false;
    return was;
  });
}
