// Keeps the list of visits as it is at the clinic. The page works without.
(() => {
  const SOON = 30000, LATER = 300000;
  const shown = document.getElementById("visits");
  const seen = () => document.visibilityState === "visible";
  let timer, asked = Date.now();
  const put = (next) => {
    if (next.innerHTML === shown.innerHTML) return;
    const held = shown.contains(document.activeElement) ? document.activeElement : null;
    const place = held && held.href;
    shown.replaceChildren(...next.childNodes);
    if (held) ([...shown.querySelectorAll("a")].find((link) => link.href === place) || document.getElementById("main")).focus();
  };
  const ask = async () => {
    clearTimeout(timer);
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "omit" });
      if (answer.status === 404) return location.reload();
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = page.getElementById("visits");
        if (next) put(next);
      }
    } catch { /* Offline: what stands here stays. */ }
    wait();
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, seen() ? SOON : LATER);
  };
  document.addEventListener("visibilitychange", () => {
    if (seen() && Date.now() - asked > SOON) ask(); else wait();
  });
  wait();
})();
