// Reloads the page when something happened in the simulated world; leaves a form alone that somebody is filling in.
"use strict";
const every = 1500;
let seen = null;
let touched = false;
document.addEventListener("input", () => { touched = true; });
async function look() {
  try {
    const answer = await fetch("/sim/changes", { cache: "no-store" });
    const now = await answer.text();
    if (seen !== null && now !== seen && !touched) {
      const page = await fetch(location.href, { cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[data-live]");
      const old = document.querySelector("[data-live]");
      const focused = document.activeElement && document.activeElement.id;
      if (fresh && old) old.replaceWith(fresh);
      if (focused) document.getElementById(focused)?.focus();
    }
    seen = now;
  } catch { /* the simulator is down; look again later */ }
  setTimeout(look, every);
}
setTimeout(look, every);
