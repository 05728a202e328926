// What an offer is worth and on which conditions, in a sentence.
const money = (minor, currency) => {
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
};

function discount(say, terms) {
  switch (terms.kind) {
    case "amount-off": return say("%1 off", money(terms.amount, terms.currency));
    case "percent-off": return say("%1 off", `${(terms.percent / 100).toLocaleString(document.documentElement.lang)} %`);
    case "fixed-price": return say("for %1", money(terms.amount || 0, terms.currency));
    case "free-item": return say("one free");
  }
  return "";
}

// worth is empty where the shop's own system knows.
export function worth(say, terms) {
  if (!terms?.kind) return "";
  return [discount(say, terms),
    terms.cap && terms.kind !== "amount-off" && say("at most %1", money(terms.cap, terms.currency)),
    terms.minSpend && say("from %1 on", money(terms.minSpend, terms.currency)),
    terms.minQuantity && !terms.unit && say("from %1 items on", terms.minQuantity),
    terms.products?.length && say("on chosen products"),
    !terms.combinable && say("not together with other offers")].filter(Boolean).join(" · ");
}
