// The panel that takes films: which were chosen, with what title and subtitles, and how far each has come. Its state lives
// as long as the tab: Streamlit may draw the panel anew, or another page, and the uploads go on.

const PACE_MS = 5000;
const DONE_MS = 4000;
const BUSY = ["queued", "sending", "offline"];

export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.stopUploads?.();
  const root = parentElement.querySelector(".uploads");
  const state = (globalThis.throughlineUploads ??= beginState());
  const listening = new AbortController();
  const { signal } = listening;
  Object.assign(state, data, { root, notify: () => setTriggerValue("done", Date.now()) });
  const input = root.querySelector(".drop input");
  input.addEventListener("change", () => { addFiles(state, [...input.files]); input.value = ""; }, { signal });
  root.querySelector(".go").onclick = () => begin(state);
  takeDrops(state, signal);
  draw(state);
  parentElement.stopUploads = () => {
    listening.abort();
    if (state.root === root) Object.assign(state, { root: null, notify: null });
  };
  return parentElement.stopUploads;
}

function beginState() {
  const state = { items: [], subtitles: [], remembered: [], trouble: "", root: null, notify: null };
  addEventListener("beforeunload", (event) => {
    if (state.items.some((item) => BUSY.includes(item.state))) event.preventDefault();
  });
  setTimeout(() => lookAfter(state));
  return state;
}

function takeDrops(state, signal) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (dragged) => state.root?.classList.toggle("dragged", dragged);
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(true);
  }, { signal });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(false); }, { signal });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(false);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    addFiles(state, [...event.dataTransfer.files].filter((_, place) => !entries[place]?.isDirectory));
    if (entries.some((entry) => entry?.isDirectory)) tellTrouble(state, "Choose the films inside a folder, not the folder.");
  }, { signal });
}

function tellTrouble(state, text) {
  state.trouble = text;
  draw(state);
}

function isSubtitles(name) {
  return /\.(srt|vtt|ass|ssa)$/i.test(name);
}

function nameStem(name) {
  return name.replace(/\.[^.]+$/, "");
}

function addFiles(state, files) {
  state.trouble = "";
  for (const file of files) {
    if (isSubtitles(file.name)) {
      const words = { file, key: null, url: null, offset: 0, describe: async () => ({}), tell() {} };
      if (!state.subtitles.some((other) => memoryKey(other.file) === memoryKey(file))) state.subtitles.push(words);
    } else if (!state.items.some((item) => item.key === memoryKey(file))) {
      state.items.push(makeItem(state, file));
    }
  }
  matchSubtitles(state);
  pump(state);
}

function makeItem(state, file) {
  const key = memoryKey(file);
  const known = recall(key);
  const item = { file, key, url: known?.url, offset: 0, words: null, picked: false, pace: [], stop: null, trouble: "" };
  item.state = item.url ? "queued" : "chosen"; // What was begun before goes on without being asked again.
  item.tell = (step) => {
    if (!item.stop || item.stop.signal.aborted) return;
    item.state = step;
    item.pace.push([performance.now(), item.offset]);
    while (item.pace.length > 2 && item.pace.at(-1)[0] - item.pace[0][0] > PACE_MS) item.pace.shift();
    draw(state);
  };
  item.describe = async (signal) => {
    const title = item.row.title.value.trim();
    if (!item.words) return { title };
    await carry(item.words, state.url, signal);
    return { title, transcript: item.words.url.split("?")[0].split("/").at(-1) };
  };
  item.row = makeRow(state, item);
  item.row.title.value = known?.title ?? "";
  return item;
}

// Subtitles go with the film whose name theirs begins with; of several films, with the longest such name.
function matchSubtitles(state) {
  const films = state.items.filter((item) => item.state === "chosen" && !item.picked);
  for (const words of state.subtitles) {
    if (state.items.some((item) => item.words === words)) continue;
    const name = nameStem(words.file.name).toLowerCase();
    const fitting = films.filter(({ file, words: has }) => {
      const stem = nameStem(file.name).toLowerCase();
      return !has && (name === stem || (name.startsWith(stem) && /[^\p{L}\p{N}]/u.test(name[stem.length])));
    });
    fitting.sort((a, b) => b.file.name.length - a.file.name.length);
    const only = films.length === 1 && state.subtitles.length === 1 && !films[0].words ? films[0] : null;
    const film = fitting[0] ?? only;
    if (film) film.words = words;
  }
}

