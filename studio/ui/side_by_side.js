// Two cuts on one clock, the story's: it runs as the first cut does, and stands still in nothing that only one of them has.
// One video leads, the first cut's wherever it has something; the other is kept in step with it. The chart and the list of
// changes lie outside: a click on either moves both, and the playhead is drawn over the chart.

const TICK_MS = 200;
const STEP_S = 0.001; // Just behind a frame's edge: on it, a browser may show the frame before.
const JUMP_S = 0.3; // A follower farther off than this jumps; a nearer one plays a little faster or slower.
const REACH_PX = 5;

export default function ({ data, parentElement, setStateValue }) {
  const before = parentElement.stopPair?.();
  const root = parentElement.querySelector(".pair");
  const listening = new AbortController();
  const { signal } = listening;
  const sides = Object.fromEntries(["a", "b"].map((name) => [name, openSide(root, data, name, signal)]));
  const pair = {
    data, root, sides, at_s: 0, index: 0, isPlaying: false, view: before?.view ?? "both", heard: before?.heard ?? "a",
    playhead: makePlayhead(), pick: (index) => setStateValue("picked", [data.id, index]),
  };
  root.classList.toggle("sound-only", !data.a.has_picture && !data.b.has_picture);
  root.querySelector(".play").onclick = () => (pair.isPlaying ? pause(pair) : play(pair));
  root.querySelector(".back").onclick = () => stepChange(pair, -1);
  root.querySelector(".on").onclick = () => stepChange(pair, 1);
  for (const button of root.querySelectorAll("[data-view]")) button.onclick = () => show(pair, button.dataset.view);
  for (const [name, side] of Object.entries(sides)) {
    side.root.querySelector(".hear").onclick = () => hear(pair, name);
    side.root.querySelector(".screen").onclick = () => { if (pair.view !== "both") show(pair, name === "a" ? "b" : "a"); };
  }
  followClicks(pair, signal);
  const timer = setInterval(() => draw(pair), TICK_MS);
  show(pair, pair.view);
  // As long as the first cut is the same, both stay at the moment of the story, whichever cut is laid over it.
  const at_s = before?.cut === data.a.cut ? before.at_s : 0;
  seek(pair, Math.min(at_s, Math.max(0, data.total_s - 0.1)));
  if (before?.isPlaying) play(pair);
  parentElement.stopPair = () => {
    const { view, heard, isPlaying } = pair;
    const kept = { at_s: pair.at_s, view, heard, isPlaying, cut: data.a.cut };
    pause(pair);
    listening.abort();
    clearInterval(timer);
    pair.playhead.remove();
    return kept;
  };
  return parentElement.stopPair;
}

function openSide(root, data, name, signal) {
  const side = root.querySelector(`[data-side="${name}"]`);
  const video = side.querySelector("video");
  const known = data[name];
  side.querySelector(".title").textContent = known.title;
  const opened = { root: side, video, isBroken: false, hasPicture: known.has_picture, values: unpack(known.values) };
  video.addEventListener("error", () => { opened.isBroken = true; }, { signal });
  video.addEventListener("loadedmetadata", () => { opened.isBroken = false; }, { signal });
  loadFilm(video, known.film_url, known.cut);
  return opened;
}

// Where a side is at the clock's instant, seconds of its cut; null where it has nothing.
function place({ data }, stretch, name, at_s) {
  if (stretch.kind === (name === "a" ? "added" : "removed")) return null;
  const [start_s, end_s] = stretch[name];
  return start_s + ((at_s - stretch.at_s) / stretch.length_s) * (end_s - start_s);
}

function pace(stretch, name) {
  const [start_s, end_s] = stretch[name];
  return (end_s - start_s) / stretch.length_s;
}

function leads(pair) {
  const { kind } = pair.data.stretches[pair.index];
  return kind === "added" || (kind !== "removed" && pair.sides.a.isBroken) ? "b" : "a";
}

function seek(pair, at_s) {
  const { data, sides } = pair;
  if (!data.stretches.length) return;
  pair.at_s = at_s;
  const later = data.stretches.findIndex((stretch) => at_s < stretch.at_s + stretch.length_s - 1e-6);
  pair.index = later < 0 ? data.stretches.length - 1 : later;
  for (const name of ["a", "b"]) {
    const wanted_s = place(pair, data.stretches[pair.index], name, at_s);
    if (wanted_s !== null) sides[name].video.currentTime = wanted_s + STEP_S;
  }
  if (pair.isPlaying) run(pair);
  draw(pair);
}

function play(pair) {
  if (!pair.data.stretches.length) return;
  pair.isPlaying = true;
  if (pair.at_s >= pair.data.total_s - 0.05) seek(pair, 0);
  pair.root.querySelector(".play").textContent = "Pause";
  run(pair);
  const follow = () => {
    if (!pair.isPlaying) return;
    advance(pair);
    requestAnimationFrame(follow);
  };
  requestAnimationFrame(follow);
}

