// Package offer says which offer was presented and whether it is genuine. It holds values only: no I/O, no clock of its
// own, and everything in it may be used by several goroutines at once.
//
// An offer is named by an [ID], 128 random bits, and may be shown in three dresses, all of which [Parse] takes:
//
//   - Short code: 28 symbols that a person can read out and type. The 128 bits, with two zero bits before them, are 26
//     symbols of five bits each, most significant first; two Reed-Solomon check symbols over GF(32) follow. The
//     alphabet is the digits and the capital letters without I, O, Q and Z. In Code 128 the same bits are 40 digits:
//     the number in 39 decimal digits and one check digit (Damm).
//   - Signed pass: "OL1:" and then, in base45 (RFC 9285), a COSE_Sign1 with its tag 18 (RFC 9052), whose payload is a
//     CBOR Web Token (RFC 8392), signed with Ed25519 (RFC 8032). All of its text is in the QR code's alphanumeric set.
//   - GS1: a coupon that carries AI (255), (8110) or (8112), as an element string or a GS1 Digital Link URI. Its
//     number is an alias of an offer, never an [ID].
//
// # Texts without separators
//
// A GS1 element string has a separator (GS) behind every element whose length is not predefined. Some hand scanners
// lose it, and the text that is left can be several coupons. A [Reader] that does not know that separators arrive
// counts all that such a text can mean: one reading is taken, several are fault.Ambiguous. A [Layout] says what the
// coupons of one campaign look like, so that readings outside it fall away.
//
// # The signed pass
//
// The protected header holds the algorithm (1: -8; -19, its newer name, is read as well), the key id (4, a byte string)
// and the type (16: 61, which is application/cwt); the unprotected header is empty. The claims are
//
//	1 iss   the issuer's name, text
//	3 aud   the merchants, text, or an array of at least two texts; absent: every merchant that trusts the issuer
//	4 exp   not after, seconds since 1970; at this moment the pass is no longer valid
//	5 nbf   not before, seconds since 1970; absent: from iat
//	6 iat   issued at, seconds since 1970
//	7 cti   the offer's identifier, 16 bytes
//	-65537  what is Offlane's own, a map: 0 version (1), 1 campaign, 2 stores, 3 uses, 4 offline uses, 5 alias, 6 terms,
//	        7 owner
//
// Everything is in the core deterministic encoding (RFC 8949, section 4.2.1) without tags and floating-point numbers,
// there is one form of every pass, and it is at most 384 bytes long. Claims that are not named here are ignored,
// as RFC 8392 says; an unknown key within -65537 is refused, since it could be a restriction. The whole is drawn in
// CDDL (RFC 8610) in testdata/pass.cddl.
package offer
