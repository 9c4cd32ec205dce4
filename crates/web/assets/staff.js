// Copy buttons and menus. Without this script a link can be marked by hand, and menus still open and close.
(() => {
  const say = (words) => {
    let place = document.getElementById("copied");
    if (!place) {
      place = Object.assign(document.createElement("p"), { id: "copied", className: "unseen" });
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    place.textContent = words;
  };

  // For pages that a browser does not trust with its clipboard, such as plain http in the clinic's own network.
  const copyByHand = (text) => {
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const copy = async (button) => {
    const text = button.dataset.copy;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = copyByHand(text);
    }
    const before = (button.dataset.word ??= button.textContent);
    button.textContent = done ? "Copied" : "Not copied: mark the link and copy it";
    button.classList.toggle("done", done);
    say(done ? "The link is copied." : "The link could not be copied.");
    setTimeout(() => {
      button.textContent = before;
      button.classList.remove("done");
    }, 2500);
  };

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    closeMenus(event.target.closest("details.menu"));
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  for (const field of document.querySelectorAll("input[readonly]")) {
    field.addEventListener("focus", () => field.select());
  }
})();