// Lets play what the stretch at hand has, each side at its own pace, and stops what it has not.
function run(pair) {
  const stretch = pair.data.stretches[pair.index];
  for (const name of ["a", "b"]) {
    const { video } = pair.sides[name];
    if (place(pair, stretch, name, pair.at_s) === null) video.pause();
    else {
      video.playbackRate = pace(stretch, name);
      if (video.paused) video.play().catch(() => { if (name === leads(pair) && pair.isPlaying) pause(pair); });
    }
  }
  setSound(pair);
}

function advance(pair) {
  const { data, sides } = pair;
  const stretch = data.stretches[pair.index];
  const lead = leads(pair);
  const { video } = sides[lead];
  const [start_s] = stretch[lead];
  if (!video.seeking) {
    const at_s = stretch.at_s + (video.currentTime - STEP_S - start_s) / pace(stretch, lead);
    pair.at_s = Math.min(Math.max(at_s, stretch.at_s), stretch.at_s + stretch.length_s);
  }
  if (pair.at_s >= stretch.at_s + stretch.length_s - 0.012 || video.ended) enter(pair, pair.index + 1);
  else keepInStep(pair, stretch, lead === "a" ? "b" : "a");
  draw(pair);
}

function enter(pair, index) {
  const stretch = pair.data.stretches[index];
  if (!stretch) {
    pair.at_s = pair.data.total_s;
    return pause(pair);
  }
  pair.index = index;
  pair.at_s = stretch.at_s;
  for (const name of ["a", "b"]) {
    const wanted_s = place(pair, stretch, name, pair.at_s);
    const { video } = pair.sides[name];
    // What goes on where it is plays on; only what lies elsewhere jumps.
    if (wanted_s !== null && Math.abs(video.currentTime - wanted_s) > 0.06) video.currentTime = wanted_s + STEP_S;
  }
  return run(pair);
}

function keepInStep(pair, stretch, name) {
  const wanted_s = place(pair, stretch, name, pair.at_s);
  const { video, isBroken } = pair.sides[name];
  if (wanted_s === null || video.seeking || isBroken) return;
  const ahead_s = video.currentTime - wanted_s;
  if (Math.abs(ahead_s) > JUMP_S) video.currentTime = wanted_s + STEP_S;
  else video.playbackRate = pace(stretch, name) * (1 - Math.min(0.12, Math.max(-0.12, ahead_s)));
}

function pause(pair) {
  const wasPlaying = pair.isPlaying;
  pair.isPlaying = false;
  for (const { video } of Object.values(pair.sides)) video.pause();
  pair.root.querySelector(".play").textContent = "Play";
  if (wasPlaying) seek(pair, Math.min(pair.at_s, pair.data.total_s)); // Both on the very frame.
}

