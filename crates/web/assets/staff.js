// Copy buttons, menus, and forms that are sent once. Without this script a link can be marked by hand, and menus still
// open and close.
(() => {
  // What was done, for everybody to see and to hear. It is there before it says anything: only then is it read out.
  const toast = Object.assign(document.createElement("p"), { id: "copied", className: "toast" });
  toast.setAttribute("role", "status");
  let silence;
  const say = (words, kind = "") => {
    // A dialog that is open covers everything else.
    (document.querySelector("dialog[open]") ?? document.body).append(toast);
    toast.className = `toast ${kind} shown`;
    toast.textContent = words;
    clearTimeout(silence);
    silence = setTimeout(() => {
      toast.classList.remove("shown");
      toast.textContent = "";
    }, 5000);
  };
  document.body.append(toast);

  // For pages that a browser does not trust with its clipboard, such as plain http in the clinic's own network.
  const copyByHand = (text) => {
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
    const before = document.activeElement;
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {}
    field.remove();
    before?.focus({ preventScroll: true });
    return done;
  };

  // What is copied stands in the page already: a browser lets a page write to the clipboard only while it answers a click.
  const copy = (button) => {
    const { copy: text, said = "Copied: the link", tell, to } = button.dataset;
    const done = () => {
      button.classList.add("done");
      setTimeout(() => button.classList.remove("done"), 2500);
      say(said, "good");
      if (!tell) return;
      // The ledger hears of it even if the page is left at once.
      fetch(tell, { method: "POST", body: new URLSearchParams({ to }), keepalive: true }).then(
        (answer) => {
          if (answer.ok) document.dispatchEvent(new Event("handed-out"));
          else say(`${said}. It could not be noted here.`, "good");
        },
        () => say(`${said}. It could not be noted here.`, "good"),
      );
    };
    const failed = () => {
      if (copyByHand(text)) return done();
      say("Not copied. Mark the link on the appointment’s page and copy it there.", "bad");
    };
    if (navigator.clipboard?.writeText) navigator.clipboard.writeText(text).then(done, failed);
    else failed();
  };

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    const off = event.target.closest("[aria-disabled=true]");
    if (off) {
      event.preventDefault();
      const why = off.querySelector("small") ?? off.closest(".panel, .cannot")?.querySelector(".why-not, small");
      say(`Not possible now. ${why?.textContent ?? ""}`.trim(), "bad");
    }
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    closeMenus(event.target.closest("details.menu"));
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    // Arrows lead through a menu, as Tab does.
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    const all = [...menu.querySelectorAll("summary, .panel a, .panel button")].filter((one) => one.offsetParent);
    const next = all.indexOf(document.activeElement) + by;
    all[Math.min(all.length - 1, Math.max(0, next))]?.focus();
  });
  // What is sent twice by a second press would be sent to a patient twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.classList.add("sending");
  });
  // Back from the next page, it can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll(".sending")) button.classList.remove("sending");
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[readonly]")) event.target.select();
  });
})();
