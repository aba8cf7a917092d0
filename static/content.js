/* The page of one dialog: when something happens to it, the page says so. Nothing that somebody is
   reading or writing is moved. Without this file the page is as it was when it was loaded. */
"use strict";

(() => {
const whole = () => one("#hele");
let stream = null, leaving = 0, waiting = 0, wasReady = false;

function lookAgain() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const before = one("#tilstand").textContent;
    await htmx.ajax("GET", whole().dataset.here, { source: one("#tilstand"), target: "#tilstand", swap: "outerHTML" });
    if (one("#tilstand").textContent !== before) say(whole().dataset.changed);
  }, 300);
}
function listen() {
  if (!whole() || stream) return;
  stream = new EventSource(whole().dataset.stream);
  stream.addEventListener("endret", (event) => {
    if (JSON.parse(event.data).some(([id]) => id === whole().dataset.whole)) lookAgain();
  });
  stream.addEventListener("klar", () => { if (wasReady) lookAgain(); wasReady = true; });
  stream.addEventListener("tilbake", lookAgain);
  stream.addEventListener("ut", stop);
}
function stop() { stream?.close(); stream = null; }

/* A hidden page lets its stream go: browsers allow few connections to one address. */
document.addEventListener("visibilitychange", () => {
  clearTimeout(leaving);
  if (document.visibilityState === "hidden") leaving = setTimeout(stop, 20000); else listen();
});
addEventListener("pagehide", stop);
document.addEventListener("DOMContentLoaded", listen);
})();
