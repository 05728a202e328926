// What a script keeps of the passes that can be used: a fallback for when the backend's list is out of reach, or does not have one any
// more since the browser lost its cookies. A pass is good without either.
const key = "offlane-kept";

function read() {
  try {
    return JSON.parse(localStorage.getItem(key)) || [];
  } catch {
    return []; // the browser keeps nothing, or somebody else wrote there
  }
}

function write(offers) {
  try {
    localStorage.setItem(key, JSON.stringify(offers));
  } catch {
    // the browser keeps nothing: the cookies and the service worker have it
  }
}

const isGood = (offer) => offer.state === "open" && (!offer.notAfter || Date.now() < offer.notAfter);

// all are the passes that can be used, as far as this device knows.
export const all = () => read().filter(isGood);

// merge adds what the list does not have any more to it, and keeps what can be used of both.
export function merge(listed) {
  const names = new Set(listed.map((offer) => offer.name));
  const alone = all().filter((offer) => !names.has(offer.name)).map((offer) => ({ ...offer, alone: true }));
  write([...listed, ...alone].filter(isGood));
  return [...listed, ...alone];
}

export const forget = () => write([]);
