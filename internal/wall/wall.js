// The wall reads itself anew. What has not changed is left alone, so that
// nobody's reading is disturbed.
'use strict';
(() => {
const wall = document.getElementById('wall');
let last = wall.innerHTML;
const read = async () => {
  if (document.hidden) return;
  try {
    const r = await fetch('/wall?part=1', {credentials: 'same-origin'});
    if (r.status === 401 || r.status === 403) { location.reload(); return; }
    if (!r.ok) return;
    const now = await r.text();
    if (now === last || wall.querySelector(':active')) return; // nobody's press is taken away
    last = now;
    const focus = wall.contains(document.activeElement) ? document.activeElement.getAttribute('href') : '';
    wall.innerHTML = now;
    if (focus) wall.querySelector(`a[href="${focus}"]`)?.focus();
  } catch {}
};
setInterval(read, 3000);
document.addEventListener('visibilitychange', read);
})();
