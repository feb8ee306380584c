// Point at a place in one picture, and the other shows what matches it.

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const between = (low, value, high) => Math.min(Math.max(value, low), high);
const figures = new Intl.NumberFormat(document.documentElement.lang, {
  minimumFractionDigits: 3,
  maximumFractionDigits: 3,
});
const inWords = (number) => figures.format(number).replace("-", "−");
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

// Turned around: of each place of the second picture what matches it in the first.
function turned(matches) {
  return matches[0][0].map((values, row) =>
    values.map((_, column) => matches.map((grids) => grids.map((grid) => grid[row][column]))),
  );
}

function strongest(grid) {
  const most = Math.max(...grid.flat());
  const row = grid.findIndex((values) => values.includes(most));
  return { row, column: grid[row].indexOf(most), most };
}

function makeSide(picture, matches) {
  const cells = [...picture.querySelectorAll(".why-cell")];
  const spot = picture.querySelector(".why-spot");
  const overlay = picture.querySelector(".why-overlay");
  const levels = cells.map((cell) => cell.getAttribute("fill-opacity"));
  const rows = matches.length;
  const columns = matches[0].length;

  return {
    picture,
    matches,
    rows,
    columns,
    show(values) {
      cells.forEach((cell, i) => cell.setAttribute("fill-opacity", values[i]));
    },
    mark({ row, column }) {
      spot.setAttribute("transform", `translate(${column} ${row})`);
      spot.toggleAttribute("hidden", false);
    },
    reset() {
      this.show(levels);
      spot.toggleAttribute("hidden", true);
    },
    placeAt(event) {
      const point = new DOMPoint(event.clientX, event.clientY);
      const { x, y } = point.matrixTransform(overlay.getScreenCTM().inverse());
      const column = Math.floor(x);
      const row = Math.floor(y);
      const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
      return isInside ? { row, column } : null;
    },
  };
}

function explain(section, matches) {
  const said = section.querySelector(".why-said");
  const pictures = section.querySelectorAll(".why-picture");
  const sides = [makeSide(pictures[0], matches), makeSide(pictures[1], turned(matches))];
  // Where one points: a side, and a place on it.
  let current = null;

  function leave() {
    current = null;
    said.textContent = "";
    for (const side of sides) side.reset();
  }

  function point(side, place) {
    const other = sides.find((one) => one !== side);
    const grid = side.matches[place.row][place.column];
    const best = strongest(grid);
    leave();
    current = { side, place };
    side.mark(place);
    other.mark(best);
    other.show(grid.flat().map((value) => between(0, value / best.most, 1) || 0));
    const words = {
      row: place.row + 1,
      rows: side.rows,
      column: place.column + 1,
      columns: side.columns,
      share: inWords(sum(grid.flat())),
      otherRow: best.row + 1,
      otherColumn: best.column + 1,
      most: inWords(best.most),
    };
    said.textContent = section.dataset.said.replace(/{(\w+)}/g, (_, name) => words[name]);
  }

  const placeOn = (side) => (current?.side === side ? current.place : null);

  function pointBy(side, event) {
    const next = side.placeAt(event);
    const place = placeOn(side);
    if (!next) leave();
    else if (next.row !== place?.row || next.column !== place?.column) point(side, next);
  }

  function pointByKey(side, event) {
    const arrow = ARROWS[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") leave();
    if (!arrow) return;
    event.preventDefault();
    const { row, column } = placeOn(side) ?? { row: 0, column: 0 };
    point(side, {
      row: between(0, row + arrow[0], side.rows - 1),
      column: between(0, column + arrow[1], side.columns - 1),
    });
  }

  for (const side of sides) {
    const { picture } = side;
    picture.addEventListener("pointermove", (event) => pointBy(side, event));
    picture.addEventListener("pointerdown", (event) => pointBy(side, event));
    // A finger that is lifted leaves what it showed.
    picture.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") leave();
    });
    picture.addEventListener("focus", () => {
      if (picture.matches(":focus-visible")) point(side, { row: 0, column: 0 });
    });
    picture.addEventListener("blur", () => {
      if (placeOn(side)) leave();
    });
    picture.addEventListener("keydown", (event) => pointByKey(side, event));
    picture.tabIndex = 0;
    picture.setAttribute("role", "application");
    picture.setAttribute("aria-describedby", "why-hint");
  }
  section.classList.add("scripted-why");
}

function start() {
  const section = document.querySelector(".why:not(.scripted-why)");
  const found = document.getElementById("why-matches");
  if (section && found) explain(section, JSON.parse(found.textContent));
}

start();
// Or once it is known.
document.addEventListener("htmx:load", start);