function begin(state) {
  for (const item of state.items) if (item.state === "chosen") item.state = "queued";
  pump(state);
}

function pump(state) {
  const free = state.at_once - state.items.filter((item) => item.stop).length;
  const next = state.items.filter((item) => item.state === "queued" && !item.stop).slice(0, Math.max(0, free));
  for (const item of next) send(state, item);
  draw(state);
}

async function send(state, item) {
  const stop = new AbortController();
  Object.assign(item, { stop, state: "sending", pace: [], trouble: "" });
  try {
    if (!item.file.size) throw new Refusal(0, "This file is empty.");
    await carry(item, state.url, stop.signal);
    item.state = "done";
    remember(item.key, null);
    state.notify?.();
    setTimeout(() => remove(state, item), DONE_MS);
  } catch (error) {
    if (!stop.signal.aborted) Object.assign(item, { state: "failed", trouble: error.message });
  } finally {
    item.stop = null;
    pump(state);
  }
}

function hold(state, item) {
  item.state = "paused";
  item.stop?.abort();
  pump(state);
}

function goOn(state, item) {
  item.state = "queued";
  pump(state);
}

function remove(state, item) {
  state.items = state.items.filter((other) => other !== item);
  const isUsed = state.items.some((other) => other.words === item.words);
  if (item.state === "done" && !isUsed) state.subtitles = state.subtitles.filter((words) => words !== item.words);
  draw(state);
}

function cancel(state, item) {
  item.state = "cancelled";
  item.stop?.abort();
  remember(item.key, null);
  remove(state, item);
  const { words } = item;
  const left = words && !state.items.some((other) => other.words === words) ? [words] : [];
  state.subtitles = state.subtitles.filter((other) => !left.includes(other));
  for (const { url } of [item, ...left]) if (url) terminate(url);
  pump(state);
}

// The app may still be at the piece that was broken off a moment ago; what it never hears of, it sweeps by itself.
async function terminate(url) {
  const { signal } = new AbortController();
  for (let tries = 0; tries < REFUSED_TRIES; tries += 1) {
    try {
      await ask("DELETE", url, {}, signal);
      return;
    } catch (error) {
      if (error instanceof Refusal && error.status !== 423) return;
      await rest(RETRY_MS[tries], signal);
    }
  }
}

