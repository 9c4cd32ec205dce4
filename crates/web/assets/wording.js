// Keeps the preview of a message up to date while its words are typed. Without this script the Preview button does it.
(() => {
  const form = document.querySelector("form[data-preview]");
  const place = form && document.getElementById(form.dataset.preview);
  if (!place) return;

  let timer;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("do", "preview");
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(form.dataset.preview);
      // An answer to what was typed before must not replace the one to what is typed now.
      if (fresh && mine === asked) place.replaceChildren(...fresh.childNodes);
    } catch {
      // The preview stays as it is; the button still works.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 500);
  });
})();
