/* Notes: drafts that survive, and naming a colleague. */
"use strict";

(() => {
/* Drafts: what somebody has typed stays in this browser until it is saved, thrown away or
   they log out. One for each person and thing; a lost connection or a reload takes nothing. */
const DRAFTS = "notat:";
const DRAFT_DAYS = 30;
const draftKey = (field) => `${DRAFTS}${field.dataset.user}:${field.dataset.draft}`;
const draftIn = (form) => form.querySelector?.("textarea[data-draft]");
const versionOf = (field) => field.form.elements.namedItem("version");

function keepDraft(field) {
  try {
    if (field.value === field.defaultValue && !("posted" in field.dataset)) return localStorage.removeItem(draftKey(field));
    if (!field.value.trim()) return localStorage.removeItem(draftKey(field));
    localStorage.setItem(draftKey(field), JSON.stringify({ text: field.value, at: Date.now(), version: versionOf(field)?.value }));
  } catch { /* a private window or a full one: the text is still in the field */ }
}
function readDraft(field) {
  try {
    const draft = JSON.parse(localStorage.getItem(draftKey(field)));
    return draft && Date.now() - draft.at < DRAFT_DAYS * 86400000 ? draft : null;
  } catch { return null; }
}
function forgetDraft(field) {
  try { localStorage.removeItem(draftKey(field)); } catch { /* there was none */ }
}
function forgetAllDrafts() {
  try { for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFTS)) localStorage.removeItem(key); } catch { /* there were none */ }
}

function sayDraft(field, at) {
  const line = one("[data-draft-line]", field.form);
  const text = line && one("[data-today]", line);
  if (!text) return;
  const then = new Date(at), two = (number) => String(number).padStart(2, "0");
  const words = then.toDateString() === new Date().toDateString() ? text.dataset.today : text.dataset.earlier;
  text.textContent = words.replace("{tid}", `${two(then.getHours())}.${two(then.getMinutes())}`)
    .replace("{dag}", then.toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "short" }));
  line.hidden = false;
}
function restoreDraft(field) {
  if (field.restored) return;
  field.restored = true;
  if ("posted" in field.dataset) { keepDraft(field); return; } // what the server sent back is the newest
  const draft = readDraft(field);
  if (!draft || draft.text === field.value) return;
  field.value = draft.text;
  const version = versionOf(field);
  if (version && draft.version !== undefined) version.value = draft.version; // a change in between is told of
  sayDraft(field, draft.at);
}
function dropDraft(field, says) {
  forgetDraft(field);
  if (!says) return; // «Avbryt» leaves the form
  field.value = field.defaultValue;
  const version = versionOf(field);
  if (version) version.value = version.defaultValue;
  one("[data-draft-line]", field.form).hidden = true;
  field.focus(); say(says);
}
function restoreDrafts(inside) {
  for (const field of every("textarea[data-draft]", inside)) restoreDraft(field);
}

document.addEventListener("DOMContentLoaded", () => restoreDrafts(document));
document.addEventListener("htmx:load", (event) => restoreDrafts(event.detail.elt));
document.addEventListener("input", (event) => {
  if (!event.target.matches("textarea[data-draft]")) return;
  keepDraft(event.target);
  offer(event.target);
});
document.addEventListener("click", (event) => {
  const drop = event.target.closest("[data-drop-draft]");
  if (drop) dropDraft(draftIn(drop.closest("form")), drop.dataset.says);
});
document.addEventListener("submit", (event) => {
  if (event.target.action.includes("/logout/")) forgetAllDrafts();
});

/* Saving: nothing can be typed while it goes; if it does not arrive, the text stands and it is said. */
document.addEventListener("htmx:configRequest", (event) => {
  const notes = event.detail.elt.closest("[data-notes^='dialog-']");
  if (notes && event.detail.verb === "post" && typeof own !== "undefined") own.set(notes.dataset.notes.slice("dialog-".length), Date.now());
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const field = draftIn(event.detail.elt);
  if (!field) return;
  closeOffer();
  field.readOnly = true;
  one("[data-failed]", field.form).hidden = true;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422 && draftIn(event.detail.requestConfig.elt)) {
    event.detail.shouldSwap = true; event.detail.isError = false;
  }
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const field = draftIn(event.detail.elt);
    if (!field) return;
    field.readOnly = false;
    keepDraft(field);
    const line = one("[data-failed]", field.form);
    line.textContent = line.dataset.says; line.hidden = false;
    field.focus();
    event.stopPropagation(); // it is said here, not on top of the page as well
  }, true);
}
document.addEventListener("notatLagret", (event) => {
  const field = draftIn(event.target);
  if (field) forgetDraft(field);
});
document.addEventListener("fokus", (event) => document.getElementById(event.detail.id)?.focus());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea[data-draft]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

