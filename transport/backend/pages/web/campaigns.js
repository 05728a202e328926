// The campaigns: what they come to, and what can be done with them.
import { $, amount, ask, button, digits, say, sure, table, tell } from "/books.js";

const counts = ["accepted", "redeemed", "voided", "duplicates", "rejected", "shown"];

function sums(figures) {
  const by = new Map();
  for (const f of figures) {
    const sum = by.get(f.campaign) || Object.fromEntries(counts.map((name) => [name, 0]));
    for (const name of counts) sum[name] += f[name];
    by.set(f.campaign, sum);
  }
  return by;
}

export function list(campaigns, figures, reload) {
  const by = sums(figures);
  const foreign = [...by.keys()].filter((id) => !campaigns.some((c) => c.id === id)).map((id) => ({ id, title: id, state: "partner's" }));
  table("campaigns", ["Campaign", "State", "Accepted", "Redeemed", "Voided", "Duplicates", "Rejected", "Shown", "Actions"],
    campaigns.concat(foreign).map((c) => {
      const sum = by.get(c.id) || {};
      return { cells: [c.title, say(c.state), ...counts.map((name) => sum[name] || 0), actions(c, reload)] };
    }));
  $("create").onclick = () => edit({}, reload);
}

// actions are the buttons for what a campaign's state allows.
function actions(c, reload) {
  const to = (text, state, question) => button(text, c.title, async () => {
    if (question && !(await sure(say(question, c.title)))) return;
    await ask("PUT", `/v1/management/campaigns/${c.id}/state`, { state });
    await reload();
    tell(say("“%1” is %2 now.", c.title, say(state)));
  });
  const change = button("Change", c.title, async () => edit(c, reload));
  const end = to("End", "ended", "No offer of “%1” can be accepted any more. Those that are out stay good.");
  const withdraw = to("Withdraw", "revoked", "All offers of “%1” are revoked, also those that customers hold. This cannot be undone.");
  switch (c.state) {
    case "active": return [change, to("Pause", "paused"), end, withdraw];
    case "paused": return [change, to("Resume", "active"), end, withdraw];
    case "ended": return [withdraw];
  }
  return [];
}

const day = 86400;

const dateOf = (millis) => new Date(millis).toISOString().slice(0, 10);

// edit opens the form for a campaign, of which an empty one is to be created.
function edit(c, reload) {
  const currency = c.terms?.currency || c.currency || "EUR", terms = c.terms || {};
  const values = {
    "c-id": c.id, "c-title": c.title, "c-text": c.text, "c-kind": terms.kind, "c-currency": currency,
    "c-worth": terms.kind === "percent-off" ? terms.percent / 100 : terms.amount && terms.amount / 10 ** digits(currency),
    "c-days": c.validSeconds && Math.ceil(c.validSeconds / day), "c-ends": c.ends && dateOf(c.ends),
    "c-held": c.holdout?.percent, "c-limit": c.limit, "c-device": c.perDevice, "c-budget": c.budget && c.budget / 10 ** digits(currency),
  };
  for (const [id, value] of Object.entries(values)) $(id).value = value || "";
  $("c-id").readOnly = Boolean(c.id);
  $("edit-status").textContent = "";
  $("campaign-form").onsubmit = (event) => {
    event.preventDefault();
    save(c, filled(c), reload).catch((problem) => { $("edit-status").textContent = problem.message; });
  };
  $("edit").showModal();
}

// filled is the campaign with what stands in the form; what the form does not have stays.
function filled(c) {
  const currency = $("c-currency").value, minor = (id) => Math.round(Number($(id).value) * 10 ** digits(currency || "EUR"));
  const whole = (id) => Number($(id).value) || undefined, kind = $("c-kind").value;
  const to = { ...c, id: $("c-id").value, title: $("c-title").value, text: $("c-text").value || undefined,
    limit: whole("c-limit"), perDevice: whole("c-device"), budget: minor("c-budget") || undefined };
  to.holdout = whole("c-held") && { ...c.holdout, percent: whole("c-held") };
  const days = whole("c-days"), ends = $("c-ends").valueAsNumber;
  if (days !== Math.ceil((c.validSeconds || 0) / day)) to.validSeconds = days && days * day;
  if (!c.ends || $("c-ends").value !== dateOf(c.ends)) to.ends = Number.isNaN(ends) ? undefined : ends + day * 1000 - 1;
  const same = c.terms?.kind === kind || !c.terms?.kind && !kind || !["amount-off", "percent-off", ""].includes(c.terms?.kind || "");
  to.terms = kind || same && c.terms ? { ...(same ? c.terms : {}) } : undefined;
  if (kind) to.terms.kind = kind;
  if (kind === "amount-off") Object.assign(to.terms, { amount: minor("c-worth"), currency });
  if (kind === "percent-off") Object.assign(to.terms, { percent: Math.round(Number($("c-worth").value) * 100), currency: same ? c.terms.currency : undefined });
  if (to.budget && !to.terms?.currency) to.currency = c.currency || currency;
  return to;
}

async function save(c, to, reload) {
  if (c.id) await ask("PUT", `/v1/management/campaigns/${c.id}`, { ...to, state: undefined });
  else await ask("POST", "/v1/management/campaigns", to);
  $("edit").close();
  await reload();
  tell(say("“%1” is saved.", to.title));
}

$("c-cancel").addEventListener("click", () => $("edit").close());

// money lists what each campaign comes to in each currency in which something was given, or may still be.
export function money(ledger, campaigns) {
  const titles = new Map(campaigns.map((c) => [c.id, c.title]));
  table("money", ["Campaign", "Given", "Taken back", "Net", "Still to give at most", "Budget"],
    ledger.filter((line) => line.currency).map((line) => {
      const sum = (minor) => amount(minor, line.currency), beyond = line.beyond > 0;
      const budget = !line.budget ? say("none") : beyond ? say("%1, of which %2 too much", sum(line.budget), sum(line.beyond)) : sum(line.budget);
      return { trouble: beyond, cells: [titles.get(line.campaign) || line.campaign, sum(line.given), sum(line.takenBack),
        sum(line.given - line.takenBack), line.unbounded ? say("no maximum") : sum(line.liability), budget] };
    }));
}
