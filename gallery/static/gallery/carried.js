// Files that are dropped or pasted on any page lead to the upload, and go along: its page comes in
// the place of this one, which a browser would not let keep them if it was left.

import { filesIn, onDrop } from "./dropped.js";

const { upload } = document.getElementById("drop-here").dataset;
const here = new AbortController();

async function loaded() {
  const response = await fetch(upload);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

const isMissing = ({ href }) => ![...document.styleSheets].some((sheet) => sheet.href === href);

function show(page) {
  history.pushState(null, "", upload);
  // Whoever goes back wants the page that was here.
  addEventListener("popstate", () => location.reload());
  document.title = page.title;
  const styles = [...page.querySelectorAll("link[rel=stylesheet]")];
  document.head.append(...styles.filter(isMissing));
  document.querySelector("main").replaceWith(page.querySelector("main"));
  scrollTo(0, 0);
  document.querySelector("main").focus();
}

async function carry(files) {
  here.abort();
  const page = await loaded();
  show(page);
  const script = [...page.querySelectorAll("script[type=module]")].find(({ src }) =>
    src.includes("/upload."),
  );
  const { add } = await import(script.src);
  for await (const file of files) add(file);
}

onDrop((transfer) => {
  if (transfer.types.includes("Files")) carry(filesIn(transfer));
}, here.signal);

addEventListener(
  "paste",
  ({ target, clipboardData }) => {
    const isTyping = target.matches?.("input, textarea");
    if (!isTyping && clipboardData.files.length) carry([...clipboardData.files]);
  },
  { signal: here.signal },
);
