// The address and its entry in the history know where one is in an answer, so that whoever comes
// back or reloads is there again: at the page that was reached, what is opened, and the picture.

const SETTLED_MS = 150;

// The first picture of which more is seen than hidden behind the header.
function topmost() {
  const edge = document.querySelector(".site-header").getBoundingClientRect().bottom;
  return [...document.querySelectorAll("#tiles .tile")].find((tile) => {
    const { top, height } = tile.getBoundingClientRect();
    return top + height / 2 > edge;
  });
}

function placeOf(tile) {
  const pages = [...document.querySelectorAll("#tiles > .page")];
  const isBefore = (page) =>
    page.compareDocumentPosition(tile) & Node.DOCUMENT_POSITION_FOLLOWING;
  return pages.findLast(isBefore).dataset.place;
}

function opened() {
  return [...document.querySelectorAll("#tiles > .group.open")].map(({ dataset }) => dataset.image);
}

function addressAt(tile) {
  const address = new URL(location);
  const said = { place: placeOf(tile), open: opened().join(",") };
  for (const [name, value] of Object.entries(said)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  address.search = address.searchParams.toString().replaceAll("%2C", ",");
  address.hash = "";
  return address;
}

function note() {
  const focused = document.activeElement.closest("#tiles .tile");
  const tile = focused ?? topmost();
  if (!tile) return;
  const { top } = tile.getBoundingClientRect();
  const state = { ...history.state, tile: tile.id, top, isFocused: tile === focused };
  history.replaceState(state, "", addressAt(tile));
}

function comeBack() {
  const { tile, top, isFocused } = history.state ?? {};
  const found = document.getElementById(tile);
  if (!found) return;
  if (isFocused) found.querySelector(".tile-picture").focus({ preventScroll: true });
  scrollBy({ top: found.getBoundingClientRect().top - top, behavior: "instant" });
}

let timer = 0;
addEventListener("scroll", () => {
  clearTimeout(timer);
  timer = setTimeout(note, SETTLED_MS);
});
// Before a link is followed, whoever or whatever presses it.
addEventListener("click", note, { capture: true });
document.body.addEventListener("htmx:afterSettle", note);

history.scrollRestoration = "manual";
comeBack();
