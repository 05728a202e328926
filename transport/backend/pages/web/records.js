// Single records and their verdicts, found by a day, a receipt, an offer or a till.
import { $, amount, ask, download, moment, say, table, tell } from "/books.js";

let query = "", shown = [], campaigns = [];

export const know = (all) => { campaigns = all; };

$("by").addEventListener("change", () => {
  $("what").type = $("by").value === "day" ? "date" : "text";
  $("what").value = $("by").value === "day" ? new Date().toISOString().slice(0, 10) : "";
});
$("what").value = new Date().toISOString().slice(0, 10);

function asked() {
  const names = { [$("by").value]: $("what").value.trim(), store: $("at").value.trim(), status: $("verdict").value };
  return new URLSearchParams(Object.entries(names).filter(([, value]) => value)).toString();
}

function cells(r) {
  const title = campaigns.find((c) => c.id === r.campaign)?.title || r.campaign || "";
  const verdict = [say(r.status), r.detail || r.reason].filter(Boolean).join(": ");
  return { trouble: r.status !== "confirmed" && r.status !== "received", cells: [moment(r.latest), say(r.kind), title, r.place.store || "", r.place.lane || "",
    amount(r.given?.amount || 0, r.given?.currency), amount(r.takenBack || 0, r.given?.currency), r.receipt || "", verdict] };
}

async function find(next) {
  if (!next) [query, shown] = [asked(), []];
  const answer = await ask("GET", `/v1/management/records?${query}${next ? `&after=${next}` : ""}`);
  shown.push(...answer.records);
  $("records-table").hidden = false;
  table("records", ["When", "Kind", "Campaign", "Store", "Lane", "Given", "Taken back", "Receipt", "Verdict"], shown.map(cells));
  $("more").hidden = !answer.next;
  $("more").onclick = () => find(answer.next).catch((problem) => tell(problem.message));
  tell(say("%1 records are shown.", shown.length));
}

$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  find().catch((problem) => tell(problem.message));
});
$("csv").addEventListener("click", () => {
  if (!$("find").reportValidity()) return;
  download("GET", `/v1/management/records?${asked()}&format=csv`, "records.csv").catch((problem) => tell(problem.message));
});
