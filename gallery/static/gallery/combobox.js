// A field with a list of what it may go on to while one types: a combobox, as the ARIA Authoring
// Practices describe it. `address` says where the list for what is typed is found, or nothing;
// `pick` does what an option is for.

const TYPED_MS = 150;

export function combobox(input, list, { address, pick }) {
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
    const where = address();
    if (!where) return open(false);
    const response = await fetch(where);
    // An answer to what was typed before comes too late.
    if (!response.ok || number !== asked || document.activeElement !== input) return;
    list.innerHTML = await response.text();
    options().forEach((option, at) => (option.id = `${list.id}-${at}`));
    open(list.children.length > 0);
  }

  function take(option) {
    open(false);
    pick(option);
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
    Enter: () => take(options()[chosen]),
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
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && !event.target.closest("a")) take(option);
  });
}
