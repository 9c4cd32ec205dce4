// Keeps the part of the page called "live" as it is at the server, and counts minutes in between. What the server
// draws is the truth; this script only asks for it again, and says so when it cannot.
(() => {
  const part = () => document.getElementById("live");
  const lost = document.getElementById("lost");
  const COALESCE = 300, POLL = 10_000, SAFETY = 30_000;
  // The server's clock: its time when the page was drawn, and how fast it goes.
  let zero;
  const anchor = () => {
    const { now, rate } = part().dataset;
    zero = { server: Number(now), here: Date.now(), rate: Number(rate ?? 1) };
  };
  const now = () => zero.server + (Date.now() - zero.here) * zero.rate;

  // As the server words lengths and ages: pages/view/words.rs and pages/view/board.rs.
  const length = (ms) => {
    const minutes = Math.max(0, Math.floor(ms / 60_000));
    return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  };
  const ago = (ms) => (ms < 5_000 ? "just now" : ms < 60_000 ? `${Math.floor(ms / 1000)} s ago` : `${length(ms)} ago`);
  const AGES = [[15, "very", "waiting very long"], [5, "long", "waiting long"], [0, "", "waiting"]];
  const wallTime = (offset) => new Date(now() + Number(offset) * 1000).toISOString().slice(11, 16);
  const put = (place, text) => {
    if (place.textContent !== text) place.textContent = text;
  };

  const tick = () => {
    let aged = false;
    for (const place of document.querySelectorAll("[data-since]")) {
      const ms = now() - Number(place.dataset.since);
      put(place, length(ms));
      const state = place.closest("[data-ages]");
      if (!state) continue;
      const [, look, word] = AGES.find(([minutes]) => ms >= minutes * 60_000) ?? AGES[2];
      const looks = ["waiting", look].join(" ").trim();
      if (state.dataset.looks !== looks) {
        for (const one of [state, state.closest(".row, .guest")]) {
          one?.classList.remove("long", "very");
          if (look) one?.classList.add(look);
        }
        aged ||= state.dataset.looks !== undefined;
        state.dataset.looks = looks;
      }
      put(state.querySelector(".word"), word);
    }
    for (const place of document.querySelectorAll("[data-ago]")) put(place, ago(now() - Number(place.dataset.ago)));
    for (const place of document.querySelectorAll("[data-clock]")) put(place, wallTime(place.dataset.clock));
    // Who waits longer may belong elsewhere on the page: the server says where.
    if (aged) soon();
  };

  let due, busy = false, again = false;
  const soon = () => {
    due ??= setTimeout(load, COALESCE);
  };
  const load = async () => {
    due = undefined;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(part().dataset.rows, { headers: { accept: "text/html" }, cache: "no-store" });
      if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      morph(await answer.text());
      if (connected()) tellFound();
    } catch {
      tellLost();
      setTimeout(soon, POLL / 2);
    } finally {
      busy = false;
      if (again) {
        again = false;
        soon();
      }
    }
  };
  const morph = (html) => {
    Idiomorph.morph(part(), html, {
      morphStyle: "outerHTML",
      restoreFocus: true,
      callbacks: {
        // What a person has open stays open; what they are typing stays theirs.
        beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS"),
        beforeNodeMorphed: (node) =>
          node.id !== "tools" && !node.classList?.contains("done") && !node.hasAttribute?.("data-loaded"),
      },
    });
    anchor();
    tick();
    document.dispatchEvent(new Event("live"));
  };

  // The sentence that says since when the page may be old.
  let stream, since;
  const connected = () => !stream || stream.readyState === 1;
  const tellLost = () => {
    if (since !== undefined) return;
    since = now();
    const clock = document.querySelector("[data-clock]");
    lost.textContent = `No connection since ${clock ? wallTime(clock.dataset.clock) : "a moment ago"}. What you see may be old. Trying again…`;
    lost.hidden = false;
  };
  const tellFound = () => {
    since = undefined;
    lost.hidden = true;
  };
  const listen = () => {
    stream = new EventSource(part().dataset.stream);
    stream.addEventListener("board", soon);
    stream.addEventListener("open", soon);
    stream.addEventListener("error", () => {
      tellLost();
      if (stream.readyState !== 2) return;
      // The browser gave up: a session that ended, or a server that was not there. Asking anew tells which.
      soon();
      setTimeout(listen, POLL / 2);
    });
  };

  anchor();
  tick();
  setInterval(tick, 1000);
  // A part that shows how something gets on asks more often, for as long as it says so.
  const poll = () => {
    setTimeout(() => {
      soon();
      poll();
    }, Number(part().dataset.poll ?? POLL));
  };
  if (part().dataset.stream) {
    listen();
    setInterval(soon, SAFETY);
  } else {
    poll();
  }
  // A link was copied: what became of it stands in this part.
  document.addEventListener("handed-out", soon);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon());
})();
