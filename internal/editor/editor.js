"use strict";
// Checks the text at each pause, and leads from a mistake to its line. The
// page works without it: publishing checks too.
(() => {
  const pause = 400; // milliseconds without a key
  const form = document.getElementById("editor");
  const text = document.getElementById("text");
  const result = document.getElementById("result");
  let timer = 0;
  let latest = 0;

  // A press on a mistake is not taken away by a newer list of them.
  function show(html) {
    if (result.querySelector(":active")) window.addEventListener("pointerup", () => setTimeout(() => { result.innerHTML = html; }), { once: true });
    else result.innerHTML = html;
  }

  async function check() {
    const mine = ++latest;
    try {
      const answer = await fetch("/menus/check", { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) throw new Error(answer.statusText);
      const html = await answer.text();
      if (mine === latest) show(html);
    } catch {
      if (mine === latest) result.textContent = "The text could not be checked just now.";
    }
  }

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, pause);
  });

  result.addEventListener("click", (event) => {
    const line = Number(event.target.dataset.line);
    if (!line) return;
    const before = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = text.value.indexOf("\n", before);
    text.focus();
    text.setSelectionRange(before, end < 0 ? text.value.length : end);
    text.scrollTop = (line - 4) * parseFloat(getComputedStyle(text).lineHeight);
  });

  // Tab leaves the text, as it does everywhere: keys alone must reach every button.
  window.addEventListener("beforeunload", (event) => {
    if (text.value !== text.defaultValue && !form.dataset.sent) event.preventDefault();
  });
  form.addEventListener("submit", () => { form.dataset.sent = "yes"; });
})();
