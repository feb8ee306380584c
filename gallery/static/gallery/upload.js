// Sends files to the API, three at a time, and follows each until it can be searched.

import { filesIn, onDrop } from "./dropped.js";

const PARALLEL = 3;
const FOLLOWED = 4;
const POLL_MS = 1000;
// A thumbnail that is not there by then may never be; the picture can be searched all the same.
const LOOKS = 20;

const form = document.getElementById("uploader");
const list = document.getElementById("uploads");
const summary = document.getElementById("upload-summary");
const row = document.getElementById("upload-row");
// Addresses, limits and texts, as the template gives them.
const given = form.dataset;

// A job is one file on its way: {file, said, element, looks, state, image}.
const jobs = [];
const withState = (...states) => jobs.filter((job) => states.includes(job.state));

function show(job, state, text = given[state]) {
  job.state = state;
  job.element.dataset.state = state;
  job.element.querySelector(".upload-state").textContent = text;
  job.element.querySelector("button").hidden = state !== "lost";
  const open = withState("queued", "sending", "received", "pending").length;
  summary.textContent = given.summary
    .replace("{done}", jobs.length - open)
    .replace("{all}", jobs.length);
}

function add(file) {
  const element = row.content.firstElementChild.cloneNode(true);
  const job = { file, element, said: whatIsSaid(), looks: 0 };
  jobs.push(job);
  element.querySelector(".upload-name").textContent = file.name;
  element.querySelector("button").addEventListener("click", () => queue(job));
  shown.observe(element);
  list.append(element);
  if (file.size > Number(given.maxBytes)) {
    show(job, "rejected", given.tooLarge);
  } else {
    queue(job);
  }
}

// What is chosen for all counts as it was when the file was added.
function whatIsSaid() {
  const { album, tags, description, visibility } = form.elements;
  return {
    album: album.value,
    tags: tags.value,
    description: description.value,
    visibility: visibility.value,
  };
}

// Only of what is near the screen: a thousand files must not be read at once.
const shown = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const job = isIntersecting && jobs.find(({ element }) => element === target);
    if (!job) continue;
    shown.unobserve(target);
    if (!job.image) showPicture(job, URL.createObjectURL(job.file));
  }
}, { rootMargin: "400px" });

function showPicture(job, url) {
  const picture = job.element.querySelector("img");
  // Not every browser shows every format; the server's thumbnail follows.
  picture.onerror = () => { picture.hidden = true; };
  picture.onload = () => {
    if (url.startsWith("blob:")) URL.revokeObjectURL(url);
  };
  picture.hidden = false;
  picture.src = url;
}

function queue(job) {
  show(job, "queued");
  sendNext();
}

function sendNext() {
  const [next] = withState("queued");
  if (next && withState("sending", "received").length < PARALLEL) {
    send(next);
    sendNext();
  }
}

function send(job) {
  const request = new XMLHttpRequest();
  const progress = job.element.querySelector("progress");
  request.open("POST", given.api);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) progress.value = event.loaded / event.total;
  };
  request.upload.onload = () => show(job, "received");
  request.onload = () => answered(job, request);
  request.onerror = () => show(job, "lost");
  request.onloadend = sendNext;
  show(job, "sending");
  request.send(formData(job));
}

function formData({ file, said }) {
  const data = new FormData();
  data.append("file", file);
  for (const [name, value] of Object.entries(said)) {
    if (value.trim()) data.append(name, value);
  }
  return data;
}

function answered(job, request) {
  const answer = parsed(request.responseText);
  if (request.status === 201) {
    link(job, answer);
    show(job, "pending");
    follow();
  } else if (request.status === 200) {
    link(job, answer);
    show(job, "known", answer.restored ? given.restored : given.known);
  } else if (request.status >= 500 && request.status !== 507) {
    show(job, "lost", answer.detail || given.refused);
  } else {
    show(job, "rejected", answer.detail || given.refused);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function link(job, image) {
  job.image = image;
  const addresses = { page: image.url, similar: given.similar?.replace("/0/", `/${image.id}/`) };
  for (const anchor of job.element.querySelectorAll("a")) {
    anchor.href = addresses[anchor.dataset.link];
    anchor.hidden = false;
  }
  if (image.thumbnail_url) showPicture(job, image.thumbnail_url);
}

let timer = 0;

// Asks for the oldest that wait; the others are behind them anyway.
function follow() {
  if (timer || !withState("pending").length) return;
  timer = setTimeout(async () => {
    await Promise.all(withState("pending").slice(0, FOLLOWED).map(look));
    timer = 0;
    follow();
  }, POLL_MS);
}

async function look(job) {
  try {
    const response = await fetch(`${given.api}${job.image.id}/`, { headers: { Accept: "application/json" } });
    if (response.status === 404) return show(job, "rejected", given.refused);
    if (response.ok) settle(job, await response.json());
  } catch {
    // The connection may be back by the next time.
  }
}

function settle(job, image) {
  job.looks += 1;
  if (image.embedding.state === "failed") {
    show(job, "failed", `${given.failed}: ${image.embedding.error}`);
  } else if (image.embedding.state === "ready" && (image.thumbnail_url || job.looks > LOOKS)) {
    show(job, "ready");
  } else {
    return;
  }
  link(job, image);
}

const input = form.elements.pictures;
input.addEventListener("change", () => {
  [...input.files].forEach(add);
  // So that the same file can be chosen again, and is not sent a second time with the form.
  input.value = "";
});
input.required = false;
const folder = document.getElementById("choose-folder");
// Hidden where a browser chooses no folders, as on phones.
if ("webkitdirectory" in folder) folder.closest("p").hidden = false;
folder.addEventListener("change", () => {
  [...folder.files].filter(({ name }) => !name.startsWith(".")).forEach(add);
  folder.value = "";
});
addEventListener("paste", (event) => {
  if (!event.target.matches?.("input, textarea")) [...event.clipboardData.files].forEach(add);
});
form.addEventListener("submit", (event) => event.preventDefault());

onDrop(async (transfer) => {
  for await (const file of filesIn(transfer)) add(file);
});

addEventListener("beforeunload", (event) => {
  if (withState("queued", "sending", "received").length) event.preventDefault();
});

document.documentElement.classList.add("scripted");
