/* Passkeys. A form [data-passkey-make="id"] makes one from the options in the JSON element of that id.
   [data-passkey-use="url"] asks data-options for options when its button is pressed, and signs in at url.
   Both send the browser's answer as the field `credential`. */
(() => {
  "use strict";
  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withIds = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));
  const csrf = () => document.querySelector("[name='csrfmiddlewaretoken']").value;

  function say(place, kind) {
    const said = place.querySelector("[data-passkey-said]");
    said.textContent = said.dataset[kind] || said.dataset.failed;
    said.hidden = false;
  }

  function answerOf(made) {
    const answer = { id: made.id, rawId: toText(made.rawId), type: made.type, clientExtensionResults: {}, response: {} };
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[part]) answer.response[part] = toText(made.response[part]);
    }
    return JSON.stringify(answer);
  }

  async function make(form) {
    const { publicKey } = JSON.parse(document.getElementById(form.dataset.passkeyMake).textContent);
    const user = { ...publicKey.user, id: toBytes(publicKey.user.id) };
    const excludeCredentials = withIds(publicKey.excludeCredentials);
    const challenge = toBytes(publicKey.challenge);
    const made = await navigator.credentials.create({ publicKey: { ...publicKey, challenge, user, excludeCredentials } });
    form.elements.credential.value = answerOf(made);
    form.submit();
  }

  async function use(place) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: csrf() });
    const reply = await fetch(place.dataset.options, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!reply.ok) throw new Error(String(reply.status));
    const { publicKey } = await reply.json();
    const challenge = toBytes(publicKey.challenge);
    const allowCredentials = withIds(publicKey.allowCredentials);
    const made = await navigator.credentials.get({ publicKey: { ...publicKey, challenge, allowCredentials } });
    const form = document.createElement("form");
    form.method = "post";
    form.action = place.dataset.passkeyUse;
    const fields = { csrfmiddlewaretoken: csrf(), next: place.dataset.next, credential: answerOf(made) };
    for (const [name, value] of Object.entries(fields)) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  }

  async function run(place, act) {
    const button = place.querySelector("button");
    place.querySelector("[data-passkey-said]").hidden = true;
    button.disabled = true;
    try {
      await act(place);
    } catch (error) {
      say(place, { NotAllowedError: "stopped", AbortError: "stopped", InvalidStateError: "known" }[error.name] || "failed");
    }
    button.disabled = false;
  }

  const able = Boolean(window.PublicKeyCredential && navigator.credentials);
  for (const place of document.querySelectorAll("[data-passkey-use]")) {
    place.hidden = !able;
    place.querySelector("button").addEventListener("click", () => run(place, use));
  }
  for (const form of document.querySelectorAll("[data-passkey-make]")) {
    if (!able) say(form, "none");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (able) run(form, make);
    });
  }
})();
