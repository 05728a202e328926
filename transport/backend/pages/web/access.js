// Agreements with other merchants, enrolment codes and management keys.
import { $, ask, button, date, say, sure, table, tell } from "/books.js";

let merchant = "";

// agreements lists what this merchant and another agreed upon, or proposed.
export function agreements(all, name, reload) {
  merchant = name;
  table("agreements", ["Whose offers", "Whose tills", "Campaigns", "State", "Since", "Actions"], all.map((a) => {
    const since = { proposed: a.proposed, active: a.accepted, ended: a.ended }[a.state];
    const state = a.stopped ? say("stopped") : a.state === "proposed" ? say("proposed by %1", a.proposedBy) : say(a.state);
    return { cells: [a.owner, a.partner, (a.campaigns || []).join(", ") || say("all"), state, date(since), decide(a, reload)] };
  }));
  $("propose").onsubmit = (event) => submit(event, async () => {
    const [owner, partner] = $("side").value === "owner" ? [merchant, $("other").value] : [$("other").value, merchant];
    await ask("POST", "/v1/management/agreements", { owner, partner, followUps: $("answers").checked });
    event.target.reset();
    await reload();
    tell(say("It is done."));
  });
}

function decide(a, reload) {
  const other = a.owner === merchant ? a.partner : a.owner;
  const to = async (state) => {
    await ask("PUT", `/v1/management/agreements/${a.id}/state`, { state });
    await reload();
    tell(say("It is done."));
  };
  const question = say("The agreement with %1 ends. What was issued under it stays good until it expires.", other);
  const buttons = [];
  if (a.state === "proposed" && a.proposedBy !== merchant) buttons.push(button("Accept", other, () => to("active")));
  if (a.state !== "ended") buttons.push(button("End", other, async () => (await sure(question)) && to("ended")));
  return buttons;
}

function submit(event, action) {
  event.preventDefault();
  action().catch((problem) => tell(problem.message));
}

// reveal shows a secret that is in this answer and in none again.
const reveal = (secret) => { $("secret").textContent = say("It is shown this once: %1", secret); };

function refuse(what, path, reload) {
  return async () => {
    if (!(await sure(say("“%1” lets nobody in any more.", what)))) return;
    await path();
    await reload();
    tell(say("It is done."));
  };
}

// shop is how customers see the merchant.
export function shop(known, reload) {
  $("shop-name").value = known.name || "";
  $("shop-color").value = known.color || "#0b5c4a";
  $("shop").onsubmit = (event) => submit(event, async () => {
    await ask("PUT", "/v1/management/shop", { name: $("shop-name").value, color: $("shop-color").value });
    await reload();
    tell(say("It is done."));
  });
}

export function codes(all, reload) {
  table("codes", ["Name", "Store", "Used", "State", "Actions"], all.map((c) => ({ cells: [c.id, c.store, say("%1 of %2", c.used, c.terminals),
    say(c.blocked ? "blocked" : "good"),
    c.blocked ? [] : [button("Block", c.id, refuse(c.id, () => ask("DELETE", `/v1/management/codes/${c.id}`), reload))]] })));
  $("newcode").onsubmit = (event) => submit(event, async () => {
    reveal((await ask("POST", "/v1/management/codes", { store: $("code-store").value, terminals: Number($("code-tills").value) })).code);
    await reload();
  });
}

export function keys(all, reload) {
  table("keys", ["Name", "Since", "State", "Actions"], all.map((k) => ({ cells: [k.name, date(k.made), say(k.blocked ? "blocked" : "good"),
    k.blocked ? [] : [button("Block", k.name, refuse(k.name, () => ask("DELETE", `/v1/management/keys/${k.id}`), reload))]] })));
  $("newkey").onsubmit = (event) => submit(event, async () => {
    reveal((await ask("POST", "/v1/management/keys", { name: $("key-name").value })).key);
    await reload();
  });
}
