// Keeps the patient's page as it is at the clinic, tells the time where the patient is, and says once that somebody has
// the page before them. The page works without.
(() => {
  const { visit, page } = document.body.dataset;
  const seen = () => document.visibilityState === "visible";

  // Programs that open links for somebody else show no sign of life; whoever only reads stays a while.
  const SIGNS = ["pointerdown", "pointermove", "touchstart", "keydown", "wheel", "scroll"];
  const READING = 3000;
  let reading;
  const tell = () => {
    SIGNS.forEach((sign) => removeEventListener(sign, lives, true));
    document.removeEventListener("visibilitychange", look);
    clearTimeout(reading);
    fetch(`${visit}/opened`, { method: "POST", body: new URLSearchParams({ page }), keepalive: true, credentials: "omit" }).catch(() => {});
  };
  const lives = (event) => { if (event.isTrusted && seen()) tell(); };
  const look = () => {
    clearTimeout(reading);
    if (seen()) reading = setTimeout(tell, READING);
  };
  SIGNS.forEach((sign) => addEventListener(sign, lives, { capture: true, passive: true }));
  document.addEventListener("visibilitychange", look);
  look();

  // As the parts came from the clinic, before anything here was changed in them.
  const came = new Map([...document.querySelectorAll("[data-shows]")].map((shown) =>
    [shown, shown.innerHTML.trim().replace(`value="${page}"`, 'value=""')]));

  // The time on the patient's own clock, where it differs from the clinic's.
  const own = () => {
    const yours = document.getElementById("yours");
    const starts = new Date(yours.dataset.starts);
    if (-starts.getTimezoneOffset() === Number(yours.dataset.offset)) return;
    const language = document.documentElement.lang;
    const write = (how) => new Intl.DateTimeFormat(language, how).format(starts);
    yours.textContent = yours.textContent
      .replace("{date}", write({ weekday: "long", day: "numeric", month: "long", year: "numeric" }))
      .replace("{time}", write({ hour: "numeric", minute: "2-digit" }));
    yours.hidden = false;
  };
  own();

  // What changes by itself: when and with whom, notices, the wait, whether Join is here.
  const SOON = 15000, LATER = 60000;
  let tag = "", timer, asked = 0, over = "final" in document.body.dataset;
  const put = (shown, part) => {
    const next = part.innerHTML.trim();
    if (next === came.get(shown)) return;
    came.set(shown, next);
    const held = shown.contains(document.activeElement) ? document.activeElement : null;
    const fold = held && held.closest("details");
    const opened = [...shown.querySelectorAll("details[open]")].map((details) => details.id);
    const heading = document.getElementById("heading").textContent;
    shown.innerHTML = next;
    document.title = document.title.replace(heading, () => document.getElementById("heading").textContent);
    shown.querySelectorAll("[name=page]").forEach((field) => { field.value = page; });
    opened.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
    if (part.dataset.part === "when") own();
    if (!held) return;
    const again = held.id ? document.getElementById(held.id) : fold && document.querySelector(`#${fold.id} > summary`);
    (again || document.getElementById("heading")).focus();
  };
  // The check may be running, and stays as it is; it goes when there is nothing to join, and comes with a new page.
  const check = (toCome) => {
    const shown = document.getElementById("check");
    if (!shown) return toCome && location.reload();
    if (shown.hidden === !toCome) return;
    if (shown.contains(document.activeElement)) document.getElementById("heading").focus();
    shown.hidden = !toCome;
    if (!toCome) document.dispatchEvent(new Event("check-over"));
  };
  const ask = async () => {
    clearTimeout(timer);
    asked = Date.now();
    try {
      const answer = await fetch(`${visit}/now${location.search}`, { headers: { "if-none-match": tag }, cache: "no-store", credentials: "omit" });
      if (answer.status === 404) return location.reload();
      if (answer.status === 200) {
        tag = answer.headers.get("etag") || "";
        const parts = document.createElement("template");
        parts.innerHTML = await answer.text();
        for (const part of parts.content.querySelectorAll("[data-part]")) {
          const shown = document.querySelector(`[data-shows="${part.dataset.part}"]`);
          if (shown) put(shown, part);
          if (part.dataset.part === "state") {
            over = "final" in part.dataset;
            check("toCome" in part.dataset);
          }
        }
      }
    } catch { /* Offline: what stands here stays. */ }
    wait();
  };
  const wait = () => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(ask, seen() ? SOON : LATER);
  };
  document.addEventListener("visibilitychange", () => {
    // Even a visit that is over may have been moved since.
    if (seen() && Date.now() - asked > SOON) ask(); else wait();
  });
  wait();
})();
