// A person watches and moves a slider; each second of the film that is watched is rated with where the slider stood on the
// film's clock. A second is kept in the browser until the library has it. Streamlit calls the default export whenever the
// page runs again; what is being rated goes on as long as the cut, the curve and the rater stay the same.

const TICK_MS = 40;
const SAVE_MS = 2000;
const AT_ONCE = 1000; // Browsers bound what a closing tab may still send.
const NONE = 255;
const KEY_STEP = 5;
const SKIP_S = 5;

export default function ({ data, parentElement }) {
  const before = parentElement.stopRating?.();
  const root = parentElement.querySelector(".rate");
  const listening = new AbortController();
  const { signal } = listening;
  const key = `throughline-ratings:${data.cut}:${data.curve}:${data.rater}`;
  const anew = { key, percent: 50, isMoved: false, pending: recall(key), own: unpack(data.rated), trouble: "" };
  // The very same object goes on, so that a batch which is on its way is not sent a second time.
  const film = Object.assign(before?.key === key ? before : anew, { data, root, video: root.querySelector("video"), part: null });
  film.parent = parentElement;
  parentElement.film = film;
  for (const [second, percent] of film.pending) film.own[second] = Math.round(percent);

  root.classList.toggle("sound-only", !data.has_picture);
  root.style.setProperty("--curve", data.color);
  [root.querySelector(".low").textContent, root.querySelector(".high").textContent] = data.ends;
  root.querySelector("input").setAttribute("aria-label", `Your rating of ${data.curve}`);
  openFilm(film, signal);
  takeHand(film, signal);
  takeKeys(film, signal);
  takeButtons(film, signal);
  const timers = [setInterval(() => tick(film), TICK_MS), setInterval(() => save(film), SAVE_MS)];
  for (const gone of ["pagehide", "visibilitychange"]) {
    addEventListener(gone, () => { if (document.hidden || gone === "pagehide") film.video.pause(); save(film); }, { signal });
  }
  const resizing = new ResizeObserver(() => drawTrace(film));
  resizing.observe(root.querySelector("canvas"));
  setHand(film, film.percent, film.isMoved);
  if (before?.key !== key) {
    document.activeElement?.blur(); // Or what is meant for the slider would be typed into the name.
    film.video.pause();
    goOn(film);
  }
  save(film);
  draw(film);

  parentElement.stopRating = () => {
    listening.abort();
    resizing.disconnect();
    timers.forEach(clearInterval);
    save(film);
    return film;
  };
  return () => { film.video.pause(); parentElement.stopRating(); };
}

function openFilm(film, signal) {
  const { data, root, video } = film;
  const trouble = root.querySelector(".trouble");
  video.addEventListener("loadedmetadata", () => { trouble.hidden = true; }, { signal });
  video.addEventListener("error", () => {
    trouble.textContent = "This film cannot be played here: it has been moved, or this browser does not know its format.";
    trouble.hidden = false;
  }, { signal });
  video.addEventListener("seeking", () => { film.part = null; }, { signal }); // Half a second that is left is not rated.
  video.addEventListener("pause", () => { save(film); draw(film); }, { signal });
  video.addEventListener("ended", () => { watch(film, data.duration_s); finishSecond(film); save(film); draw(film); }, { signal });
  for (const event of ["play", "seeked", "loadedmetadata"]) video.addEventListener(event, () => draw(film), { signal });
  loadFilm(video, data.url, data.cut);
}

// The clock ---------------------------------------------------------------------------------------------------------

function tick(film) {
  const { video } = film;
  if (video.paused || video.seeking) return;
  watch(film, video.currentTime);
  draw(film);
}

