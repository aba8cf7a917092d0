/* The live notice: what changed in the list since it was shown. */
"use strict";

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
  if (isOpen()) { markOpenRow(); }
  listen();
});
setInterval(() => { if (fresh.size + changed.size || something) tell(); }, 5000);
