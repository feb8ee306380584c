// What the upload page shows of each file. Of thousands it lists those that are on their way or in
// trouble, and as many others as one looks through.

const MOST = 100;
const STAYS = ["sending", "received", "rejected", "lost", "failed"];
const DONE = ["pending", "ready", "known", "cancelled"];

const list = document.getElementById("uploads");
const template = document.getElementById("upload-row");
const jobOf = new WeakMap();

// Only of what is near the screen: a thousand files must not be read at once.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      const job = jobOf.get(target);
      showPicture(job, job.image?.thumbnail_url ?? URL.createObjectURL(job.file));
    }
  },
  { rootMargin: "400px" },
);

function rowOf(job) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector(".upload-name").textContent = job.file.name;
  row.querySelector("[data-do=again]").addEventListener("click", () => job.again());
  row.querySelector("[data-do=cancel]").addEventListener("click", () => job.cancel());
  jobOf.set(row, job);
  list.append(row);
  seen.observe(row);
  return row;
}

function leaveOut(row) {
  const job = jobOf.get(row);
  release(job);
  seen.unobserve(row);
  job.row = null;
  row.remove();
}

function release(job) {
  URL.revokeObjectURL(job.preview);
  job.preview = null;
}

function showPicture(job, address) {
  release(job);
  if (address.startsWith("blob:")) job.preview = address;
  const picture = job.row.querySelector("img");
  // Not every browser shows every format; the server's thumbnail follows.
  picture.onerror = () => {
    picture.hidden = true;
    release(job);
  };
  picture.onload = () => release(job);
  picture.hidden = false;
  picture.src = address;
}

function link(job, similar) {
  const addresses = { page: job.image.url, similar: similar?.replace("/0/", `/${job.image.id}/`) };
  for (const anchor of job.row.querySelectorAll("a")) {
    anchor.href = addresses[anchor.dataset.link];
    anchor.hidden = false;
  }
  if (job.image.thumbnail_url) showPicture(job, job.image.thumbnail_url);
}

// Shows how far it is; `similar` is the address of the images like number 0.
export function showRow(job, similar) {
  if (!job.row && list.children.length >= MOST && !STAYS.includes(job.state)) return;
  job.row ??= rowOf(job);
  const { row, state } = job;
  row.dataset.state = state;
  row.querySelector(".upload-state").textContent = job.text;
  row.querySelector("[data-do=again]").hidden = !["lost", "cancelled"].includes(state);
  row.querySelector("[data-do=cancel]").hidden = !["queued", "sending"].includes(state);
  if (job.image) link(job, similar);
  const rest = [...list.children].filter(({ dataset }) => DONE.includes(dataset.state));
  for (const old of rest.slice(0, Math.max(0, list.children.length - MOST))) leaveOut(old);
}

export function showSent(job) {
  if (job.row) job.row.querySelector("progress").value = job.sent / job.file.size;
}
