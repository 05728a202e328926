// The service worker: the page comes from the copy, the list of offers from the network while there is one.
const cacheName = "offlane-2";
const shell = ["/", "/customer.js", "/customer-words.js", "/words.js", "/worth.js", "/kept.js", "/qr.js", "/style.css", "/manifest.webmanifest", "/icon.svg"];
const list = "/v1/device/offers";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([...shell, list])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
  await self.clients.claim();
})()));

// copy fetches from the network and keeps what came.
async function copy(request) {
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(cacheName);
    await cache.put(request, answer.clone());
  }
  return answer;
}

async function networkFirst(request) {
  try {
    return await copy(request);
  } catch (problem) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw problem;
  }
}

async function copyFirst(event) {
  const kept = await caches.match(event.request, { ignoreSearch: true });
  if (!kept) return copy(event.request);
  event.waitUntil(copy(event.request).catch(() => {}));
  return kept;
}

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (shell.includes(pathname)) event.respondWith(copyFirst(event));
  else if (pathname === list) event.respondWith(networkFirst(event.request));
});

// The page says that it fetched a list that the worker did not see pass by.
self.addEventListener("message", (event) => {
  if (event.data?.list) event.waitUntil(copy(new Request(list, { credentials: "same-origin" })).catch(() => {}));
});
