// The pictures of a list, and which of them is next to one: along the list, or across its rows.

export const tiles = () => [...document.querySelectorAll("#tiles .tile")];
export const tileOf = (element) => element.closest("#tiles .tile");

const middle = ({ offsetLeft, offsetWidth }) => offsetLeft + offsetWidth / 2;

// The picture of the next row that lies nearest below, or of the last one above.
export function across(tile, direction) {
  const distance = (other) => direction * (other.offsetTop - tile.offsetTop);
  const beyond = tiles().filter((other) => distance(other) > 0);
  const next = Math.min(...beyond.map(distance));
  const aside = (other) => Math.abs(middle(other) - middle(tile));
  return beyond.filter((other) => distance(other) === next).sort((a, b) => aside(a) - aside(b))[0];
}

export function along(tile, direction) {
  const all = tiles();
  return all[all.indexOf(tile) + direction];
}
