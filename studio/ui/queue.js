// What happens to the files that were chosen: titles and subtitles beforehand, so many at once, and what a person does with
// each. The state lives as long as the tab: Streamlit may draw the panel anew, or another page, and the uploads go on.

const PACE_MS = 5000;
const DONE_MS = 4000;
const BUSY = ["queued", "sending", "offline"];

function beginState() {
  const state = { items: [], subtitles: [], remembered: [], trouble: "", root: null, notify: null };
  addEventListener("beforeunload", (event) => {
    if (state.items.some((item) => BUSY.includes(item.state))) event.preventDefault();
  });
  setTimeout(() => lookAfter(state));
  return state;
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
    const said = { title: item.row.title.value.trim(), ...(item.batch && { batch: "true" }) };
    if (!item.words) return said;
    await carry(item.words, state.url, signal);
    return { ...said, transcript: item.words.url.split("?")[0].split("/").at(-1) };
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
  const chosen = state.items.filter((item) => item.state === "chosen");
  for (const item of chosen) Object.assign(item, { state: "queued", batch: chosen.length > 1 }); // Many let one alone go first.
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
