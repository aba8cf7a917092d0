/* What keys do. One table: the help sheet and the command menu read it too. The words, and where
   G leads, are in #tasteord. */
"use strict";

const shortcuts = (() => {
const said = (does) => one(`[data-does="${does}"]`, one("#tasteord").content);
const word = (does) => said(does).textContent;

/* The list. */
const inList = () => document.activeElement?.closest("#liste");
const inRow = () => document.activeElement?.closest("#liste tr[data-dialog]");
const hasRows = () => one("#liste tr[data-dialog]");
function step(by) {
  const links = every(".rows .title");
  const at = links.findIndex((link) => link.closest("tr") === inRow());
  const open = links.findIndex((link) => link.closest("tr").dataset.open !== undefined);
  const next = at < 0 ? (open < 0 ? 0 : open + by) : at + by;
  const link = links[Math.max(0, Math.min(links.length - 1, next))];
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}
const canPick = () => inRow() && window.bulk && one("#bulk");

/* The dialog: the row in focus, else the one in the panel. */
const dialog = () => inRow()?.dataset.dialog || isOpen()?.dataset.dialog;
const button = (key, inside) => every(`[data-key="${key}"]`, inside).find((it) => it.checkVisibility() && !it.disabled);
const isOpenRow = (row) => row.dataset.dialog === isOpen()?.dataset.dialog;
const canPress = (key) => () => {
  const row = inRow();
  return row && !isOpenRow(row) ? true : Boolean(isOpen() && button(key, one("#panel")));
};
const press = (key) => () => {
  const row = inRow();
  if (!row || isOpenRow(row)) { use(button(key, one("#panel"))); return; }
  const inTheRow = button(key, row) || (key === "i" && one(".take", row));
  if (inTheRow) inTheRow.click();
  else whenOpen(one(".title", row), () => use(button(key, one("#panel"))));
};
function use(it) {
  if (it?.hasAttribute("popovertarget")) wait(); else goOn();
  if (!it) { say(word("virker-ikke")); return; }
  it.focus();
  if (!it.matches("input, textarea, select")) it.click();
}
function whenOpen(link, then) {
  const over = new AbortController();
  wait();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "panel") { over.abort(); then(); }
  }, over);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === link && !event.detail.successful) { over.abort(); goOn(); }
  }, over);
  link.click();
}
const act = (name) => () => bulk.act(name, [dialog()]);
const canAct = () => dialog() && window.bulk && one("#bulk");

/* The page of one dialog, and the button that opens it there. It is pressed by Enter, never by O. */
const onPage = (key) => one(".whole") && button(key, one(".whole"));
const opener = () => button("o", one("#innhold"));

/* Letters typed while a form is on its way wait for its first field. */
let typed = null, patience = 0;
function wait() {
  typed ??= "";
  clearTimeout(patience);
  patience = setTimeout(goOn, 3000);
}
function goOn() { typed = null; clearTimeout(patience); }
document.addEventListener("focusin", (event) => {
  if (typed === null || !event.target.matches("#panel [popover] *, #panel textarea")) return;
  const letters = typed;
  goOn();
  for (const letter of letters) type(letter);
});
function type(letter) {
  const field = document.activeElement;
  const isTaken = !field.dispatchEvent(new KeyboardEvent("keydown", { key: letter, bubbles: true, cancelable: true }));
  if (isTaken || !field.matches("textarea, [type=text], [type=search]")) return;
  field.setRangeText(letter, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: letter }));
}

/* Two keys: G, and within a moment where to. */
let prefix = "", moment = 0;
function begin() {
  prefix = "g ";
  clearTimeout(moment);
  moment = setTimeout(() => { prefix = ""; }, 1500);
  say(word("ga"));
}
const go = (does) => () => location.assign(said(does).href);

function close() {
  const panel = one("[data-close-panel]");
  if (panel) panel.click(); else bulk.clear();
}
function showHelp() {
  fillHelp();
  one("#hurtigtaster").showModal();
}

const always = () => true;
const table = [
  { does: "neste", group: "liste", keys: ["j", "ArrowDown"], repeats: true, works: (key) => (key === "ArrowDown" ? inRow() : hasRows()), act: () => step(1) },
  { does: "forrige", group: "liste", keys: ["k", "ArrowUp"], repeats: true, works: (key) => (key === "ArrowUp" ? inRow() : hasRows()), act: () => step(-1) },
  { does: "vis", group: "liste", keys: ["o"], also: ["Enter"], works: () => inRow() || opener(), act: () => { if (inRow() && !isOpenRow(inRow())) one(".title", inRow()).click(); else opener()?.focus(); } },
  { does: "velg", group: "liste", keys: ["x"], works: canPick, act: () => bulk.pickRow(false) },
  { does: "velg-omrade", group: "liste", keys: ["Shift+X"], works: canPick, act: () => bulk.pickRow(true) },
  { does: "velg-side", group: "liste", keys: ["Ctrl+A"], works: () => inList() && hasRows() && window.bulk && one("#bulk"), act: () => bulk.pickPage(true) },
  { does: "tildel", group: "dialog", keys: ["t"], works: canPress("t"), act: press("t") },
  { does: "ta", group: "dialog", keys: ["i"], works: canPress("i"), act: press("i") },
  { does: "frist", group: "dialog", keys: ["f"], works: canPress("f"), act: press("f") },
  { does: "utsett", group: "dialog", keys: ["h"], works: canPress("h"), act: press("h") },
  { does: "notat", group: "dialog", keys: ["n"], works: canPress("n"), act: press("n") },
  { does: "ferdig", group: "dialog", keys: ["d"], works: canPress("d"), act: press("d") },
  { does: "arkiver", group: "dialog", keys: ["e"], works: () => onPage("e") || canAct(), act: () => { if (onPage("e")) onPage("e").click(); else act("ARCHIVE")(); } },
  { does: "ulest", group: "dialog", keys: ["u"], works: () => onPage("u") || canAct(), act: () => { if (onPage("u")) onPage("u").click(); else act("UNREAD")(); } },
  { does: "ga", keys: ["g"], works: always, act: begin },
  { does: "hjem", group: "ga", keys: ["g h"], works: always, act: go("hjem") },
  { does: "innboks", group: "ga", keys: ["g i"], works: always, act: go("innboks") },
  { does: "meg", group: "ga", keys: ["g m"], works: always, act: go("meg") },
  { does: "frister", group: "ga", keys: ["g f"], works: always, act: go("frister") },
  { does: "klienter", group: "ga", keys: ["g k"], works: always, act: go("klienter") },
  { does: "sok", group: "overalt", keys: ["s", "/"], works: () => one("#q"), act: () => one("#q").select() },
  { does: "forste", group: "overalt", keys: [], also: ["Enter"], works: () => one("#q"), act: () => {} },
  { does: "hurtigmeny", group: "overalt", keys: ["Ctrl+K"], isEverywhere: true, works: always, act: () => document.dispatchEvent(new Event("hurtigmeny")) },
  { does: "taster", group: "overalt", keys: ["?"], works: always, act: showHelp },
  { does: "lukk", group: "overalt", keys: ["Escape"], works: () => one("[data-close-panel]") || window.bulk?.count(), act: close },
];

