// The page of a client: its dialogs open by a button; the final approval says at once that it is on its way.
(() => {
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    if (opens) document.getElementById(opens.dataset.opens).showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  });
  const said = (button, text) => { if (button) { button.dataset.word ??= button.textContent; button.textContent = text ?? button.dataset.word; } };
  document.addEventListener("htmx:beforeRequest", (event) => said(event.detail.elt.querySelector("#approve-go"), "Publishing …"));
  document.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) said(event.detail.elt.querySelector("#approve-go")); });
})();
