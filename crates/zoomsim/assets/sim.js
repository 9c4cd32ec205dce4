// Renews the live part of a page when something happened in the simulated world, and keeps its timers going.
"use strict";
const every = 1000;
let seen = null;
let shown = performance.now();
function tell(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
async function look() {
  try {
    const now = await (await fetch("/sim/changes", { cache: "no-store" })).text();
    if (seen !== null && now !== seen) {
      const page = await (await fetch(location.href, { cache: "no-store" })).text();
      const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-live]");
      const old = document.querySelector("[data-live]");
      const focused = document.activeElement?.id;
      if (fresh && old) old.replaceWith(fresh);
      if (focused) document.getElementById(focused)?.focus();
      shown = performance.now();
    }
    seen = now;
  } catch { /* the simulator is down; look again later */ }
  for (const timer of document.querySelectorAll("[data-since]")) {
    timer.textContent = tell(Number(timer.dataset.since) + (performance.now() - shown) / 1000);
  }
  setTimeout(look, every);
}
setTimeout(look, every);