/* When a key acts: never in a field, or while a dialog or popover is open. */
const typing = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const isSingle = (key) => /^(Shift\+|g )?.$/.test(key);
const isOff = (key) => isSingle(key) && document.body.dataset.keys === "off";
function isFree(shortcut, key, target) {
  if (one("dialog[open]") || isOff(key)) return false;
  if (shortcut.isEverywhere) return true;
  return !target.closest?.(typing) && !every(":popover-open").some((it) => it.popover === "auto");
}
function nameOf(event) {
  const { key } = event;
  if (event.altKey) return "";
  if (event.ctrlKey || event.metaKey) return event.shiftKey ? "" : `Ctrl+${key.toUpperCase()}`;
  const isLetter = /^\p{L}$/u.test(key);
  return prefix + (isLetter && event.shiftKey ? `Shift+${key.toUpperCase()}` : isLetter ? key.toLowerCase() : key);
}
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || !event.isTrusted || /^(Shift|Control|Alt|Meta|AltGraph)$/.test(event.key)) return;
  const key = nameOf(event);
  prefix = "";
  if (typed !== null && event.key.length === 1 && !event.ctrlKey && !event.metaKey) { event.preventDefault(); typed += event.key; return; }
  if (key === "Escape") goOn();
  const shortcut = table.find((it) => it.keys.includes(key));
  if (!shortcut || (event.repeat && !shortcut.repeats) || !isFree(shortcut, key, event.target)) return;
  if (!shortcut.works(key)) { if (shortcut.group === "dialog") say(word(dialog() ? "virker-ikke" : "ingen-dialog")); return; }
  event.preventDefault();
  shortcut.act();
});

/* The search field: Enter goes on to the first hit. A list that shows the words already is not asked for again. */
let isLeaving = false, listed = null;
document.addEventListener("DOMContentLoaded", () => { listed = one("#q")?.value; });
document.addEventListener("keydown", (event) => { if (event.target.id === "q") isLeaving = event.key === "Enter"; });
document.addEventListener("focusout", (event) => { if (event.target.id === "q") isLeaving = false; });
document.addEventListener("htmx:beforeRequest", (event) => {
  const { triggeringEvent } = event.detail.requestConfig;
  if (triggeringEvent?.type !== "change" || triggeringEvent.target?.id !== "q") return;
  if (isLeaving || one("#q").value === listed) event.preventDefault(); // Enter sends the form as well
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "liste" || event.detail.requestConfig.elt.id !== "filter") return;
  listed = event.detail.requestConfig.parameters.q;
  if (!isLeaving) return;
  isLeaving = false;
  step(0);
});

/* The help sheet: the keys that work here and now. */
const caps = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };
function keyCaps(name) {
  return name.split(/[ +]/).flatMap((part, number) => {
    const cap = document.createElement("kbd");
    cap.textContent = caps[part] || (part.length === 1 ? part.toUpperCase() : part);
    return number ? [name.includes(" ") ? ` ${word("deretter")} ` : " + ", cap] : [cap];
  });
}
function helpRow({ does, keys, also = [] }) {
  const row = document.createElement("tr"), head = document.createElement("th"), cell = document.createElement("td");
  head.scope = "row";
  head.textContent = word(does);
  const shown = [...also, ...keys].filter((key) => !isOff(key));
  shown.forEach((key, number) => cell.append(...(number ? [` ${word("eller")} `] : []), ...keyCaps(key)));
  row.append(head, cell);
  return row;
}
function fillHelp() {
  const sheet = one("#hurtigtaster table");
  for (const old of every("tbody", sheet)) old.remove();
  for (const group of every("[data-group]", one("#tasteord").content)) {
    const shown = table.filter((it) => it.group === group.dataset.group && it.works() && [...it.keys, ...(it.also || [])].some((key) => !isOff(key)));
    if (!shown.length) continue;
    const body = document.createElement("tbody"), row = document.createElement("tr"), head = document.createElement("th");
    head.scope = "rowgroup"; head.colSpan = 2; head.textContent = group.textContent;
    row.append(head);
    body.append(row, ...shown.map(helpRow));
    sheet.append(body);
  }
}
document.addEventListener("click", (event) => { if (event.target.closest("[data-open-keys]")) showHelp(); });

return { table, word, showHelp };
})();
