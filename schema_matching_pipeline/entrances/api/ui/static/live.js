// Parts of a page look again when something of a kind they name changed: data-live="review_items pipeline_runs".
// The browser itself comes back after a lost connection, and says which change it saw last.
(() => {
  const place = document.body.dataset.events;
  if (!place) return;
  const due = new Set();
  let timer = 0;
  const touched = (field) => field.matches("select")
    ? field.selectedIndex > 0 && !field.options[field.selectedIndex].defaultSelected
    : field.value !== field.defaultValue;
  // What somebody types, or has typed and not sent yet, is not painted over; the part looks again afterwards.
  const inUse = (part) => part.querySelector("dialog[open]") || (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"))
    || [...part.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea")].some(touched);
  const lookAgain = () => {
    timer = 0;
    const held = new Set();
    for (const part of document.querySelectorAll("[data-live]")) {
      const kinds = part.dataset.live.split(" ").filter((kind) => due.has(kind));
      if (!kinds.length) continue;
      if (inUse(part)) kinds.forEach((kind) => held.add(kind)); else htmx.trigger(part, "live");
    }
    due.clear();
    held.forEach((kind) => due.add(kind));
    if (due.size) timer = setTimeout(lookAgain, 3000);
  };
  // A line that comes back within a few seconds was not lost.
  const PATIENCE = 4000;
  let lost = 0;
  const connected = (is) => {
    clearTimeout(lost);
    lost = 0;
    document.body.classList.toggle("offline", !is);
    document.dispatchEvent(new CustomEvent("smp:line"));
  };
  const events = new EventSource(place);
  events.addEventListener("open", () => connected(true));
  events.addEventListener("error", () => { lost ||= setTimeout(() => connected(false), PATIENCE); });
  addEventListener("offline", () => connected(false));
  addEventListener("online", () => connected(true));
  events.addEventListener("change", (event) => {
    due.add(JSON.parse(event.data).subject);
    timer ||= setTimeout(lookAgain, 400);  // a run changes many rows at once
  });
  events.addEventListener("end", () => events.close());
  addEventListener("pagehide", () => events.close());
})();