function show(pair, view) {
  pair.view = view;
  for (const name of ["both", "a", "b"]) pair.root.classList.toggle(name, name === view);
  for (const { root } of Object.values(pair.sides)) {
    root.querySelector(".screen").title = view === "both" ? "" : "Click to see the other cut at the same moment";
  }
  for (const button of pair.root.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  if (view !== "both") pair.heard = view;
  setSound(pair);
}

function hear(pair, name) {
  pair.heard = name;
  setSound(pair);
}

// One side is heard; where it has nothing, the other is.
function setSound(pair) {
  const stretch = pair.data.stretches[pair.index];
  const isMissing = stretch && place(pair, stretch, pair.heard, pair.at_s) === null;
  const sounding = isMissing && pair.view === "both" ? (pair.heard === "a" ? "b" : "a") : pair.heard;
  for (const [name, side] of Object.entries(pair.sides)) {
    side.video.muted = name !== sounding;
    side.root.querySelector(".hear").setAttribute("aria-pressed", String(name === pair.heard));
  }
}

function stepChange(pair, direction) {
  const { data, at_s } = pair;
  const shown = data.changes.map((change, index) => ({ ...change, index })).filter(({ is_shown }) => is_shown);
  const ordered = shown.sort((one, other) => one.start_s - other.start_s);
  const next = direction > 0
    ? ordered.find(({ start_s }) => start_s > at_s + 0.02)
    : ordered.findLast(({ start_s }) => start_s < at_s - 0.02);
  if (next) choose(pair, next.index);
}

function choose(pair, index) {
  seek(pair, pair.data.changes[index].start_s);
  pair.pick(index);
}

function draw(pair) {
  const { data, root, sides, at_s } = pair;
  const stretch = data.stretches[pair.index];
  if (!stretch) return;
  root.querySelector(".clock").textContent = clock(at_s, 1);
  const here = data.changes.filter(({ start_s, end_s }) => start_s <= at_s + 1e-6 && at_s < end_s - 1e-6);
  const now = root.querySelector(".now");
  now.textContent = here.map(({ words }) => words).join(", ") || "the same in both";
  now.classList.toggle("same", !here.length);
  for (const [name, side] of Object.entries(sides)) {
    const there_s = place(pair, stretch, name, at_s);
    const none = side.root.querySelector(".none");
    side.root.classList.toggle("empty", there_s === null);
    none.textContent = describeNothing(side, name, stretch, there_s);
    none.hidden = !none.textContent;
    side.root.querySelector(".at").textContent = there_s === null ? "" : clock(there_s, 1);
    const percent = side.values[Math.min(Math.floor(at_s), side.values.length - 1)];
    const known = there_s !== null && percent <= 100;
    const value = data.low + (percent / 100) * (data.high - data.low);
    side.root.querySelector(".value").textContent = known ? `${data.curve} ${value.toFixed(2).replace("-", "\u2212")}` : "";
  }
  placePlayhead(pair);
}

// Why there is no picture; empty where there is one.
function describeNothing({ isBroken, hasPicture }, name, { kind }, there_s) {
  if (there_s === null) return `${kind === "removed" ? "Removed" : "Added"}: ${name.toUpperCase()} has nothing here`;
  if (isBroken) return "This film cannot be played here: it has been moved, or this browser does not know its format.";
  return hasPicture ? "" : "Sound alone";
}

function makePlayhead() {
  const playhead = document.createElement("div");
  playhead.dataset.testid = "pair-playhead";
  playhead.style.cssText = "position:absolute;top:0;width:2px;margin-left:-1px;pointer-events:none;border-radius:1px;z-index:5;";
  return playhead;
}

function placePlayhead({ data, at_s, playhead }) {
  const chart = document.querySelector(data.chart);
  if (!chart || !data.total_s) return;
  const frame = chart.parentElement;
  if (playhead.parentElement !== frame) {
    frame.style.position = "relative";
    frame.append(playhead);
  }
  const box = chart.getBoundingClientRect();
  const width = box.width - data.left_px - data.right_px;
  playhead.style.background = data.ink;
  playhead.style.height = `${box.height - data.axis_px}px`;
  playhead.style.left = `${box.left - frame.getBoundingClientRect().left + data.left_px + (at_s / data.total_s) * width}px`;
}

// A press on the chart moves both cuts there, and a drag draws them along; a press on a ribbon chooses its change.
function followClicks(pair, signal) {
  const { data } = pair;
  let isDragging = false;
  const find = (event) => {
    const box = document.querySelector(data.chart).getBoundingClientRect();
    const width = box.width - data.left_px - data.right_px;
    const x_px = event.clientX - box.left - data.left_px;
    return { x_px, y_px: event.clientY - box.top, width };
  };
  const move = (event) => {
    const { x_px, width } = find(event);
    seek(pair, Math.min(1, Math.max(0, x_px / width)) * data.total_s);
  };
  document.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest?.(data.chart)) return;
    const { x_px, y_px, width } = find(event);
    const change = findRibbon(data, x_px, y_px, width);
    if (change !== null) choose(pair, change);
    else {
      isDragging = true;
      move(event);
    }
  }, { signal });
  document.addEventListener("pointermove", (event) => { if (isDragging) move(event); }, { signal });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { isDragging = false; }, { signal });
  const chooseRow = (event) => {
    const row = event.target.closest?.("[data-change]");
    if (!row) return;
    event.preventDefault();
    choose(pair, Number(row.dataset.change));
  };
  document.addEventListener("click", chooseRow, { signal });
  document.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") chooseRow(event); }, { signal });
}

function findRibbon({ changes, lanes, total_s }, x_px, y_px, width) {
  const lane = lanes.find(({ top_px, bottom_px }) => top_px <= y_px && y_px <= bottom_px);
  if (!lane) return null;
  let nearest = null;
  let nearest_px = REACH_PX;
  changes.forEach(({ kind, start_s, end_s, is_shown }, index) => {
    if (kind !== lane.kind || !is_shown) return;
    const [start_px, end_px] = [start_s, end_s].map((instant_s) => (instant_s / total_s) * width);
    const off_px = Math.max(start_px - x_px, x_px - end_px, 0);
    if (off_px < nearest_px) [nearest, nearest_px] = [index, off_px];
  });
  return nearest;
}

function unpack(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function clock(instant_s, decimals) {
  const scale = 10 ** decimals;
  const whole = Math.floor(Math.max(0, instant_s) * scale + 1e-6);
  const seconds = Math.floor(whole / scale);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(whole % scale).padStart(decimals, "0")}`;
}
