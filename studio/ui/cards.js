// The moments as cards. The picture under the pointer, or with the focus, plays its moment without sound; a click gives it
// sound. Where the browser cannot play the film, the pictures of its seconds are all there is.

const STILLS = 6;
const BAR_PX = 46;

export default function ({ data, parentElement }) {
  parentElement.stopCards?.();
  const list = parentElement.querySelector(".cards");
  list.classList.toggle("sound-only", !data.has_picture);
  const video = build("video", "preview");
  Object.assign(video, { muted: true, playsInline: true, preload: "none", hidden: true });
  const stage = { data, video, playing: null, isBroken: !data.film_url };
  list.replaceChildren(...data.moments.map((moment) => drawCard(stage, moment)));
  video.addEventListener("timeupdate", () => {
    if (stage.playing && video.currentTime >= stage.playing.end_s) video.currentTime = stage.playing.start_s;
  });
  video.addEventListener("playing", () => { video.hidden = stage.playing === null; });
  video.addEventListener("error", () => { stage.isBroken = true; video.hidden = true; });
  parentElement.stopCards = () => stop(stage);
  return parentElement.stopCards;
}

function drawCard(stage, moment) {
  const card = build("li", "card");
  card.dataset.testid = "moment";
  const head = build("div", "head");
  head.append(build("span", "span", `${moment.start} \u2013 ${moment.end}`), build("span", "score", moment.score.toFixed(2)));
  const reasons = build("ul", "reasons");
  reasons.append(...moment.reasons.map(drawReason));
  const words = build("div", "words");
  words.append(head);
  if (moment.line) words.append(build("p", "line", moment.line));
  words.append(reasons);
  if (stage.data.has_picture) words.append(drawStrip(stage.data, moment));
  const body = build("div", "body");
  body.append(drawScreen(stage, moment), words);
  card.append(build("div", "rank", String(moment.rank)), body);
  return card;
}

function drawScreen(stage, moment) {
  const screen = build("div", "screen");
  screen.tabIndex = 0;
  screen.setAttribute("role", "button");
  screen.setAttribute("aria-label", `Play moment ${moment.rank}`);
  if (stage.data.has_picture) {
    const seconds = spread(moment, stage.data.seconds);
    screen.append(drawStill(stage.data, seconds[Math.floor(seconds.length / 2)]));
  }
  screen.append(build("span", "hint", `${(moment.end_s - moment.start_s).toFixed(1)} s`));
  const begin = () => play(stage, screen, moment);
  screen.addEventListener("pointerenter", begin);
  screen.addEventListener("focus", begin);
  screen.addEventListener("pointerleave", () => stop(stage));
  screen.addEventListener("blur", () => stop(stage));
  screen.addEventListener("click", () => { stage.video.muted = !stage.video.muted; });
  return screen;
}

function drawStrip(data, moment) {
  const strip = build("div", "strip");
  strip.append(...spread(moment, data.seconds).map((second) => drawStill(data, second)));
  return strip;
}

function drawStill(data, second) {
  const still = build("img");
  Object.assign(still, { alt: "", loading: "lazy", src: data.still_url.replace("SECOND", second) });
  still.addEventListener("error", () => still.remove());
  return still;
}

// The seconds whose middles lie evenly over a moment; a short one shows fewer.
function spread({ start_s, end_s }, seconds) {
  const first = Math.min(Math.max(0, Math.ceil(start_s - 0.5)), seconds - 1);
  const last = Math.min(seconds - 1, Math.max(first, Math.ceil(end_s - 0.5) - 1));
  const count = Math.min(STILLS, last - first + 1);
  return Array.from({ length: count }, (_, i) => first + Math.floor(((last - first + 1) * (i + 0.5)) / count));
}

function play(stage, screen, moment) {
  if (stage.isBroken || stage.playing === moment) return;
  const { video } = stage;
  stage.playing = moment;
  video.hidden = true;
  screen.insertBefore(video, screen.querySelector(".hint"));
  if (!video.src) video.src = stage.data.film_url;
  video.currentTime = moment.start_s;
  video.play().catch(() => {});
}

function stop(stage) {
  stage.playing = null;
  stage.video.pause();
  stage.video.muted = true;
  stage.video.hidden = true;
}

function drawReason({ name, adds }) {
  const item = build("li", adds < 0 ? "cost" : "");
  const bar = build("span", "bar");
  bar.style.width = `${Math.max(2, Math.min(1, Math.abs(adds)) * BAR_PX)}px`;
  const sign = adds < 0 ? "\u2212" : "+";
  item.append(bar, build("span", "name", name), build("b", "", `${sign}${Math.abs(adds).toFixed(2)}`));
  return item;
}

function build(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
