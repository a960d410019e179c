// Passkeys: asks the service what a device needs, the device, and the service
// again. Without this script people sign in with their password.
"use strict";
(() => {
  const bytes = s => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
  const text = b => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const post = async (path, body) => {
    const res = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    if (!res.ok) throw new Error(await res.text());
    return res.json();
  };
  const known = list => (list || []).map(c => ({ ...c, id: bytes(c.id) }));
  const make = async path => {
    const { publicKey: o } = await post(path + "/begin");
    const made = await navigator.credentials.create({ publicKey: {
      ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: known(o.excludeCredentials) } });
    await post(path + "/finish", { id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {},
      response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject),
        transports: made.response.getTransports ? made.response.getTransports() : [] } });
    return path.startsWith("/welcome/") ? "/" : "/account?done=passkey";
  };
  const show = async (path, next) => {
    const { publicKey: o } = await post(path + "/begin");
    const got = await navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: known(o.allowCredentials) } });
    const r = got.response;
    const to = await post(path + "/finish?next=" + encodeURIComponent(next), { id: got.id, rawId: text(got.rawId), type: got.type, clientExtensionResults: {},
      response: { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature),
        userHandle: r.userHandle ? text(r.userHandle) : undefined } });
    return to.next;
  };
  const button = document.getElementById("passkey");
  if (!button || !window.PublicKeyCredential) return;
  const said = document.getElementById("said");
  button.hidden = false;
  button.addEventListener("click", async () => {
    said.textContent = "Your device asks you now.";
    try {
      const path = button.dataset.path;
      location.assign(await (path === "/login/passkey" ? show(path, button.dataset.next) : make(path)));
    } catch (e) {
      said.textContent = e.name === "NotAllowedError" ? "Nothing was done: the device was not asked, or said no."
        : e.name === "InvalidStateError" ? "This device has a passkey already." : e.message;
    }
  });
})();
