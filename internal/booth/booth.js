// A telephone in the browser: it shows what the one behind it does, plays what
// that hears, rings, and sends the keys.
"use strict";

const at = (id) => document.getElementById(id);
const said = {
  idle: "Idle",
  calling: "It rings at the other end",
  ringing: "Your telephone rings",
  up: "You are connected",
};
let state = "idle";
let speaker = null; // made at the first press: browsers allow no sound before
let listening = false;
let hearing = null; // ends what is listened to

const send = (path, body) => fetch("/phone/" + path, { method: "POST", body }).catch(() => {});

function press(key) {
  if (state === "up") send("key", new URLSearchParams({ key }));
}

function show(now) {
  at("clock").textContent = now.clock;
  at("state").textContent = said[now.state];
  at("call").hidden = now.state !== "idle";
  if (at("spoken")) at("spoken").hidden = now.state !== "idle";
  at("answer").hidden = now.state !== "ringing";
  at("hangup").hidden = now.state === "idle";
  for (const b of document.querySelectorAll("[data-key]")) b.disabled = now.state !== "up";
  for (const b of document.querySelectorAll("[data-pace]")) b.setAttribute("aria-pressed", String(Number(b.dataset.pace) === now.pace));
  write(now.lines || []);
  advise(now);
  document.title = (now.state === "ringing" ? "It rings! " : "") + "Telephone – holdless demo";
  const changed = now.state !== state;
  state = now.state;
  if (changed) sound();
}

// write adds what is new to what was said, so that it is read out once.
function write(lines) {
  const list = at("words");
  const made = lines.map((l) => JSON.stringify(l));
  const there = [...list.children].map((li) => li.dataset.line);
  if (made.length === there.length && made.every((m, i) => m === there[i])) return;
  const more = made.length > there.length && there.every((m, i) => m === made[i]);
  const fresh = lines.slice(more ? there.length : 0).map((l) => {
    const li = Object.assign(document.createElement("li"), { className: l.who, lang: l.lang || "en" });
    li.dataset.line = JSON.stringify(l);
    if (l.who === "own") li.setAttribute("aria-label", "You press " + l.words);
    linked(li, l.words);
    return li;
  });
  if (more) list.append(...fresh);
  else list.replaceChildren(...fresh);
  at("said").scrollTop = at("said").scrollHeight;
}

// linked puts words into an element, with the addresses in them to be followed.
function linked(into, words) {
  for (const part of words.split(/(https?:\/\/\S+)/)) {
    into.append(/^https?:/.test(part) ? Object.assign(document.createElement("a"), { href: part, textContent: part, target: "_blank" }) : part);
  }
}

// advise says what can be done, or what comes.
function advise(now) {
  const idle = now.state === "idle";
  at("next").hidden = !idle || !now.next;
  const words = "This telephone rings " + now.next + ".";
  if (now.next && at("next").textContent !== words) at("next").textContent = words;
  at("hint").hidden = !idle || !!now.next || (now.lines || []).length > 0;
}

// levels are the 256 samples that a byte of mu-law stands for (ITU-T G.711).
const levels = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const size = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return (bits & 0x80 ? -size : size) / 32768;
});

// listen plays what the telephone hears, a little behind, so that packets which
// are late do not tear it.
async function listen() {
  if (!speaker || listening) return;
  listening = true;
  hearing = new AbortController();
  try {
    await play(await fetch("/phone/sound", { signal: hearing.signal }));
  } catch {
    // the call is over, or the demo is
  } finally {
    listening = false;
  }
}

async function play(answer) {
  if (!answer.ok) return;
  const reader = answer.body.getReader();
  let next = speaker.currentTime + 0.15;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    if (value.length === 0) continue;
    const buffer = speaker.createBuffer(1, value.length, 8000);
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < value.length; i++) samples[i] = levels[value[i]];
    const source = speaker.createBufferSource();
    source.buffer = buffer;
    source.connect(speaker.destination);
    next = Math.max(next, speaker.currentTime + 0.02);
    source.start(next);
    next += buffer.duration;
  }
}

// tones are what is heard while it rings, here and there: hertz, loudness, and
// the seconds of sound and of silence (ITU-T E.180).
const tones = { calling: [[425], 0.05, 1, 4], ringing: [[440, 554], 0.1, 1.2, 1.8] };
let ringer = { stop() {} };

// sound has the speaker do what fits the state.
function sound() {
  ringer.stop();
  if (!speaker) return;
  if (state === "up") listen();
  if (tones[state]) ringer = ring(...tones[state]);
}

function ring(hertz, loud, on, off) {
  const gain = speaker.createGain();
  gain.gain.value = loud;
  gain.connect(speaker.destination);
  const once = () => {
    for (const hz of hertz) {
      const tone = speaker.createOscillator();
      tone.frequency.value = hz;
      tone.connect(gain);
      tone.start();
      tone.stop(speaker.currentTime + on);
    }
  };
  once();
  const again = setInterval(once, (on + off) * 1000);
  return { stop: () => { clearInterval(again); gain.disconnect(); } };
}

// wake has the browser allow sound, which it does when somebody does something.
function wake() {
  if (speaker) return;
  speaker = new AudioContext();
  sound();
}

for (const doing of ["click", "keydown"]) document.addEventListener(doing, wake, true);
at("call").addEventListener("click", () => send("call", new URLSearchParams({ number: at("number") ? at("number").value : "" })));
at("answer").addEventListener("click", () => send("answer"));
at("hangup").addEventListener("click", () => send("hangup"));
if (at("number")) at("number").addEventListener("change", () => { at("dialled").textContent = at("number").value; });
for (const b of document.querySelectorAll("[data-key]")) b.addEventListener("click", () => press(b.dataset.key));
for (const b of document.querySelectorAll("[data-pace]")) b.addEventListener("click", () => send("pace", new URLSearchParams({ pace: b.dataset.pace })));
document.addEventListener("keydown", (e) => {
  if (!e.ctrlKey && !e.metaKey && !e.altKey && e.target.tagName !== "SELECT" && /^[0-9*#]$/.test(e.key)) press(e.key);
});

// What is open in the browser's memory alone is at no telephone any more.
let events = null;
addEventListener("pageshow", () => {
  events = new EventSource("/phone/events");
  events.onmessage = (e) => show(JSON.parse(e.data));
  events.onerror = () => {
    state = "idle";
    sound();
    at("state").textContent = "The demo has ended, or cannot be reached";
  };
});
addEventListener("pagehide", () => {
  events.close();
  if (hearing) hearing.abort();
});
