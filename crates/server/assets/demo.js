// Moves the clock and the two lists every second. The page works without it; it then shows what was when it was loaded.
"use strict";

const list = (id, lines) => {
  const items = lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  });
  document.getElementById(id).replaceChildren(...items);
};

const look = async () => {
  try {
    const answer = await fetch("/demo/moving", { cache: "no-store" });
    const moving = await answer.json();
    document.getElementById("clock").textContent = moving.clock;
    document.getElementById("idle").hidden = moving.playing;
    for (const button of document.querySelectorAll("button[name=rate]")) {
      button.setAttribute("aria-pressed", String(button.value === moving.rate));
    }
    list("ahead", moving.ahead);
    list("done", moving.done);
  } catch {
    document.getElementById("clock").textContent = "The demo does not answer.";
  }
};

setInterval(look, 1000);
