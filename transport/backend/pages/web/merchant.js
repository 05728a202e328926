// The merchant's page only reads. The key stays in this tab.
const $ = (id) => document.getElementById(id);
const svg = (tag, attributes, text = "") => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.textContent = text;
  return e;
};

async function ask(path) {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${sessionStorage.getItem("key")}` } });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.detail || value.title);
  return value;
}

// row makes a row of a table. On a narrow screen its style shows each cell behind the name of its column, as a card; the roles tell
// a screen reader that it is a table all the same.
function row(table, ...cells) {
  const tr = document.createElement("tr");
  tr.setAttribute("role", "row");
  const names = $(table).closest("table").querySelectorAll("th");
  cells.forEach((cell, i) => {
    const td = document.createElement("td");
    td.setAttribute("role", "cell");
    td.dataset.column = names[i].textContent;
    td.textContent = cell;
    if (typeof cell === "number") td.className = "number";
    tr.append(td);
  });
  return tr;
}

function sums(figures) {
  const by = new Map();
  for (const f of figures) {
    const sum = by.get(f.campaign) || { accepted: 0, redeemed: 0, voided: 0, duplicates: 0, rejected: 0, shown: 0 };
    for (const name of Object.keys(sum)) sum[name] += f[name];
    by.set(f.campaign, sum);
  }
  return by;
}

// chart draws a bar for each of the last thirty days, or fourteen where the screen is too narrow to read more.
function chart(figures) {
  const span = innerWidth < 600 ? 14 : 30;
  const days = Array.from({ length: span }, (_, i) => new Date(Date.now() - (span - 1 - i) * 86400000).toISOString().slice(0, 10));
  const counts = days.map((day) => figures.filter((f) => f.day === day).reduce((n, f) => n + f.redeemed, 0));
  const most = Math.max(1, ...counts), total = counts.reduce((a, b) => a + b, 0);
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${60 + 20 * span} 220`, role: "img", "aria-label": `${total} redemptions in the last ${span} days, at most ${most} a day` });
  counts.forEach((n, i) => {
    const height = 160 * n / most;
    const bar = svg("rect", { x: 40 + i * 20, y: 185 - height, width: 14, height });
    bar.append(svg("title", {}, `${days[i]}: ${n}`));
    picture.append(bar);
    if (i % 7 === (span - 1) % 7) picture.append(svg("text", { x: 30 + i * 20, y: 205 }, days[i].slice(5)));
  });
  picture.append(svg("text", { x: 8, y: 30 }, String(most)), svg("text", { x: 8, y: 188 }, "0"));
  $("chart").replaceChildren(picture);
}

// amount writes minor units of a currency as people read them.
function amount(minor, currency) {
  if (!currency) return minor ? String(minor) : "";
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

// money is a row for a campaign and currency in which something was given, or may still be.
function money(line, titles) {
  return row("money", titles.get(line.campaign) || line.campaign, amount(line.given, line.currency), amount(line.takenBack, line.currency),
    amount(line.given - line.takenBack, line.currency), line.unbounded ? "no maximum" : amount(line.liability, line.currency));
}

const ranges = (list = []) => list.map((r) => (r.first === r.last ? `${r.first}` : `${r.first} to ${r.last}`)).join(", ");

// lane is a row of the lanes' table, with the gaps in the chains of that terminal.
function lane(t, gaps) {
  const mine = gaps.filter((g) => g.terminal === t.terminal);
  const all = (name) => ranges(mine.flatMap((g) => g[name] || [])) || "none";
  const name = t.blocked ? `${t.place.lane} (blocked)` : t.place.lane;
  const tr = row("lanes", t.place.store, name, t.lastReport ? t.waiting : "not known",
    t.lastReport ? new Date(t.lastReport).toLocaleString() : "never", all("missing"), all("lost"), t.forked ? "forked" : "sound");
  if (t.forked || t.blocked || t.awaited > 0) tr.className = "trouble";
  return tr;
}

// agreement is a row for what this merchant and another agreed upon, or proposed.
function agreement(a) {
  const since = { proposed: a.proposed, active: a.accepted, ended: a.ended }[a.state];
  const state = a.stopped ? "stopped" : a.state === "proposed" ? `proposed by ${a.proposedBy}` : a.state;
  return row("agreements", a.owner, a.partner, (a.campaigns || []).join(", ") || "all", state, new Date(since).toLocaleDateString());
}

async function load() {
  const [{ campaigns }, { figures }, { terminals }, { gaps }, { ledger }, { agreements }] = await Promise.all(
    ["campaigns", "figures", "terminals", "gaps", "ledger", "agreements"].map((name) => ask(`/v1/management/${name}`)));
  const by = sums(figures);
  chart(figures);
  onresize = () => chart(figures);
  const foreign = [...by.keys()].filter((id) => !campaigns.some((c) => c.id === id)).map((id) => ({ id, title: id, state: "partner's" }));
  $("campaigns").replaceChildren(...campaigns.concat(foreign).map((c) => {
    const s = by.get(c.id) || {};
    return row("campaigns", c.title, c.state, ...["accepted", "redeemed", "voided", "duplicates", "rejected", "shown"].map((name) => s[name] || 0));
  }));
  const titles = new Map(campaigns.map((c) => [c.id, c.title]));
  $("money").replaceChildren(...ledger.filter((line) => line.currency).map((line) => money(line, titles)));
  $("lanes").replaceChildren(...terminals.map((t) => lane(t, gaps)));
  $("agreements").replaceChildren(...agreements.map(agreement));
  $("agreed").hidden = agreements.length === 0;
  $("signin").hidden = true;
  $("books").hidden = false;
}

async function open() {
  try {
    await load();
    $("status").textContent = "";
  } catch (problem) {
    sessionStorage.removeItem("key");
    $("signin").hidden = false;
    $("books").hidden = true;
    $("status").textContent = problem.message;
  }
}

$("signin").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("key", $("key").value);
  $("key").value = "";
  open();
});

$("signout").addEventListener("click", () => {
  sessionStorage.removeItem("key");
  location.reload();
});

if (sessionStorage.getItem("key")) open();