// What was not finished before this page was loaded: what the app has whole is done, and what it has forgotten is over.
async function lookAfter(state) {
  const { signal } = new AbortController();
  for (const { key, url, name } of listRemembered()) {
    try {
      const answer = await ask("HEAD", url, {}, signal);
      const [offset, size] = ["Upload-Offset", "Upload-Length"].map((header) => Number(answer.headers.get(header)));
      if (offset === size) {
        await ask("PATCH", url, { "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset }, signal);
        remember(key, null);
      } else state.remembered.push({ key, url, name, share: offset / size });
    } catch (error) {
      if (error instanceof Refusal && [403, 404, 410].includes(error.status)) remember(key, null);
    }
  }
  draw(state);
}

function makeRow(state, item) {
  const row = makeElement("li", "item");
  const title = makeElement("input", "title");
  Object.assign(title, { type: "text", maxLength: 300, placeholder: nameStem(item.file.name), ariaLabel: "What to call it" });
  const label = makeElement("label", "words", "Subtitles");
  const select = makeElement("select", "");
  select.onchange = () => Object.assign(item, { words: state.subtitles[select.value] ?? null, picked: true }) && draw(state);
  label.append(select);
  const bar = makeElement("div", "bar");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", item.file.name);
  bar.append(makeElement("i", ""));
  const status = makeElement("span", "status");
  const act = makeButton("", () => (BUSY.includes(item.state) ? hold : goOn)(state, item));
  const stop = makeButton("Cancel", () => cancel(state, item));
  const head = makeElement("div", "head");
  head.append(title);
  const foot = makeElement("div", "foot");
  foot.append(status, act, stop);
  row.append(head, makeElement("div", "facts", `${item.file.name} · ${formatBytes(item.file.size)}`), label, bar, foot);
  return { element: row, title, label, select, bar, status, act, stop };
}

function makeElement(kind, name, text = "") {
  const element = document.createElement(kind);
  element.className = name;
  element.textContent = text;
  return element;
}

function makeButton(text, press) {
  const button = makeElement("button", "", text);
  button.type = "button";
  button.onclick = press;
  return button;
}

function draw(state) {
  const { root, items } = state;
  if (!root) return;
  const list = root.querySelector(".items");
  const rows = items.map((item) => item.row.element);
  if (rows.length !== list.children.length || rows.some((row, place) => row !== list.children[place])) list.replaceChildren(...rows);
  for (const item of items) drawItem(state, item);
  const chosen = items.filter((item) => item.state === "chosen").length;
  const go = root.querySelector(".go");
  go.hidden = !chosen;
  go.textContent = chosen > 1 ? `Analyse ${chosen} films` : "Analyse";
  const unused = state.subtitles.filter((words) => !items.some((item) => item.words === words)).map(({ file }) => file.name);
  tell(root.querySelector(".unused"), unused.length && `Not used yet: ${unused.join(", ")}. Choose it beside its film.`);
  tell(root.querySelector(".trouble"), state.trouble);
  drawRemembered(state);
}

function tell(element, text) {
  element.hidden = !text;
  element.textContent = text || "";
}

function drawItem(state, item) {
  const { element, title, label, select, bar, status, act, stop } = item.row;
  element.dataset.state = item.state;
  title.readOnly = item.state !== "chosen";
  label.hidden = item.state !== "chosen" || !state.subtitles.length;
  const names = ["none", ...state.subtitles.map(({ file }) => file.name)];
  if (select.options.length !== names.length || names.some((name, place) => select.options[place].text !== name)) {
    select.replaceChildren(...names.map((name, place) => new Option(name, place - 1)));
  }
  select.value = state.subtitles.indexOf(item.words);
  const share = item.state === "done" ? 1 : item.offset / Math.max(1, item.file.size);
  bar.hidden = item.state === "chosen";
  bar.setAttribute("aria-valuenow", Math.round(share * 100));
  bar.firstChild.style.width = `${share * 100}%`;
  status.textContent = describeState(item, share);
  act.hidden = item.state === "chosen" || item.state === "done";
  act.textContent = BUSY.includes(item.state) ? "Pause" : item.state === "failed" ? "Try again" : "Resume";
  stop.hidden = item.state === "done";
}

function describeState(item, share) {
  const percent = `${Math.floor(share * 100)} %`;
  switch (item.state) {
    case "queued": return item.offset ? `Waiting for its turn, at ${percent}` : "Waiting for its turn";
    case "offline": return `No connection, at ${percent}. It goes on by itself.`;
    case "paused": return `Paused at ${percent}`;
    case "failed": return item.trouble;
    case "done": return "Uploaded; its analysis is next.";
    case "chosen": return "";
    default: break;
  }
  const [[began_ms, from], [now_ms, to]] = [item.pace[0] ?? [0, 0], item.pace.at(-1) ?? [0, 0]];
  const speed = now_ms > began_ms ? (to - from) / ((now_ms - began_ms) / 1000) : 0;
  const left = speed ? ` · ${formatBytes(speed)}/s · ${formatTime((item.file.size - item.offset) / speed)} left` : "";
  return `${formatBytes(item.offset)} of ${formatBytes(item.file.size)}${left}`;
}

function drawRemembered(state) {
  const open = state.remembered.filter(({ key }) => recall(key) && !state.items.some((item) => item.key === key));
  const element = state.root.querySelector(".remembered");
  element.hidden = !open.length;
  element.replaceChildren("Not finished: choose the same file again to go on.");
  for (const { key, url, name, share } of open) {
    const line = makeElement("span", "foot", "");
    line.append(makeElement("span", "status", `${name}, at ${Math.floor(share * 100)} %`), makeButton("Discard", () => {
      remember(key, null);
      terminate(url);
      draw(state);
    }));
    element.append(line);
  }
}

function formatBytes(bytes) {
  const [power, unit] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : [1e3, "kB"];
  return `${(bytes / power).toFixed(bytes >= 1e9 ? 1 : 0)} ${unit}`;
}

function formatTime(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
