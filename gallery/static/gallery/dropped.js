// Dropping anywhere on a page, and the files of a drop, those in dropped folders included.

// Whether something of the page itself is dragged.
let isOwn = false;
addEventListener("dragstart", () => {
  isOwn = true;
});
addEventListener("dragend", () => {
  isOwn = false;
});

// What is dropped beside the zone is meant for it too, and must not replace the page. `take` gets
// what is dropped until the signal, if there is one, says otherwise.
export function onDrop(take, signal) {
  const listen = (name, listener) => addEventListener(name, listener, { signal });
  listen("dragover", (event) => {
    if (isOwn) return;
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  for (const end of ["dragleave", "drop"]) {
    listen(end, () => document.body.classList.remove("dragging"));
  }
  listen("drop", (event) => {
    if (isOwn) return;
    event.preventDefault();
    take(event.dataTransfer);
  });
}

export async function* filesIn(transfer) {
  // The list is emptied as soon as we wait for anything, so it is copied first.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) {
    yield* [...transfer.files];
    return;
  }
  for (const entry of entries) yield* filesUnder(entry);
}

async function* filesUnder(entry) {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    yield await new Promise((resolve, reject) => entry.file(resolve, reject));
    return;
  }
  const reader = entry.createReader();
  // A reader hands out a hundred at a time, then none.
  for (let some = await read(reader); some.length; some = await read(reader)) {
    for (const inner of some) yield* filesUnder(inner);
  }
}

function read(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
