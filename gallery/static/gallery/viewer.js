// One picture: its neighbours are loaded ahead, and reached by arrows, j and k, or a swipe.

import { zoomable } from "./zoom.js";

const SWIPE = 60;
const TYPING = "input, textarea, select, [contenteditable]";
const KEYS = { ArrowLeft: "prev", k: "prev", ArrowRight: "next", j: "next" };

const zoom = zoomable(document.getElementById("zoom"), document.querySelector(".zoom-buttons"));

function follow(relation) {
  document.querySelector(`.beside[rel="${relation}"]`)?.click();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches(TYPING)) return;
  // A picture that is larger than its frame is moved in it.
  if (!KEYS[event.key] || event.defaultPrevented || zoom?.isZoomed()) return;
  event.preventDefault();
  follow(KEYS[event.key]);
});

let start = null;
addEventListener("pointerdown", (event) => {
  const isFinger = event.pointerType !== "mouse" && event.isPrimary;
  start = isFinger && event.target.closest("#zoom") && !zoom?.isZoomed() ? event : null;
});
addEventListener("pointerup", (event) => {
  if (!start || !event.isPrimary || zoom?.isZoomed()) return;
  const along = event.clientX - start.clientX;
  const across = Math.abs(event.clientY - start.clientY);
  start = null;
  if (Math.abs(along) > SWIPE && Math.abs(along) > 2 * across) follow(along > 0 ? "prev" : "next");
});

addEventListener("load", () => {
  for (const { dataset } of document.querySelectorAll(".beside[data-preview]")) {
    new Image().src = dataset.preview;
  }
});
