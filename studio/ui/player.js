// One clock for the film and its chart. Streamlit calls the default export whenever the page runs again; the video
// element stays, everything else is set up anew.

const REDRAW_MS = 200;
const STILL_PX = 192;
const STILL_WAIT_MS = 40;

export default function ({ data, parentElement }) {
  parentElement.stopPlayer?.();
  const root = parentElement;
  const video = root.querySelector("video");
  const listening = new AbortController();
  const curves = data.curves.map((curve) => (
    { ...curve, values: unpackPercent(curve.values), band: curve.band.map(unpackPercent) }
  ));
  const film = { data, curves, video, position_s: video.currentTime || 0, bars: drawBars(root, curves), root };

  showFilm(film, listening.signal);
  const playhead = document.createElement("div");
  playhead.dataset.testid = "playhead";
  const draw = () => drawInstant(film, playhead);
  const follow = () => {
    draw();
    if (!video.paused && !listening.signal.aborted) requestAnimationFrame(follow);
  };
  for (const event of ["timeupdate", "seeking", "seeked", "loadedmetadata", "pause"]) {
    video.addEventListener(event, draw, { signal: listening.signal });
  }
  video.addEventListener("play", follow, { signal: listening.signal });
  seekFromChart(film, draw, listening.signal);
  seekFromNotes(film, draw, listening.signal);
  const still = showStills(film, listening.signal);
  // The chart is drawn after the player, drawn again when curves are picked, and resized with the window.
  const timer = setInterval(draw, REDRAW_MS);
  if (!video.paused) follow();
  draw();

  parentElement.stopPlayer = () => {
    listening.abort();
    clearInterval(timer);
    playhead.remove();
    still.remove();
  };
  return parentElement.stopPlayer;
}

function showFilm({ data, video, root }, signal) {
  const trouble = root.querySelector(".trouble");
  root.querySelector(".player").classList.toggle("sound-only", !data.has_picture);
  const tell = (isTrouble) => {
    trouble.hidden = !isTrouble;
    video.controls = !isTrouble;
  };
  video.addEventListener("loadedmetadata", () => tell(false), { signal });
  video.addEventListener("error", () => {
    trouble.textContent = "This film cannot be played here: it has been moved, or this browser does not know its format. "
      + "Its curves are whole, and the chart still tells the time.";
    tell(true);
  }, { signal });
  loadFilm(video, data.url, data.cut);
}

function drawBars(root, curves) {
  const values = root.querySelector(".values");
  values.replaceChildren();
  return curves.map((curve) => {
    const name = document.createElement("dt");
    name.textContent = curve.name;
    const cell = document.createElement("dd");
    const bar = document.createElement("span");
    bar.className = "bar";
    bar.style.color = curve.color;
    const band = document.createElement("i");
    band.className = "band";
    const fill = document.createElement("i");
    bar.append(band, fill);
    const number = document.createElement("b");
    cell.append(bar, number);
    values.append(name, cell);
    return { fill, band, number };
  });
}

function drawInstant(film, playhead) {
  const { data, curves, video, root, bars } = film;
  if (video.readyState > 0) film.position_s = video.currentTime;
  const second = Math.min(Math.floor(film.position_s), curves[0].values.length - 1);
  root.querySelector(".clock").textContent = clock(film.position_s);
  curves.forEach((curve, row) => drawBar(bars[row], curve, second));
  const spoken = data.lines.find(([start_s, end_s]) => start_s <= film.position_s && film.position_s < end_s);
  root.querySelector(".line").textContent = spoken ? spoken[2] : "";
  placePlayhead(film, playhead);
}

function drawBar({ fill, band, number }, { low, high, values, band: [bottom, top] }, second) {
  const percent = values[second];
  const zero = (-low / (high - low)) * 100;
  fill.style.left = `${Math.min(zero, percent)}%`;
  fill.style.width = `${Math.abs(percent - zero)}%`;
  band.style.left = `${bottom[second]}%`;
  band.style.width = `${top[second] - bottom[second]}%`;
  const value = (low + (percent / 100) * (high - low)).toFixed(2);
  number.textContent = value.replace("-", "\u2212");
}

