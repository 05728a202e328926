// The customer's page. Offers come from the server, or from the service worker's copy where there is no network.
const $ = (id) => document.getElementById(id);
const say = (text) => { $("status").textContent = text; };

async function ask(method, path, body) {
  const init = { method, credentials: "same-origin" };
  if (body) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(path, init);
  if (answer.status === 204) return null;
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.detail || value.title || "Something went wrong.");
  return value;
}

function element(tag, text, attributes = {}) {
  const e = document.createElement(tag);
  e.textContent = text;
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  return e;
}

function button(text, label, action) {
  const b = element("button", text, { type: "button", "aria-label": label });
  b.addEventListener("click", () => action().catch((problem) => say(problem.message)));
  return b;
}

function card(title, ...parts) {
  const item = document.createElement("li");
  item.append(element("h3", title), ...parts.filter(Boolean));
  return item;
}

// day is the last day of a validity, whose end is exclusive.
const day = (notAfter) => new Date(notAfter - 1).toLocaleDateString();

const states = { open: "Ready to use", redeemed: "Redeemed", expired: "Expired", revoked: "No longer valid" };

function held(offer) {
  const until = offer.notAfter ? ` · until ${day(offer.notAfter)}` : "";
  const item = card(offer.title, offer.text && element("p", offer.text),
    element("p", states[offer.state] + (offer.state === "open" ? until : ""), { class: "small" }),
    offer.state === "open" && button("Show at the till", `Show ${offer.title} at the till`, () => show(offer)));
  item.className = offer.state;
  return item;
}

function answer(shown) {
  const accept = shown.kind === "offer" && button("Accept", `Accept ${shown.title}`, () => take(shown));
  const link = shown.link && element("a", "More", { href: shown.link, rel: "noopener noreferrer", "aria-label": `More about ${shown.title}` });
  const why = shown.why.rule === "new" ? null : element("p", shown.why.text, { class: "why" });
  const dismiss = why && shown.token && button("Not for me", `${shown.title} is not for me`, async () => {
    await ask("POST", "/v1/device/events", { token: shown.token, event: "dismiss" });
    await load();
    say(`“${shown.title}” is not shown again.`);
  });
  return card(shown.title, shown.text && element("p", shown.text), why, accept, link, dismiss);
}

let lock = null;

// show fills the screen with white and keeps it from dimming: a page cannot turn the brightness up by itself.
async function show(offer) {
  $("show-title").textContent = offer.title;
  $("picture").src = `/v1/device/offers/${offer.name}/pass.svg`;
  $("code").textContent = offer.code;
  $("show-text").textContent = offer.text || "";
  $("show-until").textContent = offer.notAfter ? `Valid until ${day(offer.notAfter)}` : "";
  $("show").showModal();
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    lock = null; // low battery, or the browser does not let us
  }
}

$("show").addEventListener("close", () => {
  lock?.release();
  lock = null;
});

$("print").addEventListener("click", () => window.print());

async function take(shown) {
  await ask("POST", "/v1/device/offers", { campaign: shown.id, personal: $("personal").checked });
  await load();
  say(`“${shown.title}” is on this device now.`);
  $("held").querySelector("button")?.focus();
}

function fill(list, items) {
  $(list).replaceChildren(...items);
  return items.length > 0;
}

async function load() {
  const listed = Boolean(navigator.serviceWorker?.controller); // else the service worker does not see the list pass by
  const { offers, personal, slots = 0 } = await ask("GET", "/v1/device/offers");
  if (offers.length > 0) $("personal").checked = Boolean(personal);
  $("none").hidden = fill("held", offers.map(held));
  void keep(offers.filter((offer) => offer.state === "open").map((offer) => `/v1/device/offers/${offer.name}/pass.svg`), !listed);
  if (!navigator.onLine) return;
  void renew(slots).catch(() => {});
  const visit = await ask("GET", "/v1/device/visit");
  const because = visit.answers.filter((shown) => shown.why.rule !== "new");
  $("foryou").hidden = !fill("answers", because.map(answer));
  $("open").hidden = !fill("campaigns", visit.answers.filter((shown) => shown.why.rule === "new").map(answer));
}

let renewed = false;

// renew has the server set the cookies that hold the device's identifiers anew, once a visit: the list renews the newest.
async function renew(slots) {
  if (renewed) return;
  renewed = true;
  for (let slot = 0; slot < slots - 1; slot++) await ask("GET", `/v1/device/held/${slot}`);
}

// keep has the service worker copy the pictures of the offers that can be shown, and the list where it did not see that.
async function keep(pictures, list) {
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage({ keep: pictures, list });
}

$("personal").addEventListener("change", async () => {
  const agreed = $("personal").checked;
  try {
    await ask("PUT", "/v1/device/consent", { personal: agreed });
    await load();
    say(agreed ? "Offers may be chosen for you." : "Nothing is chosen for you any more.");
  } catch (problem) {
    $("personal").checked = !agreed;
    say(problem.message);
  }
});

$("forget").addEventListener("click", async () => {
  if (!confirm("Take all offers off this device? They cannot be brought back.")) return;
  try {
    await ask("DELETE", "/v1/device");
    $("personal").checked = false;
    for (const name of await caches.keys()) await caches.delete(name);
    await load();
    say("This device is forgotten.");
  } catch (problem) {
    say(problem.message);
  }
});

navigator.serviceWorker?.register("/worker.js").catch(() => {}); // a browser without one shows offers while there is a network

load().catch(() => say("There is no connection just now. Offers that this device has kept can still be shown."));
