// A telephone in the browser: it shows what the one behind it does, plays what
// that hears, and sends the keys.
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

const send = (path, body) => fetch("/phone/" + path, { method: "POST", body });

function press(key) {
  if (state === "up") send("key", new URLSearchParams({ key }));
}

function show(now) {
  at("clock").textContent = now.clock;
  at("state").textContent = said[now.state];
  at("call").hidden = now.state !== "idle";
  at("answer").hidden = now.state !== "ringing";
  at("hangup").hidden = now.state === "idle";
  for (const b of document.querySelectorAll("[data-key]")) b.disabled = now.state !== "up";
  const words = now.words || [];
  const shown = [...at("words").children].map((li) => li.textContent);
  if (shown.join("\n") !== words.join("\n")) {
    at("words").replaceChildren(...words.map((w) => Object.assign(document.createElement("li"), { textContent: w })));
  }
  for (const b of document.querySelectorAll("[data-pace]")) b.setAttribute("aria-pressed", String(Number(b.dataset.pace) === now.pace));
  at("hint").hidden = now.state !== "idle" || words.length > 0;
  document.title = (now.state === "ringing" ? "It rings! " : "") + "Telephone – holdless demo";
  if (now.state === "up" && state !== "up") listen();
  state = now.state;
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
  if (!speaker) return;
  const answer = await fetch("/phone/sound");
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

function wake() {
  speaker = speaker || new AudioContext();
  speaker.resume();
}

document.addEventListener("click", wake);
at("call").addEventListener("click", () => { wake(); send("call"); });
at("answer").addEventListener("click", () => { wake(); send("answer"); });
at("hangup").addEventListener("click", () => send("hangup"));
for (const b of document.querySelectorAll("[data-key]")) b.addEventListener("click", () => press(b.dataset.key));
for (const b of document.querySelectorAll("[data-pace]")) b.addEventListener("click", () => send("pace", new URLSearchParams({ pace: b.dataset.pace })));
document.addEventListener("keydown", (e) => {
  if (!e.ctrlKey && !e.metaKey && !e.altKey && /^[0-9*#]$/.test(e.key)) press(e.key);
});
new EventSource("/phone/events").onmessage = (e) => show(JSON.parse(e.data));