function placePlayhead({ data, position_s }, playhead) {
  const chart = document.querySelector(data.chart);
  if (!chart) return;
  const frame = chart.parentElement;
  if (playhead.parentElement !== frame) {
    frame.style.position = "relative";
    playhead.style.cssText = "position:absolute;top:0;width:2px;margin-left:-1px;pointer-events:none;border-radius:1px;";
    frame.append(playhead);
  }
  playhead.style.background = data.ink;
  const box = chart.getBoundingClientRect();
  const width = box.width - data.left_px - data.right_px;
  const [start_s, end_s] = data.stretch_s;
  const share = (position_s - start_s) / (end_s - start_s);
  playhead.hidden = share < 0 || share > 1;
  playhead.style.height = `${box.height - data.axis_px}px`;
  playhead.style.left = `${box.left - frame.getBoundingClientRect().left + data.left_px + share * width}px`;
}

function seekFromChart(film, draw, signal) {
  let dragging = false;
  const seek = (event) => {
    const chart = document.querySelector(film.data.chart);
    if (!chart) return;
    const box = chart.getBoundingClientRect();
    const width = box.width - film.data.left_px - film.data.right_px;
    const share = Math.min(1, Math.max(0, (event.clientX - box.left - film.data.left_px) / width));
    const [start_s, end_s] = film.data.stretch_s;
    film.position_s = start_s + share * (end_s - start_s);
    film.video.currentTime = film.position_s;
    draw();
  };
  document.addEventListener("pointerdown", (event) => {
    dragging = event.button === 0 && event.target.closest?.(film.data.chart) != null;
    if (dragging) seek(event);
  }, { signal });
  document.addEventListener("pointermove", (event) => { if (dragging) seek(event); }, { signal });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      if (dragging) tellSeek(film);
      dragging = false;
    }, { signal });
  }
}

// Others on the page may want to know where a person has gone.
function tellSeek(film) {
  const detail = { second: Math.floor(film.position_s) };
  document.dispatchEvent(new CustomEvent("throughline:seek", { detail }));
}

// Whatever on the page names a second moves the film there: notes do.
function seekFromNotes(film, draw, signal) {
  const seek = (event) => {
    const note = event.target.closest?.("[data-seek]");
    if (!note) return;
    event.preventDefault();
    film.position_s = Number(note.dataset.seek);
    film.video.currentTime = film.position_s;
    draw();
    tellSeek(film);
  };
  document.addEventListener("click", seek, { signal });
  document.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") seek(event); }, { signal });
}

// The picture of the second under the pointer, above the chart. Its address is asked for once the pointer rests a moment.
function showStills({ data }, signal) {
  const still = document.createElement("figure");
  still.dataset.testid = "still";
  still.hidden = true;
  still.style.cssText = "position:absolute;bottom:100%;margin:0;transform:translateX(-50%);pointer-events:none;z-index:9;"
    + "border-radius:4px;overflow:hidden;box-shadow:0 4px 18px rgb(0 0 0 / .35);background:#000;line-height:0;";
  const picture = document.createElement("img");
  picture.alt = "";
  picture.style.cssText = `display:block;max-width:none;width:${STILL_PX}px;height:auto;`;
  still.append(picture);
  picture.addEventListener("load", () => { still.hidden = wanted === null; }, { signal });
  picture.addEventListener("error", () => { still.hidden = true; }, { signal });
  let wanted = null;
  let timer = 0;
  const hide = () => { clearTimeout(timer); wanted = null; still.hidden = true; };
  document.addEventListener("pointermove", (event) => {
    const chart = document.querySelector(data.chart);
    if (!data.has_picture || event.pointerType === "touch" || !chart || !event.target.closest?.(data.chart)) return hide();
    const box = chart.getBoundingClientRect();
    const width = box.width - data.left_px - data.right_px;
    const share = (event.clientX - box.left - data.left_px) / width;
    if (share < 0 || share > 1) return hide();
    const frame = chart.parentElement;
    if (still.parentElement !== frame) frame.append(still);
    const left = event.clientX - frame.getBoundingClientRect().left;
    const edge = STILL_PX / 2;
    still.style.left = `${Math.min(Math.max(left, edge), frame.clientWidth - edge)}px`;
    const [start_s, end_s] = data.stretch_s;
    const second = Math.min(Math.floor(start_s + share * (end_s - start_s)), Math.ceil(data.duration_s) - 1);
    if (second === wanted) return undefined;
    wanted = second;
    clearTimeout(timer);
    timer = setTimeout(() => { picture.src = data.still_url.replace("SECOND", second); }, STILL_WAIT_MS);
    return undefined;
  }, { signal });
  return still;
}

function unpackPercent(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function clock(position_s) {
  const whole = Math.floor(position_s);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
