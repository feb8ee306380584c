// Suggestions below the search field while one types: a combobox with a list, as the ARIA Authoring
// Practices describe it. Without this script the field is a field.

const TYPED_MS = 150;

const input = document.querySelector("[data-suggestions]");
const list = document.getElementById("suggestions");
const options = () => [...list.children];

let chosen = -1;
let timer = 0;
let asked = 0;

function open(isOpen) {
  list.hidden = !isOpen;
  input.setAttribute("aria-expanded", isOpen);
  choose(-1);
}

function choose(index) {
  chosen = index;
  options().forEach((option, at) => option.setAttribute("aria-selected", at === index));
  const option = options()[index];
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

async function ask() {
  const number = ++asked;
  const text = input.value.trim();
  if (!text) return open(false);
  const response = await fetch(`${input.dataset.suggestions}?${new URLSearchParams({ q: text })}`);
  // An answer to what was typed before comes too late.
  if (!response.ok || number !== asked || document.activeElement !== input) return;
  list.innerHTML = await response.text();
  open(list.children.length > 0);
}

// One behind the last is the field itself.
function move(step) {
  const count = options().length + 1;
  choose((chosen + 1 + step + count) % count - 1);
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Escape: () => open(false),
  Enter: () => options()[chosen].querySelector("a").click(),
};

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, TYPED_MS);
});
input.addEventListener("keydown", (event) => {
  if (list.hidden || !(event.key in KEYS) || (event.key === "Enter" && chosen < 0)) return;
  event.preventDefault();
  KEYS[event.key]();
});
input.addEventListener("blur", () => open(false));
// A click on one must not take the focus first, or the list is gone before it counts.
list.addEventListener("mousedown", (event) => event.preventDefault());

// An address says only what was chosen.
input.form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});
