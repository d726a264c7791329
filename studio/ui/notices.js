// Tells of what has ended: in the tab's title until the tab is looked at, and by the system where that is allowed.

export default function ({ data, parentElement }) {
  const told = (globalThis.throughlineTold ??= new Set());
  const button = parentElement.querySelector(".allow");
  const canAsk = "Notification" in globalThis && Notification.permission === "default";
  button.hidden = !(data.offers && canAsk);
  button.onclick = async () => { await Notification.requestPermission(); button.hidden = true; };
  for (const { id, text } of data.notices) {
    if (told.has(id)) continue;
    told.add(id);
    if (!document.hidden) continue;
    markTitle();
    if ("Notification" in globalThis && Notification.permission === "granted") {
      const notice = new Notification("Throughline", { body: text, tag: id });
      notice.onclick = () => { window.focus(); notice.close(); };
    }
  }
}

function markTitle() {
  if (document.title.startsWith("✓ ")) return;
  const plain = document.title;
  document.title = `✓ ${plain}`;
  const restore = () => {
    if (document.hidden) return;
    if (document.title === `✓ ${plain}`) document.title = plain;
    document.removeEventListener("visibilitychange", restore);
  };
  document.addEventListener("visibilitychange", restore);
}
