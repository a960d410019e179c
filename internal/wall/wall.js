// The wall reads itself anew. What has not changed is left alone, so that
// nobody's reading is disturbed. When it cannot be read it says so: a wall that
// stands still looks like a quiet day.
'use strict';
(() => {
const every = 3000, patience = 9000; // ms
const wall = document.getElementById('wall'), stale = document.getElementById('stale');
let last = wall.innerHTML, fresh = Date.now(), reading = false;

const say = (words) => { if (stale.textContent !== words) stale.textContent = words; };

const show = (now) => {
  if (now === last || wall.querySelector(':active')) return; // nobody's press is taken away
  last = now;
  const focus = wall.contains(document.activeElement) ? document.activeElement.getAttribute('href') : '';
  wall.innerHTML = now;
  if (focus) wall.querySelector(`a[href="${focus}"]`)?.focus();
};

const fetched = async () => {
  const r = await fetch('/wall?part=1', {credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(patience)});
  if (r.status === 401 || r.status === 403) location.reload();
  if (!r.ok) throw new Error(r.status);
  return r.text();
};

const read = async () => {
  if (document.hidden || reading) return;
  reading = true;
  try {
    show(await fetched());
    fresh = Date.now();
    say('');
  } catch {
    if (Date.now() - fresh >= patience) say(`Nothing new since ${wall.querySelector('.clock').textContent}: the service does not answer. This page goes on by itself when it does.`);
  } finally {
    reading = false;
  }
};
setInterval(read, every);
document.addEventListener('visibilitychange', read);
addEventListener('online', read);
})();
