// Fields for tags complete the one that is being typed, between its commas. Such a field may come
// into the page later, so it is made ready when one enters it. Without this script it is a field.

import { combobox } from "./combobox.js";

const FIELD = "[data-tags]";

function listFor(input) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${input.id}-suggestions`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.tagsLabel);
  input.after(list);
  return list;
}

function announce(input, list) {
  const said = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": false };
  for (const [name, value] of Object.entries(said)) input.setAttribute(name, value);
  input.setAttribute("aria-controls", list.id);
}

// Where the tag begins and ends in which one types.
function typed({ value, selectionStart }) {
  const start = value.lastIndexOf(",", selectionStart - 1) + 1;
  const end = value.indexOf(",", selectionStart);
  return { start, end: end < 0 ? value.length : end };
}

function complete(input) {
  const list = listFor(input);
  announce(input, list);
  combobox(input, list, {
    address() {
      const { start, end } = typed(input);
      const q = input.value.slice(start, end).trim();
      const others = input.value.slice(0, start) + input.value.slice(end);
      list.style.insetBlockStart = `${input.offsetTop + input.offsetHeight}px`;
      return q && `${input.dataset.tags}?${new URLSearchParams({ q, others })}`;
    },
    pick({ dataset }) {
      const { start, end } = typed(input);
      const before = `${input.value.slice(0, start)}${start ? " " : ""}${dataset.tag}, `;
      input.value = before + input.value.slice(end).replace(/^[,\s]+/, "");
      input.setSelectionRange(before.length, before.length);
    },
  });
}

document.addEventListener("focusin", ({ target }) => {
  if (target.matches(FIELD) && !target.hasAttribute("role")) complete(target);
});
// One that has the focus before this script is there.
if (document.activeElement?.matches(FIELD)) complete(document.activeElement);
