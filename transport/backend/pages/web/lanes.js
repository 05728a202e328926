// The lanes, those in trouble first, and what stops one.
import { $, ask, button, moment, say, sure, table, tell } from "/books.js";

const ranges = (list) => list.map((r) => (r.first === r.last ? `${r.first}` : say("%1 to %2", r.first, r.last))).join(", ");

// weigh says how much trouble a lane has: what may cost money before what is late.
function weigh(t) {
  const late = !t.lastReport || Date.now() - t.lastReport > 86400000;
  return [t.forked, t.forgotten, t.awaited > 0, t.aside > 0, t.waits > 0, t.blocked, late].reduce((n, bad) => 2 * n + Number(Boolean(bad)), 0);
}

// hubsOf names the lanes that may host the hub of each store.
function hubsOf(terminals) {
  const hubs = {};
  for (const t of terminals) if (t.mayHost) (hubs[t.place.store] ||= []).push(t.place.lane);
  return hubs;
}

export function list(terminals, gaps, reload) {
  const hubs = hubsOf(terminals);
  const sorted = terminals.toSorted((a, b) => weigh(b) - weigh(a) || a.place.store.localeCompare(b.place.store) || a.place.lane.localeCompare(b.place.lane));
  const fill = () => {
    const words = $("search").value.toLowerCase().split(" ").filter(Boolean);
    const text = (t) => `${t.place.store} ${t.place.lane} ${t.terminal}`.toLowerCase();
    table("lanes", ["Store", "Lane", "In its queue", "Last report", "Records missing", "Lost", "Chain", "Actions"],
      sorted.filter((t) => words.every((word) => text(t).includes(word))).map((t) => lane(t, hubs[t.place.store], gaps, reload)));
  };
  $("search").oninput = fill;
  fill();
}

function lane(t, hubs, gaps, reload) {
  const mine = gaps.filter((g) => g.terminal === t.terminal);
  const all = (name) => ranges(mine.flatMap((g) => g[name] || [])) || say("none");
  const chain = t.forked ? say("forked") : t.forgotten ? say("may have forgotten") : say("sound");
  let name = t.blocked ? say("%1 (blocked)", t.place.lane) : t.place.lane;
  if (t.outOfService) name = say("%1 (out of service)", name);
  const store = hubs ? say("%1 (hub: %2)", t.place.store, hubs.join(", ")) : t.place.store;
  return { trouble: weigh(t) > 1, cells: [store, name,
    t.lastReport ? t.waiting : say("not known"), t.lastReport ? moment(t.lastReport) : say("never"), all("missing"), all("lost"), chain,
    actions(t, hubs, reload)] };
}

function actions(t, hubs, reload) {
  const about = `${t.place.store}, ${t.place.lane}`;
  const act = (text, call) => button(text, about, async () => {
    if ((await call()) === false) return;
    await reload();
    tell(say("It is done."));
  });
  const block = () => ask("PUT", `/v1/management/terminals/${t.terminal}/block`, { blocked: !t.blocked });
  const question = say("Lane %1 of store %2 redeems nothing any more once it hears of it.", t.place.lane, t.place.store);
  const buttons = [t.blocked ? act("Unblock", block) : act("Block", async () => (await sure(question)) && block())];
  buttons.push(act("End token", () => ask("DELETE", `/v1/management/terminals/${t.terminal}/token`)));
  if (t.forgotten) buttons.push(act("It has not forgotten", () => ask("DELETE", `/v1/management/terminals/${t.terminal}/forgotten`)));
  return buttons.concat(hubActions(t, hubs, act));
}

// hubActions say what a lane is to the hub of its store: it may host it, or, where another does, nobody waits for it.
function hubActions(t, hubs, act) {
  const role = (to) => () => ask("PUT", `/v1/management/terminals/${t.terminal}/hub`, { mayHost: Boolean(t.mayHost), outOfService: Boolean(t.outOfService), ...to });
  if (t.mayHost) return [act("Not the hub any more", role({ mayHost: false }))];
  const buttons = [act("May be the hub", role({ mayHost: true, outOfService: false }))];
  const question = say("Does lane %1 of store %2 hold no offer that the hub was not told of? The hub will not wait for it.", t.place.lane, t.place.store);
  if (t.outOfService) buttons.push(act("In service again", role({ outOfService: false })));
  else if (hubs) buttons.push(act("Out of service", async () => (await sure(question)) && role({ outOfService: true })()));
  return buttons;
}
