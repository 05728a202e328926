// Package trust is what a terminal takes on trust while it has no network: the trust bundle, signed by the backend,
// with the issuers' keys, what was revoked, the campaigns' rules, the agreements with other merchants, and a filter of
// the offers whose uses are spent elsewhere. It holds values only, has no clock of its own, and everything that Verify
// and Accept return may be used by several goroutines at once.
//
// # The form of a bundle
//
// A bundle is a COSE_Sign1 as [offer.Issuer.Seal] makes it, of the type "application/x-offlane-bundle". Its payload is
// a CBOR map (RFC 8949) with integer keys in the core deterministic encoding (section 4.2.1). A reader ignores keys
// that it does not know. Times are milliseconds since 1970, UTC. The whole is drawn in CDDL (RFC 8610) in
// testdata/bundle.cddl.
//
//	1 version (1)              5 issuers' keys        9 campaigns
//	2 sequence, from 1         6 backend's keys       10 filter of spent offers
//	3 merchant                 7 revoked offers       14 agreements
//	4 made                     8 revoked campaigns    15 salt, 16 bytes
//	20 newest correction of the backend's clock, absent where there is none      21 withdrawals of time
//	22 lanes of stores with a hub, in ascending order of stores and ids
//
// A set of offers (7, and those of a delta) is one byte string of 16 bytes an offer and name of it, in strictly
// ascending order. They are hashes, since what is revoked or spent can become good again and nobody should read it
// here:
//
//	SHA-256(salt ‖ 0x03 ‖ identifier)[0:16]    or    SHA-256(salt ‖ 0x04 ‖ GS1 number)[0:16]
//
// An identifier cannot be found from its hash. A GS1 number can, by whoever tries all serials. The revoked campaigns
// are in strictly ascending order of their bytes.
//
// A campaign (9) is a map: 1 name; 2 prefixes of GS1 numbers; 3 stores; 4 and 5 bounds of its validity; 6 terms; 7
// allowance of unproven offers; 8 allowance while nothing is reported; 9 whether a manager is asked beyond a pass's
// own limit; 10 title; 11 owner, absent where it is the bundle's merchant; 12 layout of its GS1 coupons, a map: 1
// lengths of serials, 2 AIs, 3 greatest amount. What is empty, 0 or false is left out.
//
//	agreement = {                 ; (14) with another merchant, whose offers are redeemed
//	  1: text,                    ; owner
//	  ? 2: [+ text],              ; its campaigns; absent: all
//	  ? 3: uint,                  ; passes issued from then on are not redeemed; absent: it is in force
//	  ? 4: true,                  ; the bundle's merchant ended it at once: nothing is redeemed
//	}
//
//	withdrawal = {                ; (21) statements of time that were wrong
//	  1: uint,                    ; those signed under a correction below this one
//	  2: uint,                    ; that say a moment from here, included
//	  3: uint,                    ; until here
//	}
//
// # The filter
//
// The filter is a binary fuse filter of three hashes with fingerprints of 16 bits (Graf and Lemire, "Binary Fuse
// Filters", 2022). It is a map: 1 salt, 16 bytes; 2 number of offers; 3 segment length L as a power of two, 2 to 18; 4
// fingerprints, a byte string of two bytes each, big-endian. There are S+2 segments of L fingerprints. An offer is
// hashed as
//
//	d = SHA-256(salt ‖ 0x01 ‖ identifier)    or    SHA-256(salt ‖ 0x02 ‖ GS1 number)
//
// and, with big-endian numbers, its three places are
//
//	a = ⌊d[0:8]·S·L / 2⁶⁴⌋    b = (a+L) xor (d[8:12] mod L)    c = (a+2L) xor (d[12:16] mod L)
//
// The offer is in the filter if the fingerprints at a, b and c together (xor) are d[16:18]. One that is not in it is
// taken for one that is with a chance of 1 in 65536, which is why a hit asks a manager and refuses nothing. Each
// filter has a fresh salt, so that no offer is unlucky twice.
//
// # Deltas
//
// A delta is sealed likewise, of the type "application/x-offlane-delta". It holds all that changed since one bundle,
// its base, so that only the newest one is ever needed: the keys, the campaigns, the revoked campaigns and the
// agreements anew, and of the large sets what was added and what was taken out, hashed with the base's salt.
//
//	1 version (1)    5 issuers' keys       9 campaigns           12 spent since
//	2 sequence       6 backend's keys      10 base's sequence    13 uses given back since
//	3 merchant       7 revoked since       11 restored since     14 agreements
//	4 made           8 revoked campaigns   15 base's salt; may be absent where no offer changed
//	20 newest correction of the backend's clock                21 withdrawals of time
//	22 lanes of stores with a hub, unless 23 says that the base's stand
//
// What a terminal keeps, and what can be carried to it on a stick, is a bundle followed by at most one delta of it (a
// CBOR sequence, RFC 8742).
package trust
