// The chart: a bar for each of the last days, a scale at the left, and the value of the day that is pointed at.
import { $, amount, digits, say } from "/books.js";

const svg = (tag, attributes, text = "") => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.textContent = text;
  return e;
};

const height = 200, left = 64, top = 12, step = 20;

// scale is the distance of the lines of a scale that goes up to a value: 1, 2 or 5 times a power of ten, with which there are 3 to 6,
// and at least 1 where it goes up to that.
export function scale(most) {
  const rough = (most || 5) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  return most < 1 ? unit : Math.max(unit, 1);
}

// measures are what can be shown: counts, and money by currency.
export function measures(figures) {
  const counts = ["Redeemed", "Accepted", "Voided", "Duplicates", "Rejected", "Shown"].map((name) => ({
    name: say(name), value: (f) => f[name.toLowerCase()], write: String, unit: 1,
  }));
  const currencies = [...new Set(figures.map((f) => f.currency).filter(Boolean))].sort();
  return counts.concat(currencies.map((currency) => ({
    name: say("Given in %1", currency), value: (f) => (f.currency === currency ? f.given - f.takenBack : 0),
    write: (n) => amount(n, currency), unit: 10 ** digits(currency),
  })));
}

// draw shows a measure of the last thirty days, or fourteen where the screen is too narrow to read more.
export function draw(figures, measure) {
  const span = innerWidth < 600 ? 14 : 30;
  const days = Array.from({ length: span }, (_, i) => new Date(Date.now() - (span - 1 - i) * 86400000).toISOString().slice(0, 10));
  const values = days.map((day) => figures.filter((f) => f.day === day).reduce((n, f) => n + measure.value(f), 0));
  const unit = scale(Math.max(...values) / measure.unit) * measure.unit, lines = Math.max(1, Math.ceil(Math.max(...values) / unit));
  const y = (value) => top + height - height * value / (lines * unit);
  const total = measure.write(values.reduce((a, b) => a + b, 0));
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${left + step * span + 12} ${height + 44}`, role: "img", tabindex: "0",
    "aria-label": say("%1, day by day: %2 in all. The arrow keys read single days.", measure.name, total) });
  for (let i = 0; i <= lines; i++) {
    picture.append(svg("line", { x1: left, x2: left + step * span, y1: y(i * unit), y2: y(i * unit) }),
      svg("text", { x: left - 6, y: y(i * unit) + 4, "text-anchor": "end" }, measure.write(i * unit)));
  }
  const bars = values.map((value, i) => bar(picture, { x: left + i * step, y: y(Math.max(value, 0)), low: y(0), day: days[i], labelled: i % 7 === (span - 1) % 7 }));
  listen(picture, bars, (i) => `${days[i]}: ${measure.write(values[i])}`);
  $("chart").replaceChildren(picture);
}

function bar(picture, at) {
  const shown = svg("rect", { x: at.x + 3, y: at.y, width: step - 6, height: at.low - at.y });
  const whole = svg("rect", { class: "hit", x: at.x, y: top, width: step, height });
  picture.append(shown, whole);
  if (at.labelled) picture.append(svg("text", { x: at.x + step / 2, y: height + 34, "text-anchor": "middle" }, at.day.slice(5)));
  return { shown, whole };
}

// listen tells the value of the day under the pointer, and of those that the arrow keys go to.
function listen(picture, bars, text) {
  let at = bars.length;
  const read = (i) => {
    bars[at]?.shown.classList.remove("read");
    at = i;
    bars[i].shown.classList.add("read");
    $("reading").textContent = text(i);
  };
  bars.forEach(({ whole }, i) => whole.addEventListener("pointerenter", () => read(i)));
  picture.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    read(Math.min(Math.max(at + move, 0), bars.length - 1));
  });
}
