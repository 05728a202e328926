// Signs and verifies passes with @auth0/cose, for TestPassesGoBothWaysWithAnotherImplementation. It reads one JSON object on
// standard input and writes one on standard output.
//
//   {"verify": hex of a COSE_Sign1, "key": JWK}  →  {"issuer": …, "id": hex, "keyID": …, "type": …}
//   {"sign": {issuer, keyID, id, issuedAt, notAfter}, "key": JWK}  →  {"pass": hex}
import { Sign1, Headers, Algorithms } from "@auth0/cose";
import { Encoder } from "cbor-x";
import { webcrypto } from "node:crypto";

const cbor = new Encoder({ tagUint8Array: false, useRecords: false, mapsAsObjects: false, useTag259ForMaps: false });
const own = -65537;

async function importKey(jwk, usage) {
  return webcrypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, true, [usage]);
}

async function verify({ verify, key }) {
  const message = cbor.decode(Buffer.from(verify, "hex"));
  await message.verify(await importKey(key, "verify"));
  const claims = cbor.decode(message.payload);
  return {
    issuer: claims.get(1),
    id: Buffer.from(claims.get(7)).toString("hex"),
    version: claims.get(own).get(0),
    keyID: Buffer.from(message.protectedHeaders.get(Headers.KeyID)).toString(),
    type: message.protectedHeaders.get(16),
  };
}

async function sign({ sign, key }) {
  const claims = new Map([
    [1, sign.issuer],
    [4, sign.notAfter],
    [6, sign.issuedAt],
    [7, Buffer.from(sign.id, "hex")],
    [own, new Map([[0, 1]])],
  ]);
  const headers = new Map([
    [Headers.Algorithm, Algorithms.EdDSA],
    [Headers.KeyID, Buffer.from(sign.keyID)],
    [16, 61],
  ]);
  const message = await Sign1.sign(headers, new Map(), cbor.encode(claims), await importKey(key, "sign"));
  return { pass: Buffer.from(message.encode()).toString("hex") };
}

let input = "";
for await (const chunk of process.stdin) input += chunk;
const request = JSON.parse(input);
console.log(JSON.stringify(await (request.verify ? verify(request) : sign(request))));
