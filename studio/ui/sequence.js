// Plays a trailer out of its film: two video elements take turns, one playing a clip while the other waits at the next.
// The strip of clips and the chart lie outside; a click on either moves the trailer, and the playhead is drawn over both.

const TICK_MS = 200;

export default function ({ data, parentElement, setTriggerValue }) {
  const before = parentElement.stopSequence?.() ?? { at_s: 0, isPlaying: false };
  const root = parentElement.querySelector(".sequence");
  const videos = [...root.querySelectorAll("video")];
  const listening = new AbortController();
  const stage = { data, root, videos, active: 0, index: 0, at_s: 0, isPlaying: false, playhead: drawPlayhead() };
  root.classList.toggle("sound-only", !data.has_picture);
  root.querySelector(".screen").classList.toggle("upright", data.is_upright);
  root.querySelector(".total").textContent = `of ${clock(data.total_s)}`;
  for (const video of videos) {
    const tell = (isTrouble) => { root.querySelector(".trouble").hidden = !isTrouble; };
    video.addEventListener("error", () => tell(true), { signal: listening.signal });
    video.addEventListener("loadedmetadata", () => tell(false), { signal: listening.signal });
    loadFilm(video, data.film_url, data.cut);
  }
  const button = root.querySelector(".play");
  button.onclick = () => (stage.isPlaying ? pause(stage) : begin(stage));
  followClicks(stage, setTriggerValue, listening.signal);
  const timer = setInterval(() => draw(stage), TICK_MS);
  seek(stage, Math.min(before.at_s, Math.max(0, data.total_s - 0.1)));
  if (before.isPlaying) begin(stage); // The page was drawn anew: an edit does not stop the trailer.
  let was = null; // The page may stop it first and ask afterwards.
  parentElement.stopSequence = () => {
    was ??= { at_s: stage.at_s, isPlaying: stage.isPlaying };
    pause(stage);
    listening.abort();
    clearInterval(timer);
    stage.playhead.remove();
    return was;
  };
  return parentElement.stopSequence;
}

// Where in the trailer a clip begins, and which clip is on show at an instant of the trailer.
function findClip({ data }, at_s) {
  const later = data.clips.findIndex((clip) => at_s < clip.at_s + clip.end_s - clip.start_s - 1e-6);
  return later < 0 ? data.clips.length - 1 : later;
}

function seek(stage, at_s) {
  if (!stage.data.clips.length) return;
  stage.at_s = at_s;
  stage.index = findClip(stage, at_s);
  const clip = stage.data.clips[stage.index];
  show(stage, stage.active);
  stage.videos[stage.active].currentTime = clip.start_s + Math.max(0, at_s - clip.at_s) + 0.001;
  prepareNext(stage);
  draw(stage);
}

function prepareNext({ data, videos, active, index }) {
  const next = data.clips[index + 1];
  const waiting = videos[1 - active];
  waiting.pause();
  if (next) waiting.currentTime = next.start_s + 0.001;
}

function show({ videos }, active) {
  videos.forEach((video, i) => { video.hidden = i !== active; });
}

function begin(stage) {
  if (!stage.data.clips.length) return;
  if (stage.at_s >= stage.data.total_s - 0.05) seek(stage, 0);
  stage.isPlaying = true;
  stage.root.querySelector(".play").textContent = "Pause";
  stage.videos[stage.active].play().catch(() => pause(stage));
  const follow = () => {
    if (!stage.isPlaying) return;
    step(stage);
    requestAnimationFrame(follow);
  };
  requestAnimationFrame(follow);
}

function step(stage) {
  const { data, videos } = stage;
  const clip = data.clips[stage.index];
  const video = videos[stage.active];
  stage.at_s = clip.at_s + Math.min(Math.max(0, video.currentTime - clip.start_s), clip.end_s - clip.start_s);
  if (video.currentTime >= clip.end_s - 0.01 || video.ended) {
    if (stage.index + 1 === data.clips.length) {
      stage.at_s = data.total_s;
      pause(stage);
    } else {
      video.pause();
      stage.index += 1;
      stage.active = 1 - stage.active;
      show(stage, stage.active);
      videos[stage.active].play().catch(() => pause(stage));
      prepareNext(stage);
    }
  }
  draw(stage);
}

function pause(stage) {
  stage.isPlaying = false;
  stage.videos.forEach((video) => video.pause());
  stage.root.querySelector(".play").textContent = "Play";
}

function draw({ data, root, at_s, index, playhead }) {
  root.querySelector(".clock").textContent = clock(at_s);
  root.querySelector(".role").textContent = data.clips[index]?.role ?? "";
  const frame = document.querySelector(data.timeline);
  if (!frame || !data.total_s) return;
  if (playhead.parentElement !== frame) {
    frame.style.position = "relative";
    frame.append(playhead);
  }
  const width = frame.clientWidth - data.left_px - data.right_px;
  playhead.style.background = data.ink;
  playhead.style.left = `${data.left_px + (at_s / data.total_s) * width}px`;
}

function drawPlayhead() {
  const playhead = document.createElement("div");
  playhead.dataset.testid = "sequence-playhead";
  playhead.style.cssText = "position:absolute;top:0;bottom:0;width:2px;margin-left:-1px;pointer-events:none;z-index:5;";
  return playhead;
}

function followClicks(stage, setTriggerValue, signal) {
  document.addEventListener("keydown", (event) => {
    const clip = event.key === "Enter" && event.target.closest?.("[data-clip]");
    if (clip && clip.closest(stage.data.timeline)) clip.click();
  }, { signal });
  document.addEventListener("click", (event) => {
    const frame = event.target.closest?.(stage.data.timeline);
    if (!frame) return;
    const clip = event.target.closest("[data-clip]");
    const box = frame.getBoundingClientRect();
    const width = box.width - stage.data.left_px - stage.data.right_px;
    const share = (event.clientX - box.left - stage.data.left_px) / width;
    if (clip) {
      const index = Number(clip.dataset.clip);
      seek(stage, stage.data.clips[index].at_s);
      setTriggerValue("picked", index);
    } else if (share >= 0 && share <= 1) seek(stage, share * stage.data.total_s);
  }, { signal });
}

function clock(at_s) {
  const tenths = Math.floor(at_s * 10 + 1e-6);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}
