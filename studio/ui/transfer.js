// One file on its way to the app, by the tus protocol 1.0.0: piece after piece, each with its checksum, from the byte at
// which the app stands. What breaks is tried again from there, for as long as it takes.

const FIRST_BYTES = 1 << 20;
const LEAST_BYTES = 1 << 18;
const MOST_BYTES = 1 << 24;
const QUICK_MS = 1000; // A piece is made larger while it takes less than this, and smaller when it takes more than
const SLOW_MS = 4000; // this: so the bar moves, and a cut costs little.
const TIMEOUT_MS = 120_000;
const RETRY_MS = [300, 1000, 2000, 4000, 8000, 15_000];
const REFUSED_TRIES = 6;
const AGAIN = [404, 408, 409, 410, 423, 460]; // The app stands elsewhere, or has forgotten: ask it, and go on.
const MEMORY = "throughline-upload:";

class Refusal extends Error {
  constructor(status, text) {
    super(text || `The app answers ${status}.`);
    this.status = status;
  }
}

// What is remembered of a file in this browser: it is taken for the same when name, size and time are.
function memoryKey(file) {
  return `${MEMORY}${file.name}:${file.size}:${file.lastModified}`;
}

function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch { /* Without storage an upload is not resumed after a reload; that is all. */ }
}

function listRemembered() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(MEMORY));
    return keys.map((key) => ({ key, ...recall(key) })).filter(({ url }) => url);
  } catch {
    return [];
  }
}

async function ask(method, url, headers, signal, body) {
  const response = await fetch(url, {
    method,
    headers: { "Tus-Resumable": "1.0.0", ...headers },
    body,
    cache: "no-store",
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (!response.ok) throw new Refusal(response.status, await response.text());
  return response;
}

// Returns once all of a file has arrived. `carried` is { file, key, url, offset, describe, tell }; `describe` says what goes
// with it, and may upload that first; `tell` hears of every step. Throws what no new try can mend, or that it was stopped.
async function carry(carried, address, signal) {
  for (let tries = 0; ;) {
    const before = carried.offset;
    try {
      await carryOnce(carried, address, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (carried.offset > before) tries = 0;
      if (error instanceof Refusal) {
        const again = AGAIN.includes(error.status) || (error.status >= 500 && error.status !== 507);
        if (!again || tries >= REFUSED_TRIES) throw error;
      } else if (error.name === "NotReadableError" || error.name === "NotFoundError") {
        throw new Refusal(0, "This file can no longer be read. Choose it again to go on.");
      } else {
        carried.tell("offline");
      }
      await rest(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)], signal);
      tries += 1;
    }
  }
}

async function carryOnce(carried, address, signal) {
  const { file } = carried;
  await locate(carried, address, signal);
  carried.tell("sending");
  for (let bytes = FIRST_BYTES; ;) {
    const end = Math.min(carried.offset + bytes, file.size);
    const began_ms = performance.now();
    const piece = await file.slice(carried.offset, end).arrayBuffer();
    await ask("PATCH", carried.url, {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": carried.offset,
      "Upload-Checksum": await makeChecksum(piece),
    }, signal, piece);
    carried.offset = end;
    carried.tell("sending");
    if (end === file.size) return;
    const took_ms = performance.now() - began_ms;
    if (took_ms < QUICK_MS) bytes = Math.min(bytes * 2, MOST_BYTES);
    if (took_ms > SLOW_MS) bytes = Math.max(bytes / 2, LEAST_BYTES);
  }
}

// Finds out where the app stands, and begins the upload where it knows nothing of it.
async function locate(carried, address, signal) {
  if (carried.url) {
    try {
      const answer = await ask("HEAD", carried.url, {}, signal);
      carried.offset = Number(answer.headers.get("Upload-Offset"));
      return;
    } catch (error) {
      if (!(error instanceof Refusal) || ![403, 404, 410].includes(error.status)) throw error;
      carried.url = null;
      if (carried.key) remember(carried.key, null);
    }
  }
  carried.offset = 0;
  const said = { filename: carried.file.name, ...(await carried.describe(signal)) };
  const metadata = Object.entries(said).map(([key, text]) => `${key} ${toBase64(new TextEncoder().encode(text))}`);
  const headers = { "Upload-Length": carried.file.size, "Upload-Metadata": metadata.join(",") };
  const answer = await ask("POST", address, headers, signal);
  carried.url = answer.headers.get("Location");
  if (carried.key) remember(carried.key, { url: carried.url, name: carried.file.name, title: said.title });
}

async function makeChecksum(piece) {
  if (crypto.subtle) return `sha256 ${toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", piece)))}`;
  // A page that comes from another machine without TLS has no SHA-256.
  let rest = -1;
  for (const byte of new Uint8Array(piece)) rest = (rest >>> 8) ^ CRC_TABLE[(rest ^ byte) & 255];
  const value = new DataView(new ArrayBuffer(4));
  value.setUint32(0, ~rest >>> 0);
  return `crc32 ${toBase64(new Uint8Array(value.buffer))}`;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

// Waits, but not once the network is back, and not when the upload is stopped.
function rest(wait_ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, wait_ms);
    addEventListener("online", resolve, { once: true, signal });
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}
