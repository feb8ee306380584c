// Sends files to the API, three at a time, and follows each until it can be searched.

import { filesIn, onDrop } from "./dropped.js";
import { inWords } from "./progress.js";
import { showRow, showSent } from "./upload_rows.js";

const PARALLEL = 3;
const FOLLOWED = 4;
const POLL_MS = 1000;
const TOLD_MS = 500;
// A thumbnail that is not there by then may never be; the picture can be searched all the same.
const LOOKS = 20;

const form = document.getElementById("uploader");
const total = document.getElementById("upload-total");
const summary = document.getElementById("upload-summary");
// Addresses, limits and texts, as the template gives them.
const given = form.dataset;

// A job is one file on its way: {file, said, sent, looks, state, text, image, request, row}.
const jobs = new Set();
// Those in each state, first come first.
const inState = new Map();
const those = (...states) => states.flatMap((state) => [...(inState.get(state) ?? [])]);
const number = (...states) => states.reduce((sum, state) => sum + (inState.get(state)?.size ?? 0), 0);

function show(job, state, text = given[state]) {
  inState.get(job.state)?.delete(job);
  if (!inState.has(state)) inState.set(state, new Set());
  inState.get(state).add(job);
  Object.assign(job, { state, text });
  showRow(job, given.similar);
  tell();
}

let telling = 0;

// So often as one can read it.
function tell() {
  telling ||= setTimeout(() => {
    telling = 0;
    const open = number("queued", "sending", "received", "pending");
    const all = jobs.size - number("cancelled");
    summary.textContent = given.summary
      .replace("{done}", all - open)
      .replace("{all}", all);
    tellTotal();
  }, TOLD_MS);
}

function tellTotal() {
  const counted = those("queued", "sending", "received", "pending", "ready", "known", "failed");
  const bytes = counted.reduce((sum, { file }) => sum + file.size, 0);
  const sent = counted.reduce((sum, job) => sum + job.sent, 0);
  const isRunning = isSending();
  total.hidden = !isRunning && !number("lost", "cancelled");
  total.querySelector("progress").value = bytes ? sent / bytes : 0;
  total.querySelector("span").textContent = isRunning ? inWords(sent, bytes, given) : "";
  total.querySelector("[data-do=cancel-all]").hidden = !number("queued", "sending");
  total.querySelector("[data-do=all-again]").hidden = !number("lost", "cancelled");
}

const isSending = () => number("queued", "sending", "received") > 0;

export function add(file) {
  const job = { file, said: whatIsSaid(), sent: 0, looks: 0 };
  job.again = () => queue(job);
  job.cancel = () => cancel(job);
  jobs.add(job);
  if (file.size > Number(given.maxBytes)) show(job, "rejected", given.tooLarge);
  else queue(job);
}

// What is chosen for all counts as it was when the file was added.
function whatIsSaid() {
  const { album, tags, description, visibility } = form.elements;
  return {
    album: album.value,
    tags: tags.value,
    description: description?.value ?? "",
    visibility: visibility.value,
  };
}

function queue(job) {
  show(job, "queued");
  sendNext();
}

function sendNext() {
  while (number("sending", "received") < PARALLEL && number("queued")) {
    send(inState.get("queued").values().next().value);
  }
}

function cancel(job) {
  job.sent = 0;
  show(job, "cancelled");
  job.request?.abort();
}

function send(job) {
  const request = new XMLHttpRequest();
  request.open("POST", given.api);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.upload.onprogress = (event) => {
    // What stands around the file in the request is counted as part of it.
    job.sent = event.lengthComputable ? (event.loaded / event.total) * job.file.size : 0;
    showSent(job);
    tell();
  };
  request.upload.onload = () => {
    job.sent = job.file.size;
    show(job, "received");
  };
  request.onload = () => answered(job, request);
  request.onerror = () => {
    job.sent = 0;
    show(job, "lost");
  };
  request.onloadend = () => {
    job.request = null;
    sendNext();
  };
  job.request = request;
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
    job.image = answer;
    show(job, "pending");
    follow();
  } else if (request.status === 200) {
    job.image = answer;
    show(job, "known", answer.restored ? given.restored : given.known);
  } else if (request.status >= 500 && request.status !== 507) {
    job.sent = 0;
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

let timer = 0;

// Asks for the oldest that wait; the others are behind them anyway.
function follow() {
  if (timer || !number("pending")) return;
  timer = setTimeout(async () => {
    await Promise.all(those("pending").slice(0, FOLLOWED).map(look));
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
    job.image = image;
    show(job, "failed", `${given.failed}: ${image.embedding.error}`);
  } else if (image.embedding.state === "ready" && (image.thumbnail_url || job.looks > LOOKS)) {
    job.image = image;
    show(job, "ready");
  }
}

const input = form.elements.pictures;
input.required = false;
const others = ["choose-folder", "take-photo"].map((id) => document.getElementById(id));
// Hidden where a browser chooses no folders, as on phones; the style sheet hides cameras.
if ("webkitdirectory" in others[0]) others[0].closest("span").hidden = false;
document.getElementById("other-ways").hidden = false;
for (const field of [input, ...others]) field.addEventListener("change", () => take(field));
// Chosen before this was there.
take(input);

function take(field) {
  [...field.files].filter(({ name }) => !name.startsWith(".")).forEach(add);
  // So that the same file can be chosen again, and is not sent a second time with the form.
  field.value = "";
}

addEventListener("paste", (event) => {
  if (!event.target.matches?.("input, textarea")) [...event.clipboardData.files].forEach(add);
});
form.addEventListener("submit", (event) => event.preventDefault());
total.querySelector("[data-do=cancel-all]").addEventListener("click", () => {
  those("queued", "sending").forEach(cancel);
});
total.querySelector("[data-do=all-again]").addEventListener("click", () => {
  those("lost", "cancelled").forEach(queue);
});

onDrop(async (transfer) => {
  for await (const file of filesIn(transfer)) add(file);
});

addEventListener("beforeunload", (event) => {
  if (isSending()) event.preventDefault();
});

document.documentElement.classList.add("scripted");
