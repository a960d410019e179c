// A page that is open tells when a file of a menu breaks, and when it is mended.
'use strict';
(() => {
const every = 2000;
const box = document.getElementById('alarms');
// The list of menus is read anew with it.
const rows = async () => {
  const was = document.querySelector('tbody.menus');
  if (!was) return;
  const r = await fetch(location.href, {credentials: 'same-origin'});
  if (!r.ok) return;
  const now = new DOMParser().parseFromString(await r.text(), 'text/html').querySelector('tbody.menus');
  const at = was.contains(document.activeElement) && document.activeElement.getAttribute('href');
  if (now) was.replaceWith(now);
  if (now && at) [...now.querySelectorAll('a')].find(a => a.getAttribute('href') === at)?.focus();
};
const show = all => {
  const there = [...box.children].map(p => p.textContent);
  if (all.join('\n') === there.join('\n')) return;
  box.replaceChildren(...all.map(text => {
    const p = document.createElement('p');
    p.className = 'alarm';
    if (!there.includes(text)) p.setAttribute('role', 'alert');
    p.textContent = text;
    return p;
  }));
  return rows();
};
const look = async () => {
  if (!document.hidden) {
    try {
      const r = await fetch('/menus/alarms', {credentials: 'same-origin'});
      if (r.ok) await show(await r.json());
    } catch {}
  }
  setTimeout(look, every);
};
setTimeout(look, every);
})();
