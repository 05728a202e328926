// The merchant's page. The key stays in this tab.
import * as access from "/access.js";
import { $, ask, element, say, tell } from "/books.js";
import * as campaigns from "/campaigns.js";
import * as chart from "/chart.js";
import * as effects from "/effects.js";
import * as lanes from "/lanes.js";
import * as records from "/records.js";
import { translate } from "/words.js";

translate(say);
$("sections").append(...[["days", "Days"], ["campaigns-section", "Campaigns"], ["money-section", "Money"], ["effects-section", "Effects"],
  ["records-section", "Records"], ["lanes-section", "Lanes"], ["agreements-section", "Agreements"], ["access-section", "Access"]].map(([id, name]) => element("a", say(name), { href: `#${id}` })));

function days(figures) {
  const measures = chart.measures(figures), chosen = Math.max($("measure").selectedIndex, 0);
  $("measure").replaceChildren(...measures.map((m) => element("option", m.name)));
  $("measure").selectedIndex = Math.min(chosen, measures.length - 1);
  const draw = () => chart.draw(figures, measures[$("measure").selectedIndex]);
  $("measure").onchange = draw;
  onresize = draw;
  draw();
}

async function load() {
  const [{ campaigns: all }, { figures }, { terminals }, { gaps }, { ledger }, { agreements }, { codes }, { keys }, shop, { effects: changed }] = await Promise.all([
    ask("GET", "/v1/management/campaigns"), ask("GET", "/v1/management/figures"), ask("GET", "/v1/management/terminals"),
    ask("GET", "/v1/management/gaps"), ask("GET", "/v1/management/ledger"), ask("GET", "/v1/management/agreements"),
    ask("GET", "/v1/management/codes"), ask("GET", "/v1/management/keys"),
    ask("GET", "/v1/management/shop"), ask("GET", "/v1/management/effects"),
  ]);
  days(figures);
  campaigns.list(all, figures, load);
  campaigns.money(ledger, all);
  effects.list(changed, all);
  records.know(all);
  lanes.list(terminals, gaps, load);
  access.agreements(agreements, shop.merchant, load);
  access.shop(shop, load);
  access.codes(codes, load);
  access.keys(keys, load);
  $("signin").hidden = true;
  $("books").hidden = false;
}

async function open() {
  try {
    await load();
    tell("");
  } catch (problem) {
    sessionStorage.removeItem("key");
    $("signin").hidden = false;
    $("books").hidden = true;
    tell(problem.message);
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
