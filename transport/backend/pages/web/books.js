// What the parts of the merchant's page share: the words, the calls, tables and questions.
import dictionary from "/merchant-words.js";
import { speaker } from "/words.js";

export const $ = (id) => document.getElementById(id);
export const say = speaker(dictionary);
export const tell = (text) => { $("status").textContent = text; };

async function send(method, path, body) {
  const init = { method, headers: { Authorization: `Bearer ${sessionStorage.getItem("key")}` } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(path, init);
  if (answer.ok) return answer;
  const problem = await answer.json();
  throw new Error(problem.detail || problem.title);
}

// ask makes a call of the contract and returns what it is answered with; nothing where that has no body.
export async function ask(method, path, body) {
  const answer = await send(method, path, body);
  return answer.status === 204 ? null : answer.json();
}

// download keeps the answer to a call as a file.
export async function download(method, path, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await send(method, path)).blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export function element(tag, text, attributes = {}) {
  const e = document.createElement(tag);
  e.textContent = text;
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  return e;
}

// button makes a button whose label says what it is about. What fails is told at the top of the page.
export function button(text, about, action) {
  const b = element("button", say(text), { type: "button", class: "quiet slim", "aria-label": `${say(text)}: ${about}` });
  b.addEventListener("click", () => action().catch((problem) => tell(problem.message)));
  return b;
}

// table puts a table in the element of an id, under the title of its section. On a narrow screen its style shows each cell behind the
// name of its column, as a card; the roles tell a screen reader that it is a table all the same.
export function table(id, headings, rows) {
  const title = `${id}-title`;
  const frame = element("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": title });
  const whole = element("table", "", { role: "table" }), head = element("thead", "", { role: "rowgroup" });
  const heads = element("tr", "", { role: "row" }), body = element("tbody", "", { role: "rowgroup", id });
  heads.append(...headings.map((name) => element("th", say(name), { scope: "col", role: "columnheader" })));
  body.append(...rows.map((cells) => row(headings, cells)));
  head.append(heads);
  whole.append(head, body);
  frame.append(whole);
  $(`${id}-table`).replaceChildren(frame);
}

function row(headings, { cells, trouble }) {
  const tr = element("tr", "", { role: "row", class: trouble ? "trouble" : "" });
  cells.forEach((cell, i) => {
    const td = element("td", "", { role: "cell", "data-column": say(headings[i]) });
    td.append(...[cell].flat());
    if (typeof cell === "number") td.className = "number";
    if (Array.isArray(cell)) td.className = "actions";
    if (typeof cell === "string" && cell.length > 40) td.className = "said";
    tr.append(td);
  });
  return tr;
}

// sure asks a question and returns whether the answer is yes.
export function sure(question) {
  $("question").textContent = question;
  $("ask").returnValue = "no";
  $("ask").showModal();
  return new Promise((resolve) => $("ask").addEventListener("close", () => resolve($("ask").returnValue === "yes"), { once: true }));
}

function money(currency) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
}

// digits is how many digits a currency has behind the point.
export const digits = (currency) => money(currency).resolvedOptions().maximumFractionDigits;

// amount writes minor units of a currency as people read them.
export function amount(minor, currency) {
  if (!currency) return minor ? String(minor) : "";
  return money(currency).format(minor / 10 ** digits(currency));
}

export const moment = (millis) => new Date(millis).toLocaleString(document.documentElement.lang);
export const date = (millis) => new Date(millis).toLocaleDateString(document.documentElement.lang);
