/* What single keys do. One table: the help sheet and the command menu read it too. */
"use strict";

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