// What was watched since the last tick counts towards the seconds that it lies in, each with where the slider stood.
function watch(film, now_s) {
  const { part } = film;
  if (!part || now_s < part.at_s || !film.isMoved) {
    film.part = { at_s: now_s, second: Math.floor(now_s), watched_s: 0, total: 0 };
    return;
  }
  while (part.at_s < now_s) {
    const end_s = Math.min(now_s, part.second + 1);
    part.watched_s += end_s - part.at_s;
    part.total += (end_s - part.at_s) * film.percent;
    part.at_s = end_s;
    if (end_s >= part.second + 1) {
      finishSecond(film);
      Object.assign(part, { second: part.second + 1, watched_s: 0, total: 0 });
    }
  }
}

// A second of which less than half was watched is not rated; the last one may be short.
function finishSecond({ part, data, own, pending, key }) {
  if (!part || part.second >= own.length) return;
  const whole_s = Math.min(1, data.duration_s - part.second);
  if (part.watched_s < Math.max(whole_s / 2, 0.001)) return;
  const percent = part.total / part.watched_s;
  own[part.second] = Math.round(percent);
  pending.set(part.second, percent);
  part.watched_s = 0;
  remember(key, pending);
}

function goOn(film) {
  const first = film.own.indexOf(NONE);
  const earlier = first > 0 ? film.own[first - 1] : NONE;
  if (earlier !== NONE) setHand(film, earlier, film.isMoved);
  seek(film, first < 0 ? 0 : first);
}

function seek(film, at_s) {
  film.part = null;
  film.video.currentTime = Math.min(Math.max(0, at_s), Math.max(0, film.data.duration_s - 0.05));
  draw(film);
}

function toggle({ video }) {
  if (video.paused) video.play().catch(() => {}); // Where a film cannot be played, its own words say so.
  else video.pause();
}

// The hand ----------------------------------------------------------------------------------------------------------

function setHand(film, percent, isMoved = true) {
  film.percent = Math.min(100, Math.max(0, percent));
  film.isMoved = isMoved;
  const { low, high } = film.data;
  film.root.querySelector("input").value = film.percent;
  const value = (low + (film.percent / 100) * (high - low)).toFixed(2);
  film.root.querySelector(".value").textContent = value.replace("-", "\u2212");
}

function takeHand(film, signal) {
  const slider = film.root.querySelector("input");
  for (const event of ["input", "pointerdown"]) {
    slider.addEventListener(event, () => { setHand(film, Number(slider.value)); draw(film); }, { signal });
  }
}

function takeKeys(film, signal) {
  const steps = { ArrowUp: KEY_STEP, ArrowDown: -KEY_STEP };
  document.addEventListener("keydown", (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if (event.key in steps) setHand(film, film.percent + steps[event.key]);
    else if (/^[0-9]$/.test(event.key)) setHand(film, (Math.max(Number(event.key), 1) - 1) * 12.5);
    else if (event.key === "ArrowLeft") seek(film, film.video.currentTime - SKIP_S);
    else if (event.key === " " && target.localName !== "button") toggle(film);
    else return;
    event.preventDefault();
    draw(film);
  }, { signal });
}

function isTyping(target) {
  return (target.localName === "input" && target.type !== "range") || target.isContentEditable
    || ["textarea", "select"].includes(target.localName) || target.getAttribute?.("role") === "combobox";
}

