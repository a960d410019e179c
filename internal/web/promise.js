// The page of a promise reads itself anew. It works without: then it tells what
// it told when it was opened.
'use strict';
(() => {
const every = 10000, most = 3; // so often in a row it may fail before the page says that it knows no more
const part = sel => document.querySelector(sel);
const inUse = () => part('main :active') || part('main input:checked') || part('main form')?.contains(document.activeElement);
let failed = 0;
const stale = is => {
  if (part('#stale')) part('#stale').hidden = !is;
  if (part('#stands')) part('#stands').hidden = is;
};
const read = async () => {
  if (document.hidden) return;
  let now, over;
  try {
    const r = await fetch(location.href, {credentials: 'same-origin'});
    over = r.status === 404; // the link is good no more
    if (!r.ok && !over) throw new Error(r.status);
    now = new DOMParser().parseFromString(await r.text(), 'text/html');
    failed = 0;
  } catch {
    if (++failed >= most) stale(true);
    return;
  }
  stale(false);
  if (over) {
    clearInterval(timer);
    part('main').replaceWith(now.querySelector('main'));
    return;
  }
  for (const sel of ['h1', '#stands']) {
    const is = part(sel), will = now.querySelector(sel);
    if (is && will && is.innerHTML !== will.innerHTML) is.replaceChildren(...will.childNodes);
  }
  const forms = [...document.forms].map(f => f.innerHTML).join(), fresh = [...now.forms].map(f => f.innerHTML).join();
  if (forms !== fresh && !inUse()) part('main').replaceWith(now.querySelector('main')); // nothing is taken from under a finger
};
const timer = setInterval(read, every);
document.addEventListener('visibilitychange', read);
})();
