// Tells the page which second a person moved the film to. The player says so when a click or a drag on the chart ends.

export default function ({ parentElement, setStateValue }) {
  parentElement.stopPicker?.();
  const listening = new AbortController();
  const tell = (event) => setStateValue("second", event.detail.second);
  document.addEventListener("throughline:seek", tell, { signal: listening.signal });
  parentElement.stopPicker = () => listening.abort();
  return parentElement.stopPicker;
}
