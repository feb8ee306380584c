// A picture, or the address of one, dropped or pasted anywhere on the page is asked with at once.

import { filesIn, onDrop } from "../gallery/dropped.js";

const form = document.getElementById("ask");
const { file, url } = form.elements;

function ask() {
  document.getElementById("ask-status").textContent = form.dataset.sending;
  form.requestSubmit();
}

function askByFile(picture) {
  const transfer = new DataTransfer();
  transfer.items.add(picture);
  file.files = transfer.files;
  url.value = "";
  ask();
}

function askByUrl(text) {
  if (!/^https?:\/\/\S+$/.test(text)) return;
  url.value = text;
  file.value = "";
  ask();
}

file.addEventListener("change", () => {
  if (!file.files.length) return;
  url.value = "";
  ask();
});

onDrop(async (transfer) => {
  // Read before anything is waited for: afterwards it is empty.
  const text = transfer.getData("text/uri-list").split("\n")[0].trim();
  for await (const picture of filesIn(transfer)) return askByFile(picture);
  askByUrl(text);
});

addEventListener("paste", (event) => {
  const [picture] = event.clipboardData.files;
  if (picture) {
    event.preventDefault();
    askByFile(picture);
  } else if (event.target !== url) {
    askByUrl(event.clipboardData.getData("text/plain").trim());
  }
});

// Back from the answer: what was sent then is not sent again with the next one.
addEventListener("pageshow", () => form.reset());

document.documentElement.classList.add("scripted");
