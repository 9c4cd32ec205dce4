// Tells the clinic that the page was seen by somebody, once, when it is really on a screen. The page works without.
(() => {
  const address = document.body.dataset.opened;
  const tell = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", tell);
    fetch(address, { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {});
  };
  document.addEventListener("visibilitychange", tell);
  tell();
})();
