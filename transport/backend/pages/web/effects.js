// What became of answers, and what they changed.
import { say, table } from "/books.js";

const points = (part) => (100 * part).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1, signDisplay: "exceptZero" });

// difference says by how much, with the interval, or that there is too little to tell.
function difference(d) {
  if (d.says === "too-little") return say("too little to tell");
  const text = say("%1 points (%2 to %3)", points(d.estimate), points(d.low), points(d.high));
  return d.says === "no-difference" ? say("%1: perhaps none", text) : text;
}

const arm = (a) => (a.open ? say("%1, of which %2 go on", a.eligible, a.open) : String(a.eligible));

function compared(trial) {
  if (!trial) return ["", "", "", ""];
  return [arm(trial.answered), arm(trial.heldOut), difference(trial.accepted), difference(trial.redeemed)];
}

export function list(effects, campaigns) {
  const titles = new Map(campaigns.map((c) => [c.id, c.title]));
  table("effects", ["Campaign", "Seen", "Followed", "Not for me", "Taken", "Answered", "Held out", "Accepted more", "Redeemed more"],
    effects.map((e) => ({ cells: [titles.get(e.campaign) || e.campaign, e.seen, e.clicked, e.dismissed, e.taken, ...compared(e.trial)] })));
}
