// Package record holds what happened at a terminal and what became of it: the redemption and void records that go into
// the journal, the chain that ties them together, the report that carries them to the backend, and the verdicts that
// come back. They are plain values and formats: no I/O, no clock. Both ends of the wire share them.
//
// # A record
//
// A record is a CBOR map (RFC 8949) with integer keys, in core deterministic encoding (section 4.2.1), version first.
// The bytes that Encode returned travel verbatim from the till's memory to the backend's store; nobody encodes them
// again, since their SHA-256 is what the chain, the report and the verdict name them by. A reader ignores fields it
// does not know. All formats of this package are drawn in CDDL (RFC 8610) in testdata/record.cddl.
//
//	redemption ──prev──► redemption ──prev──► void ──prev──► redemption      one chain a terminal, numbered from 1
//	    #1                   #2                #3                #4
//
// # A report
//
// A report is a run of records of one chain with consecutive numbers, under a heading that the terminal signs with its
// Ed25519 key when it is sent. The heading names one hash over the hashes of all records, so that one signature covers
// each of them, whether it and its neighbours can be read or not. A record that the backend cannot read spoils only
// itself.
//
// # A verdict
//
// A verdict is the backend's final word on one record: confirmed, duplicate, rejected or quarantined. It names the
// record by id and hash, so that no answer can be taken for another's. The backend signs the verdicts of an answer
// together, as a statement.
package record
