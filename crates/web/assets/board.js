// The board's keyboard, its search as one types, and its alerts. The board works without any of it.
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = () => [...document.querySelectorAll(".row:not([hidden])")];
  const help = $("help");
  const kept = (name, value) => {
    try {
      return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value);
    } catch {
      return null;
    }
  };

  // Search among the rows that are there.
  const sought = () => $("search").value.trim().toLocaleLowerCase();
  const sift = () => {
    const text = sought();
    let shown = 0;
    for (const row of document.querySelectorAll(".row")) {
      row.hidden = text !== "" && !row.querySelector(".who").textContent.toLocaleLowerCase().includes(text);
      shown += row.hidden ? 0 : 1;
    }
    for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector(".row:not([hidden])");
    $("nothing").hidden = text === "" || shown > 0;
  };
  document.addEventListener("input", (event) => event.target.id === "search" && sift());

  // Keys.
  const letters = $("letters");
  letters.checked = kept("letters") !== "off";
  letters.addEventListener("change", () => kept("letters", letters.checked ? "on" : "off"));
  const current = () => document.activeElement?.closest(".row");
  const step = (by) => {
    const all = rows();
    const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(current()) + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  // Leads to the button that does it, in this row or in the first that has one; Enter presses it.
  const aim = (button) => {
    const row = current() ?? document.querySelector(`.row:has(${button})`);
    const first = row?.querySelector(button);
    const menu = first?.closest("details");
    if (menu) menu.open = true;
    (first ?? row)?.focus();
    return first;
  };
  const takeBack = () => {
    const said = document.querySelector(".said .undo");
    if (!current() && said) said.focus();
    else aim(".undo");
  };

  // The ways to hand out a row's links are fetched when somebody reaches for them, and stand in the page by the time
  // that they are pressed: only then does a browser let them be copied. They are fetched anew each time, since a link
  // may have been renewed, or a visit cancelled.
  const FRESH = 3000;
  const fetched = new WeakMap();
  const place = (row) => row?.querySelector("[data-menu]");
  const load = (ways) => {
    const had = fetched.get(ways);
    if (had && Date.now() - had.at < FRESH) return had.done;
    const without = had?.without ?? ways.innerHTML;
    ways.inert = ways.hasAttribute("data-loaded");
    const done = fetch(ways.dataset.menu, { headers: { accept: "text/html" }, cache: "no-store" })
      .then(async (answer) => {
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        ways.innerHTML = await answer.text();
        ways.setAttribute("data-loaded", "");
        return true;
      })
      .catch(() => {
        // The link to the appointment's page stays.
        ways.innerHTML = without;
        fetched.delete(ways);
        return false;
      })
      .finally(() => {
        ways.inert = false;
      });
    fetched.set(ways, { at: Date.now(), done, without });
    return done;
  };
  // A menu's opening is told to itself alone, but on the way down.
  document.addEventListener(
    "toggle",
    (event) => {
      const ways = event.target.open && event.target.querySelector?.("[data-menu]");
      if (ways) load(ways);
    },
    true,
  );
  const reach = (event) => {
    const button = event.target.closest?.("[data-copy-of]");
    const ways = button && place(button.closest(".row"));
    if (ways) load(ways);
  };
  for (const kind of ["pointerover", "pointerdown", "focusin"]) document.addEventListener(kind, reach);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-of]");
    const row = button?.closest(".row");
    const ways = place(row);
    if (!ways) return;
    event.preventDefault();
    const press = () => {
      const copies = ways.querySelector(`[data-copy][data-to="${button.dataset.copyOf}"]`);
      if (copies) copies.click();
      else openMenu(row);
    };
    // At once where it is there, so that the click is still being answered.
    if (ways.hasAttribute("data-loaded") && !ways.inert) press();
    else load(ways).then(press);
  });

  // What is said to patients is written in a dialog over the board; its page does the same without a script.
  const told = $("told");
  const openTold = async (href) => {
    try {
      const answer = await fetch(href, { headers: { accept: "text/html" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.getElementById("tell");
      const title = page.createElement("h2");
      title.id = "tell-title";
      title.append(...part.querySelector("h1").childNodes);
      part.querySelector("h1").replaceWith(title);
      told.replaceChildren(...part.childNodes);
      told.showModal();
      told.querySelector(".minutes button, input")?.focus();
    } catch {
      location.assign(href);
    }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openTold(link.href);
    }
    if (event.target.closest("#told [data-close]")) {
      event.preventDefault();
      told.close();
    }
  });
  // Back to where it was opened from; the row may have moved since.
  let opener;
  const late = () => {
    const row = current() ?? document.querySelector(".row:has(.tell)");
    const link = row?.querySelector(".tell");
    if (!link) return row?.focus();
    opener = row.id;
    openTold(link.href);
  };
  told.addEventListener("close", () => {
    if (opener) $(opener)?.focus();
    opener = undefined;
  });

  const openMenu = (row) => {
    const menu = row?.querySelector("details.more") ?? row?.querySelector("details.other");
    if (!menu) return false;
    menu.open = true;
    menu.querySelector(".panel a, .panel button")?.focus();
    return true;
  };
  const keys = {
    "/": () => $("search").focus(),
    j: () => step(1), ArrowDown: () => step(1),
    k: () => step(-1), ArrowUp: () => step(-1),
    a: () => aim(".assign"),
    n: () => aim(".deny"),
    u: takeBack,
    r: () => aim(".resend"),
    l: late,
    m: () => openMenu(current()),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || told.open) return;
    const typing = event.target.matches("input, select, textarea");
    if (typing && event.key === "Escape" && event.target.id === "search") {
      event.target.value = "";
      sift();
      event.target.blur();
    }
    if (event.key === "Enter" && event.target.matches(".row")) event.target.querySelector("a.open")?.click();
    if (typing || event.target.closest("details.menu[open]") || (event.key.length === 1 && !letters.checked)) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  // Right click, and the menu key, which the browser tells as one.
  document.addEventListener("contextmenu", (event) => {
    const row = event.target.closest(".row");
    if (row && !event.target.closest(".panel, input") && String(getSelection()) === "" && openMenu(row)) event.preventDefault();
  });
  // Long press, where a finger has no second button. Not every browser tells it as a right click.
  let press;
  const release = () => {
    clearTimeout(press?.timer);
    press = press?.opened ? press : undefined;
  };
  document.addEventListener("pointerdown", (event) => {
    press = undefined;
    const row = event.target.closest(".row");
    if (event.pointerType !== "touch" || !row || event.target.closest("button, input, select, summary, .panel")) return;
    press = { x: event.clientX, y: event.clientY, opened: false };
    press.timer = setTimeout(() => {
      if (press) press.opened = openMenu(row);
    }, 550);
  });
  document.addEventListener("pointermove", (event) => {
    if (press && !press.opened && Math.hypot(event.clientX - press.x, event.clientY - press.y) > 10) release();
  });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release);
  // The finger that is lifted from an opened menu's row has not pressed what lies under it.
  document.addEventListener(
    "click",
    (event) => {
      if (!press?.opened) return;
      press = undefined;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  document.querySelector("[data-help]").addEventListener("click", () => help.showModal());

  // Alerts: off until switched on, here and on this computer alone.
  const on = (name) => kept(name) === "on" && (name !== "notice" || globalThis.Notification?.permission === "granted");
  const show = () => {
    for (const button of document.querySelectorAll("[data-switch]")) {
      button.setAttribute("aria-pressed", on(button.dataset.switch));
      button.querySelector("b").textContent = on(button.dataset.switch) ? "on" : "off";
    }
  };
  const beep = () => {
    const audio = new AudioContext(), tone = audio.createOscillator(), loud = audio.createGain();
    tone.connect(loud).connect(audio.destination);
    tone.frequency.value = 660;
    loud.gain.setValueAtTime(0.12, audio.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
    tone.start();
    tone.stop(audio.currentTime + 0.5);
    tone.onended = () => audio.close();
  };
  for (const button of document.querySelectorAll("[data-switch]")) {
    button.addEventListener("click", async () => {
      const name = button.dataset.switch;
      const wanted = !on(name);
      if (wanted && name === "notice") await globalThis.Notification?.requestPermission();
      kept(name, wanted ? "on" : "off");
      if (wanted && name === "sound") beep();
      show();
    });
  }
  show();
  $("extras").hidden = false;

  // What was just decided is said once: not again when the page is loaded anew.
  if (new URLSearchParams(location.search).has("done")) {
    history.replaceState(null, "", $("live").dataset.rows.replace("/rows", ""));
  }

  // Each arrival speaks once. Who was there when the page was opened does not.
  const arrivals = () => [...document.querySelectorAll("[data-arrival]")];
  const known = new Set(arrivals().map((row) => row.dataset.arrival));
  const warnings = () => [...document.querySelectorAll("[data-warning]")];
  const warned = new Set(warnings().map((one) => one.dataset.warning));
  let heard = $("live").dataset.summary;
  document.addEventListener("live", () => {
    sift();
    const fresh = arrivals().filter((row) => !known.has(row.dataset.arrival));
    for (const row of fresh) {
      known.add(row.dataset.arrival);
      row.classList.add("fresh");
      if (on("notice")) new Notification(row.dataset.notice, { tag: row.dataset.arrival });
    }
    if (fresh.length > 0 && on("sound")) beep();
    // One sentence at a time: what is new to look out for, or else how many stand where.
    const alarm = warnings().filter((one) => !warned.has(one.dataset.warning));
    for (const one of alarm) warned.add(one.dataset.warning);
    const { summary } = $("live").dataset;
    if (alarm.length > 0) $("news").textContent = `Look out: ${alarm.map((one) => one.querySelector(".what").textContent).join(" ")}`;
    else if (summary !== heard) $("news").textContent = summary;
    heard = summary;
  });
})();
