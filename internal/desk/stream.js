// One stream for all tabs of a browser. Over HTTP/1.1 a browser has six
// connections to a host, and each stream keeps one: with seven tabs that listen
// for themselves, nothing else would be answered. So one tab listens and tells
// the others: the one that holds a lock, or, where a browser has no locks (as on
// pages without TLS), the one that nobody else answered. A tab that cannot be
// told, or is not, has a stream of its own.
'use strict';
const deskStream = (who, after, names, tell) => {
  const name = 'desk ' + who, me = Math.random(), silence = 40000; // the service tells the time each 15 s
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel(name) : null;
  let last = Number(after), source = null, shares = false, heard = Date.now(), asked = 0, early = null;

  const post = m => channel?.postMessage({...m, from: me});
  const told = (m, own) => { last = Math.max(last, m.id || 0); tell(m.name, m.data, own); };
  const from = hear => {
    const s = new EventSource('/desk/events?after=' + last + '&as=' + encodeURIComponent(who));
    for (const name of names) s.addEventListener(name, e => hear({name, data: e.data, id: Number(e.lastEventId) || 0}));
    s.addEventListener('error', () => { if (s.readyState === EventSource.CLOSED) hear({name: 'closed', data: ''}); });
    return s;
  };
  const listen = share => {
    source?.close();
    shares = share;
    const s = source = from(m => {
      if (shares) post(m);
      told(m, true);
      if (m.name === 'closed') setTimeout(() => { if (source === s) listen(shares); }, 2000); // a page on which somebody writes is not read anew
    });
  };
  const leave = () => { source?.close(); if (shares) post({name: 'bye'}); source = null; shares = false; };

  // Between the making of a page and its first news others happened: they are
  // asked for once, and what is told meanwhile waits.
  const catchUp = () => {
    early = [];
    const s = from(m => {
      told(m, false);
      if (m.name !== 'time' && m.name !== 'closed') return;
      s.close();
      const rest = early;
      early = null;
      for (const m of rest) if (!m.id || m.id > last) told(m, false);
    });
  };

  // Without locks: who hears no answer listens. Of two who do, one stays.
  const elect = fresh => {
    const at = Date.now();
    post({name: 'ask'});
    setTimeout(() => {
      if (source) return;
      if (heard < at) listen(true); else if (fresh) catchUp();
    }, 400 + 400 * Math.random());
  };
  const hold = () => { listen(true); return new Promise(() => {}); }; // until the tab goes

  if (channel) channel.onmessage = ({data: m}) => {
    if (m.name === 'ask') { if (shares) post({name: 'here'}); return; }
    heard = Date.now();
    if (m.name === 'bye') { if (!navigator.locks && !source) { heard = 0; elect(false); } return; }
    if (shares && m.from < me && !navigator.locks) { source.close(); source = null; shares = false; }
    if (source || m.name === 'here') return;
    if (early) early.push(m); else told(m, false);
  };
  setInterval(() => {
    if (source || Date.now() - heard < silence) { asked = 0; return; }
    if (asked) { navigator.locks ? listen(false) : elect(false); return; } // nobody is there
    asked = Date.now();
    post({name: 'ask'});
  }, 5000);
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', e => { if (e.persisted) location.reload(); });

  if (!channel) listen(false);
  else if (!navigator.locks) { heard = 0; elect(true); }
  else navigator.locks.request(name, {ifAvailable: true}, lock => {
    if (lock) return hold();
    catchUp();
    navigator.locks.request(name, hold);
  });
};
