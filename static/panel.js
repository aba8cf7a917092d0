/* The panel beside the list: its forms, and who else is looking.
   Without this file the forms are plain forms, and nobody is seen looking. */
"use strict";

(() => {
/* Forms: after each one the panel is new. Focus goes to what has to be answered, else back to
   the button that the work began with. */
let work = null; // the form that was sent last, until its answer is shown

document.addEventListener("htmx:configRequest", (event) => {
  const id = event.detail.elt.dataset.work;
  if (!id) return;
  own.set(id, Date.now());
  event.detail.parameters.vis = [
    document.getElementById(`ansvarlig-${id}`) && "ansvarlig",
    isOpen()?.dataset.dialog === id && "panel",
  ].filter(Boolean).join(" ");
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form.dataset.work) work = { form, back: form.dataset.back || document.activeElement?.id };
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!work || event.detail.requestConfig.elt !== work.form) return;
  const { back } = work;
  work = null;
  if (!event.detail.successful && event.detail.xhr.status !== 409) return;
  const reopen = isOpen()?.dataset.reopen;
  if (reopen) { document.getElementById(reopen).showPopover(); return; }
  const next = one("#svar") || document.getElementById(back) || one("#panel-h");
  next?.focus();
});

/* Boxes that a button opens: focus in the first field, a digit for each choice, Enter sends. */
const first = (box) => one("[aria-invalid]", box)
  || every("[data-first]", box).find((field) => !field.disabled && !field.hidden)
  || one("button:enabled, input:enabled:not([type=hidden])", box);
document.addEventListener("toggle", (event) => {
  const box = event.target;
  if (event.newState !== "open" || !box.matches?.("#panel [popover]")) return;
  for (const field of every("[data-search]", box)) makeSearch(field);
  first(box)?.focus();
}, true);
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("#panel [popover]");
  if (!box || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter" && event.target.matches("select")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  const choice = /^[1-9]$/.test(event.key) && !event.target.matches("input, textarea, select") && one(`[data-digit="${event.key}"]`, box);
  if (!choice) return;
  event.preventDefault();
  if (choice.matches("button")) choice.click(); else choice.focus();
});

/* A select with many colleagues becomes a field to search in. The select stays, and is what is sent. */
const plain = (text) => text.toLocaleLowerCase("nb").normalize("NFC");

function makeSearch(field) {
  const select = one("select", field);
  if (select.hidden) return;
  const input = document.createElement("input");
  const list = document.createElement("div");
  const none = document.createElement("p");
  Object.assign(input, { className: "ds-input", type: "text", id: `${select.id}-sok`, autocomplete: "off" });
  const says = { role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list", "aria-controls": `${select.id}-liste`, "data-first": "" };
  for (const [name, value] of Object.entries(says)) input.setAttribute(name, value);
  Object.assign(list, { className: "hits", id: `${select.id}-liste` });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", one("label", field).textContent);
  Object.assign(none, { className: "quiet", textContent: field.dataset.none, hidden: true });
  fillList(list, select);
  one("label", field).htmlFor = input.id;
  select.hidden = true;
  select.after(input, list, none);
  mark(field, optionOf(list, select.value));
  input.addEventListener("input", () => search(field));
  input.addEventListener("keydown", (event) => moveInList(event, field));
  input.addEventListener("blur", () => { if (input.value && select.dataset.found !== "no") input.value = chosenName(select); });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // focus stays in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { mark(field, option); input.value = chosenName(select); }
  });
}
function fillList(list, select) {
  let number = 0;
  for (const child of select.children) {
    const group = document.createElement("div");
    if (child.label && child.matches("optgroup")) { group.setAttribute("role", "group"); group.setAttribute("aria-label", child.label); group.dataset.label = child.label; }
    else group.setAttribute("role", "presentation");
    for (const choice of child.matches("optgroup") ? child.children : [child]) {
      const option = document.createElement("div");
      const about = document.createElement("span");
      option.setAttribute("role", "option");
      option.id = `${select.id}-${number++}`;
      option.dataset.value = choice.value;
      option.dataset.name = nameIn(choice);
      about.className = "quiet"; about.textContent = choice.text.slice(option.dataset.name.length + 2, -1);
      option.append(option.dataset.name, " ", about);
      group.append(option);
    }
    list.append(group);
  }
}
const optionOf = (list, value) => every("[role=option]", list).find((option) => option.dataset.value === value && !option.hidden);
const nameIn = (choice) => choice.text.slice(0, choice.text.lastIndexOf(" ("));
const chosenName = (select) => (select.selectedOptions[0] ? nameIn(select.selectedOptions[0]) : "");

