// The customer's page. Offers come from the server, from the service worker's copy where there is no network, and from what this
// script kept where there is neither.
import dictionary from "/customer-words.js";
import * as kept from "/kept.js";
import { draw } from "/qr.js";
import { speaker, translate } from "/words.js";
import { worth } from "/worth.js";

const $ = (id) => document.getElementById(id);
const say = speaker(dictionary);
const tell = (text) => { $("status").textContent = text; };

async function ask(method, path, body) {
  const init = { method, credentials: "same-origin" };
  if (body) {
    init.keepalive = true; // also where the customer follows a link meanwhile
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(path, init);
  if (answer.status === 204) return null;
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.detail || value.title || say("Something went wrong."));
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
  b.addEventListener("click", () => action().catch((problem) => tell(problem.message)));
  return b;
}

function card(shown, ...parts) {
  const item = document.createElement("li"), shop = shown.shop?.name && element("p", shown.shop.name, { class: "shop" });
  if (shown.shop?.color) item.style.setProperty("--shop", shown.shop.color);
  const value = worth(say, shown.terms);
  item.append(...[shop, element("h3", shown.title), value && element("p", value, { class: "worth" }), shown.text && element("p", shown.text), ...parts].filter(Boolean));
  return item;
}

// day is the last day of a validity, whose end is exclusive.
const day = (notAfter) => new Date(notAfter - 1).toLocaleDateString(document.documentElement.lang);

function state(offer) {
  switch (offer.state) {
    case "redeemed": return say("Redeemed");
    case "expired": return say("Expired");
    case "revoked": return say("No longer valid");
  }
  return offer.notAfter ? say("Ready to use · until %1", day(offer.notAfter)) : say("Ready to use");
}

function held(offer) {
  const left = offer.uses > 1 && offer.state === "open" && element("p", say("%1 of %2 uses left", offer.left, offer.uses), { class: "small" });
  const item = card(offer, element("p", state(offer), { class: "small" }), left,
    offer.alone && element("p", say("Kept on this device alone: the shop's list does not have it."), { class: "small" }),
    offer.state === "open" && button(say("Show at the till"), say("Show %1 at the till", offer.title), () => show(offer)));
  item.className = offer.state;
  return item;
}

function answer(shown) {
  const accept = shown.kind === "offer" && button(say("Accept"), say("Accept %1", shown.title), () => take(shown));
  const link = shown.link && element("a", say("More"), { href: shown.link, rel: "noopener noreferrer", "aria-label": say("More about %1", shown.title) });
  const why = shown.why.rule === "new" ? null : element("p", shown.why.text, { class: "why" });
  const dismiss = why && shown.token && button(say("Not for me"), say("%1 is not for me", shown.title), async () => {
    await ask("POST", "/v1/device/events", { token: shown.token, event: "dismiss" });
    await load();
    tell(say("“%1” is not shown again.", shown.title));
  });
  link?.addEventListener?.("click", () => note(shown.token, "click"));
  const item = card(shown, why, accept, link, dismiss);
  if (shown.token) {
    item.dataset.token = shown.token;
    watcher.observe(item);
  }
  return item;
}

const noted = new Set();

// note tells once what became of an answer, where the customer agreed to that.
function note(token, event) {
  const key = `${event} ${token}`;
  if (!token || !$("measurement").checked || noted.has(key)) return;
  noted.add(key);
  ask("POST", "/v1/device/events", { token, event }).catch(() => noted.delete(key)); // the next time tells it
}

// watcher sees which answers are on the screen.
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) note(entry.target.dataset.token, "seen");
}, { threshold: 0.5 });

let lock = null;

// show fills the screen with white and keeps it from dimming: a page cannot turn the brightness up by itself.
async function show(offer) {
  $("show-shop").textContent = offer.shop?.name || "";
  $("show-title").textContent = offer.title;
  draw($("picture"), offer.pass);
  $("code").textContent = offer.code;
  $("show-worth").textContent = worth(say, offer.terms);
  $("show-text").textContent = offer.text || "";
  $("show-until").textContent = offer.notAfter ? say("Valid until %1", day(offer.notAfter)) : "";
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

// agreed is what the customer agrees to, with the version of the texts beside the boxes.
const agreed = () => ({ personal: $("personal").checked, measurement: $("measurement").checked, text: "page-1" });

async function take(shown) {
  await ask("POST", "/v1/device/offers", { campaign: shown.id, answer: shown.token, ...agreed() });
  await load();
  tell(say("“%1” is on this device now.", shown.title));
  $("held").querySelector("button")?.focus();
}

function fill(list, items) {
  $(list).replaceChildren(...items);
  return items.length > 0;
}

// list shows the offers of this device: those that can be used first, the others folded away.
function list(offers) {
  const open = offers.filter((offer) => offer.state === "open"), past = offers.filter((offer) => offer.state !== "open");
  $("none").hidden = fill("held", open.map(held)) || past.length > 0;
  $("past").hidden = !fill("used", past.map(held));
  $("past-title").textContent = say("Used and ended: %1", past.length);
}

async function load() {
  const listed = Boolean(navigator.serviceWorker?.controller); // else the service worker does not see the list pass by
  const { offers, personal, consent, slots = 0 } = await ask("GET", "/v1/device/offers");
  if (offers.length > 0) {
    $("personal").checked = Boolean(personal);
    $("measurement").checked = Boolean(consent?.measurement);
  }
  list(kept.merge(offers));
  if (!listed) void copyList();
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

// copyList has the service worker copy the list, which it did not see pass by.
async function copyList() {
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage({ list: true });
}

// keep tells the backend what the customer agrees to now, and says it of the box that changed.
async function keep(box, yes, no) {
  try {
    await ask("PUT", "/v1/device/consent", agreed());
    await load();
    tell(box.checked ? yes : no);
  } catch (problem) {
    box.checked = !box.checked;
    tell(problem.message);
  }
}

$("personal").addEventListener("change", (event) => keep(event.target, say("Offers may be chosen for you."), say("Nothing is chosen for you any more.")));
$("measurement").addEventListener("change", (event) => keep(event.target, say("It is counted."), say("It is not counted any more.")));

$("forget").addEventListener("click", async () => {
  if (!confirm(say("Take all offers off this device? They cannot be brought back."))) return;
  try {
    await ask("DELETE", "/v1/device");
    $("personal").checked = $("measurement").checked = false;
    kept.forget();
    for (const name of await caches.keys()) await caches.delete(name);
    await load();
    tell(say("This device is forgotten."));
  } catch (problem) {
    tell(problem.message);
  }
});

translate(say);
navigator.serviceWorker?.register("/worker.js").catch(() => {}); // a browser without one shows offers while there is a network

load().catch(() => {
  if (!$("held").hasChildNodes()) list(kept.all());
  tell(say("There is no connection just now. Offers that this device has kept can still be shown."));
});
