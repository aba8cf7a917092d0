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

/* Keys: never in a field, with Ctrl, Alt or Meta, or while a dialog or menu is open. */
const typing = "input, textarea, select, [contenteditable], dialog[open], [popover]:popover-open";
function step(by) {
  const links = every(".rows .title");
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const open = links.findIndex((link) => link.closest("tr").dataset.open !== undefined);
  const next = at < 0 ? (open < 0 ? 0 : open + by) : at + by;
  const link = links[Math.max(0, Math.min(links.length - 1, next))];
  link?.focus(); link?.scrollIntoView({ block: "nearest" });
}
const inRow = () => document.activeElement?.closest("tr[data-dialog]");
const keys = {
  j: () => step(1), k: () => step(-1),
  o: () => one(".title", inRow() || document.createElement("p"))?.click(),
  i: () => (one(".take", inRow() || document.createElement("p")) || (!inRow() && one("#panel .take")))?.click(),
  s: () => one("#q")?.focus(),
  "/": () => one("#q")?.focus(),
  "?": () => one("#hurtigtaster")?.showModal(),
  Escape: () => one("[data-close-panel]")?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest(typing) || one("dialog[open]")) return;
  let act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (inRow() && event.key === "ArrowDown") act = keys.j;
  if (inRow() && event.key === "ArrowUp") act = keys.k;
  if (!act || (event.shiftKey && /^[a-z]$/i.test(event.key))) return;
  event.preventDefault();
  act();
});

/* Live: what changed is collected and told; the list is renewed when asked, or when nobody is reading. */
const own = new Map(); // dialogs this page changed itself, and when
const fresh = new Set();
const changed = new Set();
let source = null, polling = null, something = false, touchedAt = Date.now(), checking = null;

for (const name of ["pointermove", "pointerdown", "wheel", "touchstart", "keydown", "focusin"]) {
  addEventListener(name, (event) => { if (event.target.closest?.("#liste, #panel, form, dialog")) touchedAt = Date.now(); }, { passive: true });
}
function isIdle() {
  return document.visibilityState === "visible" && scrollY < 40 && Date.now() - touchedAt > 10000 && !isOpen()
    && getSelection().isCollapsed && !document.activeElement?.closest("#liste, #panel, form, dialog")
    && every("#liste tr[data-dialog]").length <= 50 && !location.search.includes("etter=");
}

function refresh(asked) {
  const list = one("#nytt").dataset.list;
  const shown = every("#liste tr[data-dialog]").length;
  const query = new URLSearchParams(location.search);
  query.set("antall", shown);
  const y = scrollY, back = document.activeElement?.closest("#liste [id]")?.id;
  htmx.ajax("GET", `${list}?${query}`, { target: "#liste", swap: "outerHTML" }).then(() => {
    scrollTo(0, y);
    if (back) document.getElementById(back)?.focus({ preventScroll: true });
    else if (asked) one("#innhold").focus({ preventScroll: true });
  });
}
function seen() { fresh.clear(); changed.clear(); something = false; one("#nytt")?.replaceChildren(); checkSignature(true); }

function count(number, word) {
  const texts = one("#nytt").dataset;
  return number === 1 ? texts[`${word}One`] : texts[`${word}Many`].replace("#", number);
}
function tell() {
  const place = one("#nytt");
  const parts = [fresh.size && count(fresh.size, "new"), changed.size && count(changed.size, "changed")].filter(Boolean);
  const text = parts.join(` ${place.dataset.and} `) || (something ? place.dataset.some : "");
  if (!text) return;
  if (isIdle()) { refresh(false); return; }
  if (!one(".news", place)) place.replaceChildren(one("#nytt-mal").content.cloneNode(true));
  one("[data-text]", place).textContent = text;
}

async function ask(query) {
  const answer = await fetch(`${one("#nytt").dataset.news}?${query}`, { headers: { Accept: "application/json" } });
  if (answer.redirected) { stop(); complain(one("#nytt").dataset.loggedOut); throw new Error("logged out"); }
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}
async function checkSignature(quietly) {
  const place = one("#nytt");
  if (!place) return;
  try {
    const { siden } = await ask("");
    if (!quietly && siden !== place.dataset.signature) { something = true; tell(); }
    place.dataset.signature = siden;
  } catch { /* away for now: asked again later */ }
}

function heard(rows) {
  const unknown = [];
  for (const [id] of rows) {
    if (Date.now() - (own.get(id) || 0) < 10000) continue;
    const row = document.getElementById(`d-${id}`);
    if (!row) { unknown.push(id); continue; }
    changed.add(id);
    if (!one(".changed", row)) one(".meta", row).append(one("#endret-mal").content.cloneNode(true));
  }
  if (unknown.length) checkUnknown(unknown, rows); else tell();
}
async function checkUnknown(ids, rows) {
  const query = new URLSearchParams(location.search);
  for (const id of ids.slice(0, 100)) query.append("id", id);
  try {
    const { treff } = await ask(query);
    const isNew = new Map(rows);
    for (const id of treff) (isNew.get(id) ? fresh : changed).add(id);
  } catch { something = true; }
  tell();
}

function listen() {
  const place = one("#nytt");
  if (!place || source) return;
  source = new EventSource(place.dataset.stream);
  source.addEventListener("endret", (event) => heard(JSON.parse(event.data)));
  source.addEventListener("klar", () => { poll(false); checkSignature(false); });
  source.addEventListener("tilbake", () => { poll(false); checkSignature(false); });
  source.addEventListener("borte", () => poll(true));
  source.addEventListener("ut", () => { stop(); complain(place.dataset.loggedOut); });
  source.addEventListener("error", () => poll(true));
}
function poll(wanted) {
  if (wanted && !polling) polling = setInterval(() => { if (document.visibilityState === "visible") checkSignature(false); }, 30000);
  if (!wanted) { clearInterval(polling); polling = null; }
}
function stop() { source?.close(); source = null; poll(false); }

/* A hidden page lets its stream go: browsers allow few connections to one address. */
document.addEventListener("visibilitychange", () => {
  clearTimeout(checking);
  if (document.visibilityState === "hidden") checking = setTimeout(stop, 20000); else listen();
});
addEventListener("pagehide", stop);
document.addEventListener("DOMContentLoaded", () => {
  const choice = one("[data-scheme]");
  if (choice) { choice.value = scheme(); choice.hidden = false; }
  if (isOpen()) { markOpenRow(); }
  listen();
});
setInterval(() => { if (fresh.size + changed.size || something) tell(); }, 5000);
