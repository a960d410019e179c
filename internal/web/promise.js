// The page of a promise reads itself anew. It works without: then it tells what
// it told when it was opened.
'use strict';
(() => {
const every = 10000;
const part = sel => document.querySelector(sel);
const inUse = () => part('main :active') || part('main input:checked') || part('main form')?.contains(document.activeElement);
const read = async () => {
  if (document.hidden) return;
  try {
    const r = await fetch(location.href, {credentials: 'same-origin'});
    if (!r.ok) return;
    const now = new DOMParser().parseFromString(await r.text(), 'text/html');
    for (const sel of ['h1', '#stands']) {
      const is = part(sel), will = now.querySelector(sel);
      if (is && will && is.innerHTML !== will.innerHTML) is.replaceChildren(...will.childNodes);
    }
    const forms = [...document.forms].map(f => f.innerHTML).join(), fresh = [...now.forms].map(f => f.innerHTML).join();
    if (forms !== fresh && !inUse()) part('main').replaceWith(now.querySelector('main')); // nothing is taken from under a finger
  } catch {}
};
setInterval(read, every);
document.addEventListener('visibilitychange', read);
})();
