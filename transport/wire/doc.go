// Package wire is the contract between terminals, customers' devices and a backend: JSON over HTTPS, version 1.
// openapi.yaml beside this file, embedded as OpenAPI, is the contract itself; the Go types here are what both ends
// share of it.
//
//	terminal ──► POST /v1/terminals    a code and a public key           ──► a token, the place, the backend's keys
//	         ──► POST /v1/reports      a signed heading and records      ──► an answer for each record, later verdicts
//	         ──► GET  /v1/verdicts     after a cursor                    ──► later verdicts
//	         ──► GET  /v1/bundle       with the version it has as ETag   ──► the signed trust bundle, or 304
//	device   ──► POST /v1/device/offers, GET /v1/device/offers, GET /v1/device/visit
//	merchant ──► /v1/management/...    with a management key
//
// What was signed travels verbatim, as base64url without padding (RFC 4648 section 5) inside the JSON; nobody encodes
// it again. An answer that a terminal acts on has the contract's own media type, ContentType: whatever stands between
// the two ends may answer 200, but not with that. Errors are problems (RFC 9457) whose type ends in a code of package
// fault.
//
// Within /v1 fields and abilities are only added. A reader passes over fields that it does not know, and a backend
// lists in its health answer what it can do. What a merchant sends was written by a person and is read strictly: see
// ReadStrict.
package wire
