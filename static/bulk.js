/* Choosing many rows, and the toolbar that follows. Without this file the boxes and the plain form work. */
"use strict";

(() => {
const boxes = () => every("#liste .c-pick input[name=id]");
const ticked = () => boxes().filter((box) => box.checked);
const picks = new Set(); // ids: the rows are new after each renewal of the list
let last = null; // where a range begins
let isAll = false, allOf = ""; // every hit of the list, and of which list
let waiting = null;
const listQuery = () => one("#bulk [name=liste]")?.value || "";

/* The selection as the boxes show it, and the toolbar after it. */
function show() {
  const side = one("#velg-side"), all = boxes(), some = ticked();
  if (side) {
    side.checked = all.length > 0 && some.length === all.length;
    side.indeterminate = some.length > 0 && !side.checked;
  }
  const line = one("#bulk-linje");
  if (!line) return;
  one("#bulk-alle").value = isAll ? "ja" : "";
  clearTimeout(waiting);
  if (!picks.size) { hide(line); return; }
  waiting = setTimeout(() => { line.hidden = false; htmx.trigger("#bulk-valg", "velg"); }, 60);
}
function hide(line) {
  if (line.contains(document.activeElement)) (rowOf(last) || one("#velg-side") || one("#innhold"))?.focus();
  line.hidden = true;
  one("#bulk-valg").replaceChildren();
  one("#bulk-antall").replaceChildren();
}
const rowOf = (id) => id && document.getElementById(`a-${id}`);

function set(box, on) {
  box.checked = on;
  if (on) picks.add(box.value); else picks.delete(box.value);
}
function pick(box, on, toHere) {
  const all = boxes();
  const from = toHere ? all.findIndex((other) => other.value === last) : -1, to = all.indexOf(box);
  isAll = isAll && on;
  if (from < 0) set(box, on);
  else for (const other of all.slice(Math.min(from, to), Math.max(from, to) + 1)) set(other, on);
  last = box.value;
  show();
}
function pickPage(on) { isAll = false; for (const box of boxes()) set(box, on); show(); }
function pickAll() { isAll = true; allOf = listQuery(); for (const box of boxes()) set(box, true); show(); }
function clear() { isAll = false; picks.clear(); for (const box of boxes()) box.checked = false; show(); }

/* After the list was renewed: what is still there is still chosen. */
function restore() {
  isAll = isAll && allOf === listQuery();
  const here = new Set(boxes().map((box) => box.value));
  for (const id of picks) if (!here.has(id)) picks.delete(id);
  for (const box of boxes()) set(box, isAll || picks.has(box.value));
  show();
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.id === "velg-side") pickPage(box.checked);
  else if (box.matches("#liste .c-pick input[name=id]")) pick(box, box.checked, false);
});
document.addEventListener("click", (event) => {
  const target = event.target;
  if (event.shiftKey && target.matches("#liste .c-pick input[name=id]") && last) { getSelection().removeAllRanges(); pick(target, target.checked, true); }
  const press = target.closest("[data-bulk]");
  if (press?.dataset.bulk === "alle") pickAll();
  if (press?.dataset.bulk === "ingen") clear();
  if (target.closest("[data-bulk-close]")) { target.closest(".bulk-receipt").remove(); one("#innhold").focus({ preventScroll: true }); }
});

/* For keys.js: the row in focus, or the one that is open. */
function pickRow(toHere) {
  const row = document.activeElement?.closest("tr[data-dialog]") || one("tr[data-open]");
  const box = row && one(".c-pick input[name=id]", row);
  if (box) pick(box, toHere ? true : !box.checked, toHere);
}

/* Do something from elsewhere: a key, the panel, the command menu. To these dialogs; when they are
   among those chosen, to all that are chosen. */
function act(name, ids) {
  const form = one("#bulk");
  const values = { act: name, nokkel: `${Date.now()}${Math.random()}` };
  if (!ids.every((id) => picks.has(id))) Object.assign(values, { alle: "", ids: ids.join(",") });
  htmx.ajax("POST", form.action, { source: form, values });
}
document.addEventListener("htmx:configRequest", (event) => {
  const sent = event.detail.parameters;
  if (!event.detail.elt.closest("#bulk")) return;
  if (!isAll && !sent.ids) sent.ids = [...picks].join(","); // one field, however many
  delete sent.id;
});

/* Answers: a question opens its box; what is begun or done closes it, and takes the focus. */
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "bulk-boks-innhold") return;
  const box = one("#bulk-boks");
  if (!box.open) box.showModal();
  const search = one("[data-bulk-search]", box);
  if (search) search.hidden = false;
  (one("[aria-invalid]", box) || (search && one("input", search)) || one("#bulk-sporsmal"))?.focus();
});
let said = ""; // what came of it, for those who hear the page
document.addEventListener("bulk", ({ detail }) => {
  if (detail.ny) { document.getElementById(`bulk-jobb-${detail.for}`)?.remove(); begun(); }
  said = detail.tekst;
  if (detail.ferdig && one("#nytt")) refresh(false);
  else if (detail.ny) setTimeout(ask, 500);
  if (!detail.ferdig || !one("#nytt")) say(said);
});
function begun() {
  const box = one("#bulk-boks"), place = one("#bulk-svar");
  if (box?.open) { box.close(); one("#bulk-boks-innhold").replaceChildren(); }
  for (const old of every(".bulk-receipt", place).slice(Number(place.dataset.keep))) old.remove();
  clear();
  one(".bulk-receipt", place)?.focus({ preventScroll: true });
}
document.addEventListener("htmx:afterSettle", (event) => {
  if (!["liste", "flere"].includes(event.detail.target?.id)) return;
  restore();
  say(said); // after what is said of the list
  setTimeout(() => { said = ""; }, 1000);
});

/* Progress: asked for every two seconds while the page is in sight. */
function ask() {
  if (document.visibilityState !== "visible") return;
  for (const receipt of every("[data-bulk-poll]")) htmx.trigger(receipt, "hent");
}
setInterval(ask, 2000);

/* The questions: find a colleague by typing, and what is filled in is what is meant. */
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.id === "bulk-sok") {
    const words = field.value.toLocaleLowerCase("nb").split(/\s+/).filter(Boolean);
    for (const label of every("#bulk-kolleger label")) {
      const names = label.textContent.toLocaleLowerCase("nb").split(/[\s-]+/);
      label.parentElement.hidden = !words.every((word) => names.some((name) => name.startsWith(word)));
    }
  }
  if (field.dataset.how) one(`[name=how][value=${field.dataset.how}]`, field.form).checked = true;
});
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "bulk-sok" || event.key !== "Enter") return;
  event.preventDefault();
  const first = one("#bulk-kolleger .ds-field:not([hidden]) input");
  if (first) { first.checked = true; first.focus(); }
});

addEventListener("pageshow", () => { for (const box of ticked()) picks.add(box.value); if (picks.size) show(); });
document.addEventListener("DOMContentLoaded", () => { if (one("[data-bulk-search]")) one("[data-bulk-search]").hidden = false; });
window.bulk = { act, pickRow, pickPage, clear, count: () => picks.size };
})();
