// Scrolling the page along while something is dragged near an edge of the window.

const EDGE = 48;
const SPEED = 14;

// Scrolls one step if the pointer is near an edge; tells whether it did.
export function scrollNear({ clientY }) {
  const step = clientY < EDGE ? -SPEED : clientY > innerHeight - EDGE ? SPEED : 0;
  if (step) scrollBy(0, step);
  return step !== 0;
}
