// How much of all files is sent, and how long the rest takes, in words.

const MEGABYTE = 1_000_000;
const SOON_S = 60;
const MINUTES = 60;

const language = document.documentElement.lang;
const inUnits = (value, unit, digits = 0) =>
  new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: unit === "megabyte" ? "short" : "long",
    maximumFractionDigits: digits,
  }).format(value);

// When sending began, and how much had been sent before.
let began = null;

function secondsLeft(sent, bytes) {
  if (sent >= bytes) began = null;
  else if (!began || sent < began.sent) began = { at: performance.now(), sent };
  if (!began) return null;
  const rate = (sent - began.sent) / (performance.now() - began.at);
  return rate ? (bytes - sent) / rate / 1000 : null;
}

function timeLeft(seconds, { soon, left }) {
  if (seconds < SOON_S) return soon;
  const minutes = Math.ceil(seconds / 60);
  const time =
    minutes < 2 * MINUTES
      ? inUnits(minutes, "minute")
      : inUnits(Math.round(minutes / MINUTES), "hour");
  return left.replace("{time}", time);
}

// `given` has the texts: total, left and soon.
export function inWords(sent, bytes, given) {
  const [some, all] = [sent, bytes].map((size) => inUnits(size / MEGABYTE, "megabyte", 1));
  const seconds = secondsLeft(sent, bytes);
  const said = given.total.replace("{sent}", some).replace("{all}", all);
  return seconds === null ? said : `${said} · ${timeLeft(seconds, given)}`;
}
