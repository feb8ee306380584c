// Ticks count themselves, and a picture is not liked and disliked at once. They stay when one comes
// back, and while their picture is out of the list: the entry in the history remembers them.

const form = document.getElementById("refine");
const said = document.getElementById("refine-said");
// The name of its box by a picture's number.
const ticked = new Map(history.state?.ticks);

const count = (name) => [...ticked.values()].filter((value) => value === name).length;
const boxesOf = (image) => document.querySelectorAll(`.tick input[value="${image}"]`);

function tell() {
  said.textContent = said.dataset.said
    .replace("{more}", count("positive"))
    .replace("{less}", count("negative"));
}

function show() {
  for (const box of document.querySelectorAll(".tick input")) {
    box.checked = ticked.get(box.value) === box.name;
  }
  for (const away of form.querySelectorAll(".away")) away.remove();
  for (const [image, name] of ticked) {
    if (!boxesOf(image).length) form.append(inputFor(image, name));
  }
  if (ticked.size) tell();
}

function inputFor(image, name) {
  const input = document.createElement("input");
  return Object.assign(input, { type: "hidden", className: "away", name, value: image });
}

function keep() {
  history.replaceState({ ...history.state, ticks: [...ticked] }, "");
  show();
}

if (form) {
  addEventListener("change", ({ target }) => {
    if (!target.matches(".tick input")) return;
    if (target.checked) ticked.set(target.value, target.name);
    else ticked.delete(target.value);
    keep();
  });
  form.addEventListener("reset", () => {
    ticked.clear();
    keep();
  });
  document.body.addEventListener("htmx:afterSettle", show);
  show();
}
