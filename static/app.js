/* What links and forms cannot do by themselves: colours, keys, focus, and the live notice.
   Everything works without this file; nothing here moves what somebody is reading. */
"use strict";

const one = (selector, inside = document) => inside.querySelector(selector);
const every = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const isOpen = () => one("#panel > article");

/* Colours: chosen here, otherwise the machine's. Runs before the page is painted. */
const scheme = () => { try { return localStorage.getItem("farger") || "auto"; } catch { return "auto"; } };
document.documentElement.dataset.colorScheme = scheme();
document.documentElement.dataset.js = "";
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-scheme]")) return;
  try { localStorage.setItem("farger", event.target.value); } catch { /* private window */ }
  document.documentElement.dataset.colorScheme = event.target.value;
});

function say(text) { if (text) one("#status").textContent = text; }

function complain(text) {
  const place = one("#melding");
  if (!place) return say(text);
  const alert = document.createElement("div");
  const words = document.createElement("p");
  alert.className = "ds-alert"; alert.dataset.color = "danger";
  words.className = "ds-paragraph"; words.textContent = text;
  alert.append(words); place.replaceChildren(alert);
}

/* The panel: focus goes to its heading, and back to the row. */
function markOpenRow() {
  const id = isOpen()?.dataset.dialog;
  for (const row of every("tr[data-open]")) if (row.dataset.dialog !== id) { delete row.dataset.open; one(".title", row).removeAttribute("aria-current"); }
  const row = id && document.getElementById(`d-${id}`);
  if (row) { row.dataset.open = ""; one(".title", row).setAttribute("aria-current", "true"); }
  return row;
}

function closePanel(link) {
  const row = markOpenRow();
  one("#panel").replaceChildren();
  history.pushState({ htmx: true }, "", link.getAttribute("href"));
  markOpenRow();
  if (row) one(".title", row).focus(); else one("#innhold").focus();
}

document.addEventListener("click", (event) => {
  const target = event.target;
  const close = target.closest("[data-close-panel]");
  if (close && !event.ctrlKey && !event.metaKey && one("#liste tr[data-dialog]")) { event.preventDefault(); closePanel(close); }
  if (target.closest("[data-close]")) target.closest("dialog").close();
  if (target.closest("[data-refresh]")) refresh(true);
  const reset = target.closest(".ds-search [type=reset]");
  if (reset) {
    event.preventDefault();
    const field = one("input", reset.parentElement);
    field.value = ""; field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

/* htmx: what is shown, what went wrong, and what is said to those who hear the page. */
document.addEventListener("htmx:configRequest", (event) => {
  const id = event.detail.elt.dataset.assign;
  if (!id) return;
  own.set(id, Date.now());
  event.detail.parameters.vis = [
    document.getElementById(`ansvarlig-${id}`) && "ansvarlig",
    isOpen()?.dataset.dialog === id && "panel",
  ].filter(Boolean).join(" ");
});
let assigning = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  assigning = form.dataset.assign ? { id: form.dataset.assign, inPanel: Boolean(form.closest("#panel")) } : null;
  if (event.detail.target?.id === "liste") event.detail.target.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseURL.includes("/konto/login/")) { event.detail.shouldSwap = false; location.reload(); }
});
document.addEventListener("htmx:afterSettle", (event) => {
  const id = event.detail.target?.id;
  if (id === "panel" && !assigning) { markOpenRow(); one("#panel-h")?.focus(); }
  if (id === "liste") { seen(); say(one("[data-announce]")?.textContent); }
  markOpenRow();
});
document.addEventListener("htmx:afterRequest", () => {
  if (assigning && document.activeElement === document.body) {
    const row = document.getElementById(`a-${assigning.id}`);
    (assigning.inPanel ? one("#tildel") : row)?.focus();
  }
  assigning = null;
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => complain(one("#nytt")?.dataset.failed || ""));
}
document.addEventListener("si", (event) => say(event.detail.tekst));

document.addEventListener("DOMContentLoaded", () => {
  const choice = one("[data-scheme]");
  if (choice) { choice.value = scheme(); choice.hidden = false; }
});

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => say(copy.dataset.copied));
});