function mark(field, option) {
  const input = one("[role=combobox]", field), select = one("select", field);
  for (const other of every("[aria-selected]", field)) other.removeAttribute("aria-selected");
  select.dataset.found = option ? "yes" : "no";
  input.setCustomValidity(option ? "" : field.dataset.none);
  if (!option) { input.removeAttribute("aria-activedescendant"); return; }
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  select.value = option.dataset.value;
}
function search(field) {
  const input = one("[role=combobox]", field);
  const goOn = input.value.includes(",");
  const words = plain(input.value.split(",")[0]).split(/\s+/).filter(Boolean);
  for (const option of every("[role=option]", field)) {
    const names = plain(option.dataset.name).split(/[\s-]+/);
    option.hidden = !words.every((word) => names.some((name) => name.startsWith(word)));
  }
  for (const group of every("[role=listbox] > div", field)) group.hidden = every("[role=option]", group).every((option) => option.hidden);
  const hit = every("[role=option]", field).find((option) => !option.hidden);
  one("p.quiet", field).hidden = Boolean(hit);
  mark(field, hit);
  if (goOn) goOnAfter(field, input.value.split(",").slice(1).join(",").trim());
}
/* «ola, ring kunden»: the comma after a name goes on to what is to be done. */
function goOnAfter(field, rest) {
  const input = one("[role=combobox]", field), select = one("select", field);
  if (select.dataset.found === "no") return;
  input.value = chosenName(select);
  const next = one("[name=comment]", field.closest("form"));
  next.value += rest;
  next.focus();
}
function moveInList(event, field) {
  const shown = every("[role=option]", field).filter((option) => !option.hidden);
  const at = shown.findIndex((option) => option.hasAttribute("aria-selected"));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (to === undefined || !shown.length) return;
  event.preventDefault();
  const option = shown[(to + shown.length) % shown.length];
  mark(field, option);
  option.scrollIntoView({ block: "nearest" });
}

/* Presence: this page says every 15 seconds which dialog it shows, and hears who else does. */
const EVERY = 15000;
const thisPage = Math.random().toString(36).slice(2, 12);
const here = { id: "", address: "", said: "" };

function presenceForm(more) {
  const form = new FormData();
  form.set("csrfmiddlewaretoken", one("[name=csrfmiddlewaretoken]").value);
  form.set("side", thisPage);
  for (const name of more) form.set(name, "ja");
  return form;
}
async function beat() {
  const { id, address } = here;
  if (!id || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(address, { method: "POST", body: presenceForm([]), headers: { Accept: "application/json" } });
    const { her } = answer.ok && !answer.redirected ? await answer.json() : { her: "" };
    if (id === here.id) { here.said = her; showPresence(); }
  } catch { /* away for now: asked again at the next turn */ }
}
function showPresence() {
  const place = one("[data-presence]");
  if (place && place.textContent !== here.said) place.textContent = here.said;
}
function leave() {
  if (here.id) navigator.sendBeacon(here.address, presenceForm(["borte"]));
  Object.assign(here, { id: "", said: "" });
}
function follow() {
  const id = isOpen()?.dataset.dialog || "";
  if (id !== here.id) {
    leave();
    if (id) { Object.assign(here, { id, address: one("[data-presence]").dataset.presence }); beat(); }
  }
  showPresence();
}
document.addEventListener("DOMContentLoaded", () => {
  const main = one("#innhold");
  if (!main) return;
  new MutationObserver(follow).observe(main, { childList: true, subtree: true });
  follow();
});
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") beat(); });
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
setInterval(beat, EVERY);
})();
