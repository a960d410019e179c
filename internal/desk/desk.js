// The desk without this script is a page of links and forms. With it, rows come
// and go by themselves, keys do things, and the story opens beside the list.
'use strict';
(() => {
const body = document.body, me = body.dataset.me, all = body.dataset.all === 'true';
const rows = document.getElementById('rows'), story = document.getElementById('story'), saidAt = document.getElementById('said');
const title = document.title, only = document.getElementById('only');
let view = body.dataset.view, skew = Number(body.dataset.now) - Date.now(), open = body.dataset.open || '', alerts = 0, undo = '', undoUntil = 0;

// What is chosen here is kept in this browser.
const chosen = id => {
  const box = document.getElementById(id);
  try { box.checked = localStorage.getItem('desk.' + id) !== 'off'; } catch {}
  box.addEventListener('change', () => { try { localStorage.setItem('desk.' + id, box.checked ? 'on' : 'off'); } catch {} });
  return box;
};
const keysOn = chosen('keyson'), soundOn = chosen('sound');

// Time goes by.
const now = () => Date.now() + skew;
const pad = n => String(n).padStart(2, '0');
const spell = m => m < 60 ? `${m} min` : m < 1440 ? `${Math.floor(m / 60)} h ${pad(m % 60)} min` : `${Math.floor(m / 1440)} d ${Math.floor(m / 60) % 24} h`;
const inWords = ms => {
  const m = ms < -30000 ? -Math.floor((30000 - ms) / 60000) : Math.floor((ms + 30000) / 60000);
  return m < 0 ? spell(-m) + ' late' : m === 0 ? 'now' : 'in ' + spell(m);
};
const put = (el, text) => { if (el && el.textContent !== text) el.textContent = text; };
const has = {
  team: r => r.k !== 'd', my: r => r.k !== 'd' && mine(r), done: r => r.k === 'd',
  overdue: r => (r.k === 'w' || r.k === 'p') && r.t * 1000 < now(),
  next: r => r.k !== 'd' && r.t * 1000 >= now() && r.t * 1000 < now() + 7200000,
};
const mine = r => me !== '' && (r.o === me || r.a === me && r.k === 'a');
// Of the rows of a view, those are shown that have all words which are asked for.
const fold = text => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ς', 'σ');
let wanted = [];
const fits = tr => wanted.every(word => fold([...tr.cells].slice(0, 7).map(td => td.textContent).join(' ')).includes(word));
const dress = tr => {
  const r = tr.dataset, waits = r.k === 'w' || r.k === 'p', late = waits && r.t * 1000 - now() < -30000;
  tr.classList.toggle('mine', mine(r));
  tr.classList.toggle('open', tr.id === 'r-' + open);
  tr.firstElementChild.classList.toggle('late', late);
  put(tr.querySelector('.in'), waits ? inWords(r.t * 1000 - now()) : '');
  const there = new Date(now() + r.z * 1000);
  put(tr.querySelector('.there'), pad(there.getUTCHours()) + ':' + pad(there.getUTCMinutes()));
  const others = r.o && r.o !== me && !all;
  for (const b of tr.querySelectorAll('button')) b.hidden = others;
  const hide = !has[view](r) || !fits(tr);
  if (tr.hidden !== hide && tr !== document.activeElement?.closest('tr')) tr.hidden = hide;
};
const tidy = () => {
  const count = {team: 0, my: 0, overdue: 0, next: 0, done: 0};
  let seen = 0, less = 0;
  letGo();
  wanted = fold(only.value).split(/\s+/).filter(Boolean);
  for (const tr of rows.children) {
    dress(tr);
    for (const v in count) if (has[v](tr.dataset)) count[v]++;
    if (!tr.hidden) seen++; else if (has[view](tr.dataset)) less++;
  }
  for (const a of document.querySelectorAll('.views a[data-view]')) put(a.querySelector('.count'), String(count[a.dataset.view]));
  put(document.getElementById('empty'), less ? `Not shown: ${less} without these words.` : seen ? '' : 'Nothing here just now.');
  badge();
  if (now() >= until && !turning) turning = setTimeout(() => whenFree(turn), 20000 * Math.random()); // not all desks at once
};
let soon = 0;
const tidySoon = () => { if (!soon) soon = requestAnimationFrame(() => { soon = 0; whenFree(tidy); }); };
const badge = () => {
  let late = 0;
  for (const tr of rows.querySelectorAll('tr.mine')) if (tr.firstElementChild.classList.contains('late')) late++;
  const n = late + alerts, want = n ? `(${n}) ${title}` : title;
  if (document.title !== want) document.title = want;
};

// What comes by itself takes nothing from under a person's hands: while a button
// is held down all stands still, and only what differs is changed, so that
// focus, words and choices stay.
let pressed = false, longest = 0;
const waits = [];
const whenFree = fn => { if (pressed) waits.push(fn); else fn(); };
const released = () => setTimeout(() => { pressed = false; for (const fn of waits.splice(0)) fn(); }); // after the click
document.addEventListener('pointerdown', e => {
  if (e.target.closest('select')) return; // its list keeps the release to itself
  pressed = true;
  clearTimeout(longest);
  longest = setTimeout(released, 60000);
}, true);
for (const name of ['pointerup', 'pointercancel', 'dragend']) document.addEventListener(name, released, true);
window.addEventListener('blur', released);
const key = n => n.nodeType === 1 ? [n.nodeName, n.id, n.getAttribute('action'), n.dataset.do, n.getAttribute('name'),
  /^(BUTTON|OPTION)$/.test(n.nodeName) || n.type === 'radio' ? n.value : '', n.firstElementChild?.nodeName === 'H3' ? n.firstElementChild.textContent : ''].join('|') : n.nodeName;
const morph = (old, fresh) => {
  if (old.nodeType !== 1) { put(old, fresh.textContent); return; }
  for (const a of [...old.attributes]) if (a.name !== 'open' && !fresh.hasAttribute(a.name)) old.removeAttribute(a.name);
  for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
  morphAll(old, fresh);
};
const morphAll = (old, fresh) => {
  let at = old.firstChild;
  for (const n of [...fresh.childNodes]) {
    let like = at;
    while (like && key(like) !== key(n)) like = n.nodeType === 1 ? like.nextSibling : null;
    if (!like) { old.insertBefore(n, at); continue; }
    while (at !== like) { const gone = at; at = at.nextSibling; gone.remove(); }
    morph(like, n);
    at = like.nextSibling;
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
};

// Rows come, change and go. The focus stays where it was.
const rowOf = html => { const t = document.createElement('template'); t.innerHTML = html; return t.content.firstElementChild; };
// What makes no difference to a deed does not hinder one that has begun.
const alike = fresh => {
  const old = document.getElementById(fresh.id), v = fresh.dataset.v;
  if (!old || ['k', 'o', 'a', 't'].some(n => old.dataset[n] !== fresh.dataset[n])) return;
  old.dataset.v = v;
  for (const b of old.querySelectorAll('[formaction]')) b.setAttribute('formaction', b.getAttribute('formaction').replace(/v=\d+$/, 'v=' + v));
  if (old.id === 'r-' + open) versions(v);
};
// What is to be called stands as it was promised; behind it what is over, what was
// over last first. What ends under somebody's focus stays there until that is gone.
const rank = r => r.k === 'd' ? 1e15 - r.e : Number(r.t);
const held = new Set();
const settle = tr => {
  let before = rows.lastElementChild;
  while (before && (before === tr || rank(before.dataset) > rank(tr.dataset))) before = before.previousElementSibling;
  if (tr.parentNode === rows && tr.previousElementSibling === before) return;
  if (before) before.after(tr); else rows.prepend(tr);
};
const letGo = () => {
  for (const tr of held) {
    if (tr.contains(document.activeElement)) continue;
    held.delete(tr);
    if (tr.isConnected) settle(tr);
  }
};
const place = (fresh, flash = true) => {
  const old = document.getElementById(fresh.id), at = document.activeElement;
  const focus = old?.contains(at) ? (at.dataset.do || 'a') : '', tr = old || fresh;
  if (flash) fresh.classList.add('new');
  if (old) morph(old, fresh);
  if (focus && tr.dataset.k === 'd') held.add(tr); else settle(tr);
  dress(tr);
  if (focus && (document.activeElement !== at || at.hidden)) { tr.hidden = false; (tr.querySelector(`[data-do="${focus}"]:not([hidden])`) || tr.querySelector('a')).focus(); }
  if (tr.id === 'r-' + open) reread();
};

// Where a row goes that has the focus, its neighbour has it.
const drop = tr => {
  const has = () => tr?.contains(document.activeElement);
  for (const by of [1, -1]) if (has()) step(by);
  if (has()) document.getElementById('list').focus();
  tr?.remove();
};

// When a day is over, or clocks are changed, the list is another without any
// news: it is read anew, and what is open stays open.
let until = Number(body.dataset.until) * 1000, turning = 0, newer = null; // what has changed since it was asked for
const turn = async () => {
  const since = newer = new Set();
  try {
    const r = await fetch('/?view=' + view, {credentials: 'same-origin'});
    if (r.status === 429 || r.status >= 500) throw new Error(r.status);
    const page = new DOMParser().parseFromString(await r.text(), 'text/html'), fresh = page.getElementById('rows');
    if (!fresh) { reload(); return; } // nobody is signed in here any more
    await free();
    body.dataset.zone = page.body.dataset.zone;
    until = Number(page.body.dataset.until) * 1000;
    for (const tr of [...rows.children]) if (!since.has(tr.id) && !page.getElementById(tr.id)) drop(tr);
    for (const tr of [...fresh.children]) if (!since.has(tr.id)) place(tr, false);
    setTimeout(tidy);
  } catch {} // it is tried again
  turning = 0;
  newer = null;
};
rows.addEventListener('animationend', e => e.target.classList.remove('new'));
const tell = (text, bad, id, until = Date.now() + 10000) => {
  saidAt.className = bad ? 'bad' : '';
  saidAt.textContent = text;
  undo = Date.now() < until && id || '';
  undoUntil = until;
  if (!undo) return;
  const b = document.createElement('button'), was = undo;
  b.textContent = 'Undo';
  b.type = 'button';
  b.dataset.do = 'undo';
  b.addEventListener('click', () => takeBack());
  saidAt.append(b);
  setTimeout(() => { if (undo === was && Date.now() >= undoUntil) { undo = ''; b.remove(); } }, until - Date.now());
};

// The story opens beside the list.
let asked = 0, shown = open && '/desk/' + encodeURIComponent(open); // what was asked for last is shown, whatever comes last; and what is shown
const filled = f => f.type === 'radio' ? f.checked !== f.defaultChecked : f.tagName === 'SELECT' ? f.selectedIndex > 0 : f.value !== '';
const writes = f => f === document.activeElement || filled(f);
const inputs = () => [...story.querySelectorAll('textarea, input:not([type="hidden"]), select')];
const written = () => inputs().filter(writes);
const busy = () => written().length > 0;
const keeps = fresh => written().every(f => {
  const like = [...fresh.querySelectorAll(f.tagName)].find(n => key(n) === key(f));
  return like && (f.tagName !== 'SELECT' || [...like.options].some(o => o.value === f.value));
});
// What was written in a story and not sent is there again when it is opened again.
const drafts = new Map();
const keepDraft = () => { if (shown) drafts.set(shown, inputs().filter(filled).map(f => [key(f), f.value])); };
const sent = (path, own) => drafts.set(path, (drafts.get(path) || []).filter(([k]) => !own.includes(k)));
const giveBack = path => {
  for (const [k, value] of drafts.get(path) || []) {
    const f = inputs().find(f => key(f) === k);
    if (f?.type === 'radio') f.checked = true;
    else if (f && (f.tagName !== 'SELECT' || [...f.options].some(o => o.value === value))) f.value = value;
  }
};
const renewed = (path, html, spare) => {
  const t = document.createElement('template');
  t.innerHTML = html;
  if (shown === path && keeps(t.content)) {
    const at = document.activeElement, v = story.querySelector('input[name="v"]')?.value;
    morphAll(story, t.content);
    if (v) versions(v);
    if (at !== document.activeElement) document.getElementById('storyname').focus();
    return true;
  }
  if (spare && busy()) { renew(); return false; } // somebody writes what would be lost
  keepDraft();
  story.replaceChildren(t.content);
  giveBack(path);
  return true;
};
const free = () => new Promise(whenFree);
const writing = () => document.activeElement?.matches('input:not([type="checkbox"], [type="radio"]), textarea, select'); // what is typed next belongs there
const fill = async (path, focus, spare) => {
  const mine = ++asked;
  const html = await fetch(path + (path.includes('?') ? '&' : '?') + 'part=1' + (shown === path && story.querySelector('[name="tell"]') ? '&said=breaks' : ''), {credentials: 'same-origin'})
    .then(r => r.ok && r.text()).catch(() => '');
  await free();
  if (mine !== asked) return false; // what was asked for since decides what is open
  if (!html) tell('It cannot be shown just now.', true);
  if (!html || !renewed(path, html, spare)) { open = idOf(shown); return false; }
  shown = path;
  story.setAttribute('aria-label', {new: 'New callback', agents: 'Agents', '': 'Articles'}[open] || 'Story');
  story.hidden = false;
  if (focus && !(spare && writing())) document.getElementById(path === pathOf('new') ? 'newphone' : 'storyname')?.focus();
  return true;
};
const pathOf = id => '/desk/' + encodeURIComponent(id);
const idOf = path => path.startsWith('/desk/find?') ? '' : decodeURIComponent(path.slice(6));
let rings = ''; // whose brief waits until something else is written
let opened = {}; // how the story that is open was asked for
const show = async (id, focus = true, spare = false) => {
  open = id;
  opened = {focus, spare};
  rings = '';
  await fill(pathOf(id), focus, spare);
  tidy();
};
let again = 0;
const reread = () => {
  const id = open;
  clearTimeout(again);
  again = setTimeout(() => {
    const there = shown === pathOf(id); // else it is on its way still, and comes as it was asked for
    if (id && id === open) fill(pathOf(id), !there && opened.focus, there || opened.spare);
  }, 150);
};
// What is being written is left alone: only the version that it is about is
// renewed, and never by news that is older.
const versions = v => { for (const f of story.querySelectorAll('input[name="v"]')) if (Number(v) > Number(f.value)) f.value = v; };
const renew = () => { const v = document.getElementById('r-' + open)?.dataset.v; if (v) versions(v); };
const close = () => {
  const was = document.getElementById('r-' + open);
  keepDraft();
  open = '';
  asked++;
  shown = '';
  story.hidden = true;
  story.textContent = '';
  tidy();
  (was && !was.hidden ? was.querySelector('a') : document.getElementById('list')).focus();
};

// What is promised anew is written beside the list, as stories are read there. The
// times are those that are free now, of the queue that is chosen.
const freeTimes = async (wish = '') => {
  const at = document.getElementById('newat'), of = document.getElementById('newqueue'), queue = of.value;
  const t = document.createElement('template');
  t.innerHTML = await fetch('/desk/new?part=1&queue=' + encodeURIComponent(queue), {credentials: 'same-origin'}).then(r => r.ok ? r.text() : '').catch(() => '');
  await free();
  const fresh = t.content.getElementById('newat'), was = at.value || wish;
  if (!fresh || of.value !== queue) return; // another is chosen by now
  at.replaceChildren(...fresh.children);
  at.value = was;
  if (at.selectedIndex < 0) at.selectedIndex = 0;
};
story.addEventListener('change', e => { if (e.target.id === 'newqueue') freeTimes(); });
const anew = async () => {
  if (!document.getElementById('anew')) { tell('You work for no queue.', true); return; }
  await show('new');
  const draft = new Map(drafts.get(pathOf('new'))), at = document.getElementById('newat');
  if (document.getElementById('newqueue')?.selectedIndex > 0) freeTimes(draft.get(key(at))); // it was chosen before
};

// Deeds.
const post = async (path, form) => {
  let told = {text: 'The service does not answer. Try again.', bad: true};
  try {
    const r = await fetch(path, {method: 'POST', body: form, credentials: 'same-origin', headers: {Accept: 'application/json'}});
    if ((r.headers.get('Content-Type') || '').startsWith('application/json')) told = await r.json();
    else told.text = (await r.text()).trim() || told.text;
  } catch {}
  if (told.id && told.id === open && !told.bad) versions(told.v);
  tell(told.text, told.bad, told.undo ? told.id : '');
  return told;
};
const fields = form => { const all = new URLSearchParams(new FormData(form)); all.delete('v'); return all.toString(); };
const submit = async (form, button) => {
  const data = new URLSearchParams(new FormData(form)), were = fields(form), beside = story.contains(form), own = inputs().filter(f => f.form === form).map(key);
  if (button?.name) data.set(button.name, button.value);
  const told = await post(button?.getAttribute('formaction') || form.getAttribute('action'), data);
  if (!told.bad && beside && !story.contains(form)) sent(form.id === 'new' ? pathOf('new') : pathOf(told.id), own); // though its story is not open any more
  if (!told.bad && story.contains(form) && fields(form) === were) { // what was written meanwhile stays
    form.reset();
    if (form.contains(document.activeElement) && inputs().includes(document.activeElement)) document.activeElement.blur();
  }
  if (told.ask === 'snooze' && form.closest('#story')) {
    form.insertAdjacentHTML('beforeend', '<input type="hidden" name="tell" value="1">');
    form.querySelector('button').textContent = 'Snooze and tell the customer';
  }
  if (told.bad && form.id === 'new' && story.contains(form)) freeTimes();
  if (told.bad && form.id === 'new' && told.id) offer(told.id);
  if (!told.bad && rings && beside && !busy()) show(rings, true, true);
  else if (!told.bad && form.id === 'new' && story.contains(form)) { if (busy()) offer(told.id); else show(told.id); }
  else if (!told.bad && open && told.id === open) reread();
};
const takeBack = async () => { if (undo) { const id = undo; undo = ''; const told = await post(`/desk/${encodeURIComponent(id)}/undo`, new URLSearchParams()); if (open && told.id) show(told.id, false); } };
document.addEventListener('submit', e => {
  if (e.target.method === 'post') { e.preventDefault(); submit(e.target, e.submitter); }
  if (e.target.contains(only)) { e.preventDefault(); step(0); }
  if (e.target.getAttribute('action') === '/desk/find') {
    e.preventDefault();
    open = '';
    fill('/desk/find?q=' + encodeURIComponent(document.getElementById('q').value), true).then(tidy);
  }
});
only.addEventListener('input', tidySoon);
document.addEventListener('click', e => {
  const a = e.target.closest('a');
  if (!a || e.ctrlKey || e.metaKey || e.shiftKey) return;
  if (a.dataset.view) {
    e.preventDefault();
    view = a.dataset.view;
    for (const one of document.querySelectorAll('.views a')) one.toggleAttribute('aria-current', false);
    a.setAttribute('aria-current', 'page');
    history.replaceState(null, '', '/?view=' + view);
    tidy();
  } else if ('close' in a.dataset) { e.preventDefault(); close(); } else if (a.id === 'anew') { e.preventDefault(); anew(); } else if (a.id === 'agents') { e.preventDefault(); show('agents'); } else if (rows.contains(a)) { e.preventDefault(); show(a.getAttribute('href').slice(6)); }
});

// Keys. Each can be done without, and all can be switched off.
const rowNow = () => document.activeElement?.closest?.('#rows tr') || document.getElementById('r-' + open);
const step = by => {
  const seen = [...rows.children].filter(tr => !tr.hidden), i = seen.indexOf(rowNow());
  seen[i < 0 ? 0 : Math.min(seen.length - 1, Math.max(0, i + by))]?.querySelector('a').focus();
};
// What is pressed is for the story of the row, and for no other that stands there still.
const inStory = async () => {
  const id = rowNow()?.id.slice(2) || open, there = () => id !== '' && open === id && shown === pathOf(id);
  if (id && !there()) await show(id);
  return there();
};
const cannot = () => tell('That cannot be done with it now.', true);
const press = what => async () => { if (await inStory()) { const b = story.querySelector(`[data-do="${what}"]`); b ? b.click() : cannot(); } };
const write = id => async () => { if (await inStory()) { const f = document.getElementById(id); f ? f.focus() : cannot(); } };
const deed = what => async () => {
  const b = document.activeElement?.closest?.('#rows tr')?.querySelector(`[data-do="${what}"]:not([hidden])`);
  b ? b.click() : press(what)();
};
const keys = {
  j: () => step(1), k: () => step(-1), c: deed('call'), t: deed('claim'), g: press('release'), z: press('snooze'),
  x: write('cancelwhy'), n: write('notewords'), o: write('outcomewords'), h: write('handto'), u: takeBack,
  i: async () => { if (await inStory()) { const d = document.getElementById('history'); if (!d) { cannot(); return; } d.open = true; d.querySelector('summary').focus(); } },
  b: anew, '/': () => document.getElementById('q').focus(), f: () => { only.focus(); only.select(); },
  p: () => {
    const d = document.querySelector('.through');
    if (!d) { tell('Agents put people through.', true); return; }
    d.open = true;
    const to = document.getElementById('through');
    to.focus();
    to.select();
  },
  '?': () => { const d = document.querySelector('.keys'); d.open = !d.open; document.getElementById('help').focus(); },
  Escape: () => { if (!story.hidden) close(); },
};
keys.r = async () => {
  if (!await inStory()) return;
  if (!document.getElementById('movelabel')) { cannot(); return; }
  const b = story.querySelector('[data-do="move"]');
  b ? b.focus() : tell('No other time is free.', true);
};
for (const n of [1, 2, 3]) keys[n] = () => { const at = document.activeElement; if (at?.dataset?.do === 'move') story.querySelectorAll('[data-do="move"]')[n - 1]?.click(); };
document.addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const writes = /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && e.target.type !== 'checkbox';
  if (e.key === 'Escape') { if (writes) e.target.blur(); else keys.Escape(); return; }
  if (writes || !keysOn.checked || !keys[e.key] || e.repeat && e.key !== 'j' && e.key !== 'k') return;
  e.preventDefault();
  keys[e.key]();
});

// What happens elsewhere.
const beep = () => {
  if (!soundOn.checked) return;
  try {
    const a = new AudioContext(), o = a.createOscillator(), g = a.createGain();
    g.gain.setValueAtTime(.08, a.currentTime);
    g.gain.exponentialRampToValueAtTime(.001, a.currentTime + .5);
    o.frequency.value = 660;
    o.connect(g).connect(a.destination);
    o.start();
    o.stop(a.currentTime + .5);
    o.onended = () => a.close();
  } catch {}
};
// The page is read again once nobody writes on it and the service answers.
let reloads = 0;
const reload = async () => {
  let there = false;
  try { there = !busy() && !pressed && (await fetch(location.href, {method: 'HEAD', credentials: 'same-origin'})).status < 500; } catch {}
  if (there && !busy()) location.reload(); else reloads = setTimeout(reload, 2000);
};
// warn shows what everybody has to know now, and says what is new of it.
const warn = texts => {
  const box = document.getElementById('alarms');
  const there = [...box.children].map(p => p.textContent);
  if (texts.join('\n') === there.join('\n')) return;
  box.replaceChildren(...texts.map(text => {
    const p = document.createElement('p');
    p.className = 'alarm';
    if (!there.includes(text)) p.setAttribute('role', 'alert');
    p.textContent = text;
    return p;
  }));
};
// offer opens a story for who asks, which nothing else opens.
const offer = id => {
  const b = document.createElement('button');
  b.textContent = 'Open it';
  b.type = 'button';
  b.addEventListener('click', () => show(id));
  saidAt.append(b);
};
const news = {
  row: html => { const tr = rowOf(html); newer?.add(tr.id); if (pressed) alike(tr); whenFree(() => { place(tr); tidySoon(); }); },
  gone: id => { newer?.add('r-' + id); whenFree(() => { drop(document.getElementById('r-' + id)); tidySoon(); }); },
  time: ms => { skew = Number(ms) - Date.now(); tidySoon(); news.agents(); }, // what turned while nobody listened
  agents: () => { if (open === 'agents') reread(); },
  alarms: data => whenFree(() => warn(JSON.parse(data))),
  fresh: reload,
  closed: () => { reloads ||= setTimeout(reload, 5000); },
  me: state => { for (const b of document.querySelectorAll('.states button')) b.setAttribute('aria-pressed', String(b.value === state)); },
  set: text => whenFree(() => tell(text, false, undo, undoUntil)), // by somebody else
  brief: (data, own) => {
    const [id, why] = data.split(' ');
    if (document.hidden) { alerts++; badge(); }
    if (own) beep(); // one of several tabs does
    whenFree(() => {
      const other = busy() && id !== open, what = why === 'rings' ? 'Your telephone is about to ring' : 'The call is over';
      if (busy()) renew(); else show(id, why === 'rings', true);
      const who = document.querySelector('#r-' + id + ' th')?.textContent.trim() || 'somebody else';
      const more = other ? `: ${who}. What you write here stays.` : why === 'rings' ? '. This is what it is about.' : '. What came of it?';
      tell(what + more, false, undo === id ? '' : undo, undoUntil); // what has gone on cannot be undone
      if (other) { rings = id; offer(id); } // its brief waits until what is being written is sent
    });
  },
};
document.addEventListener('visibilitychange', () => { if (!document.hidden) { alerts = 0; badge(); } });
setInterval(() => whenFree(tidy), 10000);
setInterval(() => {
  const clock = document.getElementById('clock');
  put(clock, clock.textContent.replace(/\d\d:\d\d$/, () => { const d = new Date(now() + Number(body.dataset.zone || 0) * 1000); return pad(d.getUTCHours()) + ':' + pad(d.getUTCMinutes()); }));
}, 1000);
requestAnimationFrame(() => setTimeout(tidy)); // after the first paint: the rows came as they should be
deskStream(me + ' ' + all, body.dataset.seq, Object.keys(news), (name, data, own) => news[name](data, own));
})();
