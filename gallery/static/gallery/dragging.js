// What dragging a box around pictures and dragging pictures have in common.

const EDGE = 48;
const SPEED = 14;

// Scrolls the page along, one step, if the pointer is near an edge; tells whether it did.
export function scrollNear({ clientY }) {
  const step = clientY < EDGE ? -SPEED : clientY > innerHeight - EDGE ? SPEED : 0;
  if (step) scrollBy(0, step);
  return step !== 0;
}

// Lets the click with which a drag ends do nothing; `wasDragged()` says whether it is one, once.
export function ignoreClickAfter(wasDragged) {
  addEventListener(
    "click",
    (event) => {
      if (!wasDragged()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
}
