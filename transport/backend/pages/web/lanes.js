// The lanes, those in trouble first, and what stops one.
import { $, ask, button, moment, say, sure, table, tell } from "/books.js";

const ranges = (list) => list.map((r) => (r.first === r.last ? `${r.first}` : say("%1 to %2", r.first, r.last))).join(", ");

// weigh says how much trouble a lane has: what may cost money before what is late.
function weigh(t) {
  const late = !t.lastReport || Date.now() - t.lastReport > 86400000;
  return [t.forked, t.forgotten, t.awaited > 0, t.aside > 0, t.waits > 0, t.blocked, late].reduce((n, bad) => 2 * n + Number(Boolean(bad)), 0);
}

export function list(terminals, gaps, reload) {
  const sorted = terminals.toSorted((a, b) => weigh(b) - weigh(a) || a.place.store.localeCompare(b.place.store) || a.place.lane.localeCompare(b.place.lane));
  const fill = () => {
    const words = $("search").value.toLowerCase().split(" ").filter(Boolean);
    const text = (t) => `${t.place.store} ${t.place.lane} ${t.terminal}`.toLowerCase();
    table("lanes", ["Store", "Lane", "In its queue", "Last report", "Records missing", "Lost", "Chain", "Actions"],
      sorted.filter((t) => words.every((word) => text(t).includes(word))).map((t) => lane(t, gaps, reload)));
  };
  $("search").oninput = fill;
  fill();
}

function lane(t, gaps, reload) {
  const mine = gaps.filter((g) => g.terminal === t.terminal);
  const all = (name) => ranges(mine.flatMap((g) => g[name] || [])) || say("none");
  const chain = t.forked ? say("forked") : t.forgotten ? say("may have forgotten") : say("sound");
  return { trouble: weigh(t) > 1, cells: [t.place.store, t.blocked ? say("%1 (blocked)", t.place.lane) : t.place.lane,
    t.lastReport ? t.waiting : say("not known"), t.lastReport ? moment(t.lastReport) : say("never"), all("missing"), all("lost"), chain,
    actions(t, reload)] };
}

function actions(t, reload) {
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
  return buttons;
}
