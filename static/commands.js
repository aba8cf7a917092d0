/* The command menu on Ctrl+K, and the counts of the saved searches in the menu. */
"use strict";

(() => {
const box = () => one("#kommandoer"), field = () => one("#kommandoer-felt");
const options = () => every("#kommandoer-valg [role=option]");
const active = () => one("#kommandoer-valg [aria-selected=true]");
const doing = new Map(); // what an option of the page's own does
let own = []; // what the page itself offers
let found = null, goesOn = false; // for which words the server has answered; Enter was pressed before
let asking = new AbortController(), delay = 0;

function open() {
  if (one("dialog[open]")) return;
  own = [...actions(), ...places()]; // before focus leaves the row
  box().showModal();
  found = null; goesOn = false;
  field().value = "";
  one("#kommandoer-treff").replaceChildren();
  showOwn();
  ask();
}
function actions() {
  return shortcuts.table.filter((it) => it.group === "dialog" && it.works())
    .map((it) => ({ part: "act", label: shortcuts.word(it.does), does: it.act }));
}
function places() {
  const links = every("#menyvalg a").filter((link) => !link.dataset.menu);
  const keys = { part: "settings", label: one("#hurtigtaster-h").textContent, does: shortcuts.showHelp };
  return [...links.map((link) => ({ part: "go", label: labelOf(link), href: link.href })), keys];
}
const labelOf = (link) => [...link.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join(" ").trim();

/* What the page itself offers; the rest is the server's. */
function showOwn() {
  const wanted = plain(field().value);
  const fitting = own.filter(({ label }) => wanted.every((word) => plain(label).some((it) => it.startsWith(word))));
  const part = (name) => fitting.filter((it) => it.part === name);
  doing.clear();
  one("#kommandoer-her").replaceChildren(...group("act", part("act")), ...group("go", part("go")));
  one("#kommandoer-sist").replaceChildren(...group("settings", part("settings")));
  if (!active()) mark(options()[0]);
}
const plain = (text) => text.toLocaleLowerCase("nb").split(/\s+/).filter(Boolean);
function group(part, entries) {
  if (!entries.length) return [];
  const made = document.createElement("div"), head = document.createElement("p");
  made.setAttribute("role", "group");
  made.setAttribute("aria-labelledby", `kommando-h-${part}`);
  head.className = "ds-label"; head.id = `kommando-h-${part}`; head.textContent = one("#kommandoer-her").dataset[part];
  made.append(head, ...entries.map((entry, number) => {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.id = `kommando-${part}-${number}`;
    option.textContent = entry.label;
    if (entry.href) option.dataset.href = entry.href;
    doing.set(option, entry.does);
    return option;
  }));
  return [made];
}

function mark(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  field().setAttribute("aria-expanded", String(Boolean(option)));
  if (option) field().setAttribute("aria-activedescendant", option.id); else field().removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}
function move(by) {
  const all = options(), at = all.indexOf(active());
  if (all.length) mark(all[(at + by + all.length) % all.length]);
}
function take(option) {
  const { href } = option.dataset, does = doing.get(option);
  box().close();
  if (href) location.assign(href); else does();
}
/* The server's part: asked for a moment after the last letter; only the last answer counts. */
async function ask() {
  const words = field().value;
  asking.abort();
  asking = new AbortController();
  try {
    const answer = await part(`${field().dataset.address}?${new URLSearchParams({ q: words })}`, asking.signal);
    one("#kommandoer-treff").innerHTML = answer;
    found = words;
    const chosen = active();
    mark(chosen?.closest("#kommandoer-her") ? chosen : options()[0]);
    announce();
    if (goesOn && words === field().value && active()) take(active());
  } catch (error) {
    if (error.name !== "AbortError") announce(one("#kommandoer-sier").dataset.failed);
  }
}
async function part(address, signal) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal });
  if (answer.redirected) location.reload(); // logged out meanwhile
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  return answer.text();
}
function announce(trouble) {
  const place = one("#kommandoer-sier"), texts = place.dataset, many = options().length;
  const text = trouble || one("#kommandoer-treff [data-says]")?.textContent || (!many && texts.none);
  place.toggleAttribute("data-quiet", !text);
  place.textContent = text || (many === 1 ? texts.one : texts.many.replace("#", many));
}

document.addEventListener("hurtigmeny", open);
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-commands]");
  if (opener && !event.ctrlKey && !event.metaKey) { event.preventDefault(); open(); }
  const option = event.target.closest("#kommandoer-valg [role=option]");
  if (option) take(option);
});
document.addEventListener("DOMContentLoaded", () => {
  if (!box()) return;
  field().addEventListener("input", () => {
    goesOn = false;
    mark(null);
    showOwn();
    asking.abort(); // an answer to other words comes too late
    clearTimeout(delay);
    delay = setTimeout(ask, 150);
  });
  field().addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); move(by); }
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (active() && (found === field().value || active().closest("#kommandoer-her"))) take(active()); else goesOn = true;
  });
  box().addEventListener("close", () => { asking.abort(); clearTimeout(delay); });
});

/* Counts: fetched after the page and at most every half minute, and put into the menu whenever it is new. */
let countedAt = 0;
async function count() {
  const place = one("#menyantall");
  if (!place || Date.now() - countedAt < 30000) return;
  countedAt = Date.now();
  try { place.innerHTML = await part(place.dataset.address); } catch { return; /* without counts for now */ }
  showCounts();
}
function showCounts() {
  for (const line of every("[data-menu]")) one(".ds-tag", line)?.remove();
  for (const tag of every("#menyantall [data-count-of]")) one(`[data-menu="${tag.dataset.countOf}"]`)?.append(" ", tag.cloneNode(true));
}
document.addEventListener("DOMContentLoaded", count);
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target?.id === "liste") count(); });
document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target?.id === "menyvalg") showCounts(); });
})();
