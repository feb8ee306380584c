// Looking closely at a picture in its frame: wheel with Ctrl, pinch, double click, buttons and keys
// zoom, dragging and arrows move. Once it is enlarged the original takes the preview's place.

const MOST = 8;
const STEP = 1.5;
const CLOSE = 2.5;
const ARROW = 80;
const ARROWS = {
  ArrowLeft: [ARROW, 0],
  ArrowRight: [-ARROW, 0],
  ArrowUp: [0, ARROW],
  ArrowDown: [0, -ARROW],
};

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export function zoomable(frame, buttons) {
  if (!frame) return null;
  const picture = frame.querySelector("img");
  let scale = 1;
  let x = 0;
  let y = 0;

  const middle = () => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return { clientX: left + width / 2, clientY: top + height / 2 };
  };

  function draw() {
    const beyond = (side) => Math.max(0, (side * scale - side) / 2);
    x = clamp(x, -beyond(frame.clientWidth), beyond(frame.clientWidth));
    y = clamp(y, -beyond(frame.clientHeight), beyond(frame.clientHeight));
    picture.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
    frame.classList.toggle("zoomed", scale > 1);
  }

  function sharpen() {
    const { whole } = picture.dataset;
    if (!whole || scale === 1) return;
    delete picture.dataset.whole;
    const loaded = new Image();
    loaded.onload = () => {
      picture.src = whole;
    };
    loaded.src = whole;
  }

  // So that what lies under the point stays there.
  function zoomTo(wanted, { clientX, clientY } = middle()) {
    const next = clamp(wanted, 1, MOST);
    const { clientX: midX, clientY: midY } = middle();
    x = clientX - midX - ((clientX - midX - x) * next) / scale;
    y = clientY - midY - ((clientY - midY - y) * next) / scale;
    scale = next;
    draw();
    sharpen();
  }

  function move(alongX, alongY) {
    x += alongX;
    y += alongY;
    draw();
  }

  const WAYS = {
    in: () => zoomTo(scale * STEP),
    out: () => zoomTo(scale / STEP),
    fit: () => zoomTo(1),
  };

  frame.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && scale === 1) return;
      event.preventDefault();
      if (event.ctrlKey) zoomTo(scale * Math.exp(-event.deltaY / 200), event);
      else move(-event.deltaX, -event.deltaY);
    },
    { passive: false },
  );
  frame.addEventListener("dblclick", (event) => zoomTo(scale > 1 ? 1 : CLOSE, event));
  frame.addEventListener("keydown", (event) => {
    if (scale === 1 || !ARROWS[event.key]) return;
    event.preventDefault();
    move(...ARROWS[event.key]);
  });

  // By each pointer that is down, where it was.
  const fingers = new Map();
  const spread = ([one, other]) =>
    Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  const between = ([one, other]) => ({
    clientX: (one.clientX + other.clientX) / 2,
    clientY: (one.clientY + other.clientY) / 2,
  });

  frame.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    if (scale > 1 || fingers.size > 1) frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const were = [...fingers.values()];
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      const are = [...fingers.values()];
      zoomTo((scale * spread(are)) / spread(were), between(are));
    } else if (scale > 1) {
      move(event.clientX - before.clientX, event.clientY - before.clientY);
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    frame.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
  }

  buttons.hidden = false;
  buttons.addEventListener("click", ({ target }) => {
    WAYS[target.closest("button")?.dataset.zoom]?.();
  });
  addEventListener("resize", draw);
  return { isZoomed: () => scale > 1 };
}