function takeButtons(film, signal) {
  const { root } = film;
  const press = (name, act) => { root.querySelector(name).onclick = act; };
  press(".play", () => toggle(film));
  press(".back", () => seek(film, film.video.currentTime - SKIP_S));
  press(".on", () => goOn(film));
  press(".full", () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  const canvas = root.querySelector("canvas");
  canvas.addEventListener("pointerdown", (event) => {
    const box = canvas.getBoundingClientRect();
    seek(film, ((event.clientX - box.left) / box.width) * film.data.duration_s);
  }, { signal });
}

// The library -------------------------------------------------------------------------------------------------------

async function save(film) {
  const { pending, data, key } = film;
  if (film.isSaving || !pending.size) return;
  const batch = [...pending].slice(0, AT_ONCE);
  const value = (percent) => Math.round((data.low + (percent / 100) * (data.high - data.low)) * 1e4) / 1e4;
  const values = Object.fromEntries(batch.map(([second, percent]) => [second, value(percent)]));
  film.isSaving = true;
  try {
    const body = JSON.stringify({ curve: data.curve, rater: data.rater, values });
    const answer = await fetch(data.save_url, { method: "POST", keepalive: true, body });
    film.trouble = answer.ok ? "" : await answer.text();
    if (answer.ok) for (const [second, percent] of batch) if (pending.get(second) === percent) pending.delete(second);
  } catch {
    film.trouble = "No connection to the library. What you rate is kept in this browser until there is.";
  }
  film.isSaving = false;
  remember(key, pending);
  if (film.parent.film === film) draw(film); // Another one may be on the page by now.
}

function recall(key) {
  try {
    return new Map(JSON.parse(localStorage.getItem(key) ?? "[]"));
  } catch {
    return new Map();
  }
}

function remember(key, pending) {
  try {
    if (pending.size) localStorage.setItem(key, JSON.stringify([...pending]));
    else localStorage.removeItem(key);
  } catch { /* A browser that keeps nothing still sends every two seconds. */ }
}

// What is drawn -----------------------------------------------------------------------------------------------------

function draw(film) {
  const { root, video, own, data } = film;
  root.querySelector(".play").textContent = video.paused ? "Play" : "Pause";
  root.querySelector(".clock").textContent = clock(video.currentTime);
  const rated = own.reduce((count, percent) => count + (percent !== NONE), 0);
  root.querySelector(".count").textContent = `${clock(rated)} of ${clock(own.length)} rated`;
  root.querySelector(".on").hidden = rated === 0;
  const status = root.querySelector(".status");
  const words = film.trouble || describe(film, rated === own.length);
  if (status.textContent !== words) status.textContent = words;
  root.dataset.saved = String(!film.pending.size);
  drawTrace(film);
}

function describe({ isMoved, video, data }, isWhole) {
  if (!isMoved) return "Move the slider, or press a key, to begin.";
  if (!video.paused) return `Rating ${data.curve}.`;
  return isWhole ? "All of it is rated. Go back anywhere to rate it anew." : "Paused: nothing is rated while the film stands still.";
}

function drawTrace({ root, own, data, video }) {
  const canvas = root.querySelector("canvas");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((px) => Math.round(px * devicePixelRatio));
  if (!width) return;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  const pad = 5 * devicePixelRatio;
  const place = (percent) => height - pad - (percent / 100) * (height - 2 * pad);
  pen.strokeStyle = data.line;
  pen.lineWidth = devicePixelRatio;
  pen.strokeRect(0, place(50), width, 0);
  pen.strokeStyle = data.color;
  pen.lineWidth = 2 * devicePixelRatio;
  pen.lineJoin = "round";
  pen.beginPath();
  let isDown = false;
  const columns = Math.min(own.length, width);
  for (let column = 0; column < columns; column += 1) {
    const first = Math.floor((column * own.length) / columns);
    const seconds = own.subarray(first, Math.max(first + 1, Math.floor(((column + 1) * own.length) / columns)));
    const rated = seconds.filter((percent) => percent !== NONE);
    if (rated.length) {
      const [x, end] = [first, first + seconds.length].map((second) => (second / data.duration_s) * width);
      const y = place(rated.reduce((total, percent) => total + percent, 0) / rated.length);
      if (isDown) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      pen.lineTo(Math.min(end, width), y);
    }
    isDown = rated.length > 0;
  }
  pen.stroke();
  pen.fillStyle = data.ink;
  pen.fillRect((video.currentTime / data.duration_s) * width - devicePixelRatio, 0, 2 * devicePixelRatio, height);
}

function unpack(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function clock(position_s) {
  const whole = Math.floor(position_s || 0);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
