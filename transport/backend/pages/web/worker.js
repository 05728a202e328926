// The service worker: the page comes from the copy, what changes comes from the network while there is one.
const cacheName = "offlane-1";
const shell = ["/", "/customer.js", "/style.css", "/icon.svg", "/manifest.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([...shell, "/v1/device/offers"])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

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
  if (shell.includes(pathname)) {
    event.respondWith(copyFirst(event));
  } else if (pathname === "/v1/device/offers") {
    event.respondWith(networkFirst(event.request));
  } else if (pathname.startsWith("/v1/device/offers/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept || copy(event.request)));
  }
});

self.addEventListener("message", (event) => {
  const pictures = event.data?.keep || [];
  event.waitUntil((async () => {
    const cache = await caches.open(cacheName);
    if (event.data?.list) await copy(new Request("/v1/device/offers", { credentials: "same-origin" })).catch(() => {});
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/v1/device/offers/") && !pictures.includes(pathname)) await cache.delete(request);
    }
    for (const path of pictures) {
      if (!(await cache.match(path))) await copy(new Request(path, { credentials: "same-origin" })).catch(() => {});
    }
  })());
});
