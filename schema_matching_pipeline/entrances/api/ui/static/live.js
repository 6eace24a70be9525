// Parts of a page look again when something of a kind they name changed: data-live="review_items pipeline_runs".
// The browser itself comes back after a lost connection, and says which change it saw last.
(() => {
  const place = document.body.dataset.events;
  if (!place) return;
  const due = new Set();
  let timer = 0;
  const lookAgain = () => {
    timer = 0;
    for (const part of document.querySelectorAll("[data-live]")) {
      const typing = part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
      if (!typing && part.dataset.live.split(" ").some((kind) => due.has(kind))) htmx.trigger(part, "live");
    }
    due.clear();
  };
  const events = new EventSource(place);
  events.addEventListener("change", (event) => {
    due.add(JSON.parse(event.data).subject);
    timer ||= setTimeout(lookAgain, 400);  // a run changes many rows at once
  });
  events.addEventListener("end", () => events.close());
  addEventListener("pagehide", () => events.close());
})();
