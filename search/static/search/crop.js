// A box on the picture, by pointer, finger or keyboard, in place of four numbers.

const NAMES = ["left", "top", "width", "height"];
const LEAST = 2;
const STEP = 2;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const between = (low, value, high) => Math.min(Math.max(value, low), high);

// All in percent of the picture: a box has left, top, width and height, a point x and y.
function boxBetween(a, b) {
  const width = Math.max(Math.abs(a.x - b.x), LEAST);
  const height = Math.max(Math.abs(a.y - b.y), LEAST);
  return moved({ left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), width, height }, 0, 0);
}

function moved(box, x, y) {
  return {
    ...box,
    left: between(0, box.left + x, 100 - box.width),
    top: between(0, box.top + y, 100 - box.height),
  };
}

function grown(box, x, y) {
  return {
    ...box,
    width: between(LEAST, box.width + x, 100 - box.left),
    height: between(LEAST, box.height + y, 100 - box.top),
  };
}

// Corners are numbered as one reads: the one across stays where it is.
function across(box, corner) {
  return {
    x: corner % 2 ? box.left + box.width : box.left,
    y: corner < 3 ? box.top + box.height : box.top,
  };
}

function makeCropper(form) {
  const stage = form.querySelector(".crop-stage");
  const element = form.querySelector(".crop-box");
  const said = form.querySelector("[role=status]");
  const fields = NAMES.map((name) => form.elements[name]);
  let box = Object.fromEntries(fields.map((field) => [field.name, Number(field.value)]));

  function show(next) {
    box = next;
    let text = form.dataset.said;
    for (const field of fields) {
      const value = Math.round(box[field.name] * 10) / 10;
      element.style[field.name] = `${value}%`;
      field.value = value;
      text = text.replace(`{${field.name}}`, Math.round(value));
    }
    return text;
  }

  function pointAt(event) {
    const area = stage.getBoundingClientRect();
    return {
      x: between(0, ((event.clientX - area.left) / area.width) * 100, 100),
      y: between(0, ((event.clientY - area.top) / area.height) * 100, 100),
    };
  }

  // What a drag from here does to the box, as a function of where it has come to.
  function dragFrom(event) {
    const start = pointAt(event);
    const before = box;
    const isWhole = box.width > 99 && box.height > 99;
    if (event.target.dataset.corner) {
      const fixed = across(box, Number(event.target.dataset.corner));
      return (point) => boxBetween(fixed, point);
    }
    if (event.target === element && !isWhole) {
      return (point) => moved(before, point.x - start.x, point.y - start.y);
    }
    return (point) => boxBetween(start, point);
  }

  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    element.focus({ preventScroll: true });
    const drag = dragFrom(event);
    const move = (later) => show(drag(pointAt(later)));
    const end = () => {
      stage.removeEventListener("pointermove", move);
      said.textContent = show(box);
    };
    stage.setPointerCapture(event.pointerId);
    stage.addEventListener("pointermove", move);
    stage.addEventListener("lostpointercapture", end, { once: true });
  });

  element.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [x, y] = arrow.map((direction) => direction * STEP);
    said.textContent = show(event.shiftKey ? grown(box, x, y) : moved(box, x, y));
  });

  show(box);
  element.hidden = false;
  form.classList.add("scripted-crop");
}

document.querySelectorAll(".cropper").forEach(makeCropper);