/* Naming a colleague: «@» offers those who may see the client, in a list under the field. */
const MOST_OFFERED = 8;
const colleagues = new Map(); // by address, once asked for
let offering = null; // the field, its list, where the «@» stands, and the names in the list

async function colleaguesOf(field) {
  const address = field.dataset.colleagues;
  if (!colleagues.has(address)) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return [];
    colleagues.set(address, (await answer.json()).kolleger);
  }
  return colleagues.get(address);
}
function nameBegun(field) {
  const found = /(?:^|[^\p{L}\p{N}_])@([^@\n]{0,60})$/u.exec(field.value.slice(0, field.selectionStart));
  return found && { start: field.selectionStart - found[1].length, text: found[1].toLowerCase() };
}
function matches(name, text) {
  const lower = name.toLowerCase();
  return lower.startsWith(text) || lower.split(/[\s-]+/).some((word) => word.startsWith(text));
}
async function offer(field) {
  if (!field.dataset.colleagues) return;
  if (!nameBegun(field)) return closeOffer();
  const names = await colleaguesOf(field).catch(() => []);
  const begun = document.activeElement === field && nameBegun(field); // typing went on meanwhile
  const found = begun ? names.filter((name) => matches(name, begun.text)).slice(0, MOST_OFFERED) : [];
  if (found.length) showOffer(field, begun.start, found); else closeOffer();
}
function showOffer(field, start, names) {
  const isNew = offering?.field !== field;
  if (isNew) { closeOffer(); offering = { field, list: listFor(field) }; }
  Object.assign(offering, { start, names });
  offering.list.replaceChildren(...names.map((name, number) => {
    const option = document.createElement("li");
    option.id = `${offering.list.id}-${number}`;
    option.setAttribute("role", "option");
    option.textContent = name;
    return option;
  }));
  choose(0);
  if (isNew) say(field.closest("form").querySelector("[data-name-colleague]")?.dataset.says);
}
function listFor(field) {
  const list = document.createElement("ul");
  list.id = `${field.id}-kolleger`;
  list.className = "colleagues";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.form.querySelector("[data-name-colleague]")?.dataset.label || "@");
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) insertName(offering.names[[...list.children].indexOf(option)]);
  });
  field.parentElement.append(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  return list;
}
function choose(number) {
  const options = [...offering.list.children];
  offering.chosen = (number + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", at === offering.chosen));
  offering.field.setAttribute("aria-activedescendant", options[offering.chosen].id);
  options[offering.chosen].scrollIntoView({ block: "nearest" });
}
function insertName(name) {
  const { field, start } = offering;
  closeOffer();
  field.setRangeText(`${name} `, start, field.selectionStart, "end");
  keepDraft(field);
  field.focus();
}
function closeOffer() {
  if (!offering) return;
  for (const name of ["aria-autocomplete", "aria-controls", "aria-activedescendant"]) offering.field.removeAttribute(name);
  offering.list.remove();
  offering = null;
}
document.addEventListener("keydown", (event) => {
  if (!offering || event.target !== offering.field || event.ctrlKey || event.metaKey) return;
  const act = {
    ArrowDown: () => choose(offering.chosen + 1),
    ArrowUp: () => choose(offering.chosen - 1),
    Enter: () => insertName(offering.names[offering.chosen]),
    Tab: () => insertName(offering.names[offering.chosen]),
    Escape: closeOffer,
  }[event.key];
  if (!act || event.shiftKey) return;
  event.preventDefault(); event.stopPropagation();
  act();
}, true);
document.addEventListener("focusout", (event) => { if (offering?.field === event.target) closeOffer(); });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-name-colleague]");
  const field = button && draftIn(button.form);
  if (!field?.dataset.colleagues) return;
  event.preventDefault();
  field.focus();
  const before = field.value.slice(0, field.selectionStart);
  field.setRangeText(/(^|\s)$/.test(before) ? "@" : " @", field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
})();
