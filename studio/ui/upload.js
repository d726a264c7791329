// The panel that takes films, and draws how far each has come. `transfer.js` and `queue.js` stand before it in one module.

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

function makeRow(state, item) {
  const row = makeElement("li", "item");
  const title = makeElement("input", "title");
  Object.assign(title, { type: "text", maxLength: 300, placeholder: nameStem(item.file.name), ariaLabel: "What to call it" });
  const label = makeElement("div", "words", "Subtitles");
  const select = makeElement("select", "");
  select.ariaLabel = "Subtitles";
  select.onchange = () => Object.assign(item, { words: state.subtitles[select.value] ?? null, picked: true }) && draw(state);
  label.append(select);
  const bar = makeElement("div", "bar");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", item.file.name);
  bar.append(makeElement("i", ""));
  const status = makeElement("span", "status");
  const act = makeButton("", () => (BUSY.includes(item.state) ? hold : goOn)(state, item));
  const stop = makeButton("\u00d7", () => cancel(state, item));
  stop.className = "stop";
  stop.ariaLabel = stop.title = "Cancel";
  const head = makeElement("div", "head");
  head.append(title, stop);
  const foot = makeElement("div", "foot");
  foot.append(label, status, act);
  row.append(head, makeElement("div", "facts", `${item.file.name} · ${formatBytes(item.file.size)}`), bar, foot);
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
  tell(status, describeState(item, share));
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
    default: if (item.pace.length < 2) return "Starting";
  }
  const [[began_ms, from], [now_ms, to]] = [item.pace[0], item.pace.at(-1)];
  const speed = ((to - from) / Math.max(1, now_ms - began_ms)) * 1000;
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
