// What both pages say in the customer's or merchant's language. A dictionary has, by the English phrase, the same in German, French and
// Spanish; %1 and %2 are filled in.
const languages = ["de", "fr", "es"];

// speaker returns a function that translates by a dictionary, into the first language of the browser that there is.
export function speaker(dictionary) {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag === "en" || languages.includes(tag)) || "en";
  document.documentElement.lang = wanted;
  return (phrase, ...parts) => {
    const text = wanted === "en" ? phrase : dictionary[phrase]?.[languages.indexOf(wanted)] || phrase;
    return parts.reduce((said, part, i) => said.replace(`%${i + 1}`, part), text);
  };
}

// translate changes what stands in the page itself: texts of elements with data-t, and the attributes that data-t names.
export function translate(say, root = document) {
  for (const e of root.querySelectorAll("[data-t]")) {
    for (const name of e.dataset.t.split(" ").filter(Boolean)) e.setAttribute(name, say(e.getAttribute(name)));
    if (!e.dataset.t) e.textContent = say(e.textContent);
  }
  document.title = say(document.title);
}
