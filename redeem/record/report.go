package record

import (
	"cmp"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"

	"github.com/offlane/offlane/redeem/fault"
)

// MaxReport is the largest number of records in one report.
const MaxReport = 1000

// MaxStatements is the most signed answers in one report.
const MaxStatements = 64

// MaxNumber is the largest chain number and the largest number of a verdict: JSON readers hold it exactly (RFC 8259
// section 6).
const MaxNumber = 1<<53 - 1

// maxHeading bounds the signed heading in bytes.
const maxHeading = 16 << 10

const reportContext = "offlane report 1\x00"

// A Heading is the signed part of a report.
type Heading struct {
	Version  int        `cbor:"1,keyasint"`
	Terminal TerminalID `cbor:"2,keyasint"`
	Chain    ChainID    `cbor:"3,keyasint"`
	// First and Last are the chain numbers of the records, which follow one another. Both are 0 in a report without
	// records, which a terminal sends to say what was lost or to ask for verdicts.
	First uint64 `cbor:"4,keyasint,omitempty"`
	Last  uint64 `cbor:"5,keyasint,omitempty"`
	// Digest is the SHA-256 over the hashes of all records, in their order; zero without records.
	Digest Hash `cbor:"6,keyasint,omitzero"`
	// Sent is the evidence of time when the report was signed.
	Sent Evidence `cbor:"7,keyasint"`
	// After is the cursor: the number of the last verdict that the terminal has on disk.
	After uint64 `cbor:"8,keyasint,omitempty"`
	// Lost are chain numbers whose records the terminal's journal lost to damage. They will never come.
	Lost []Range `cbor:"9,keyasint,omitempty"`
	// Waiting is how many records are left behind those of this report, as of Sent: the length of the queue once it is
	// answered.
	Waiting uint64 `cbor:"10,keyasint,omitempty"`
	// Aside are chain numbers of records that the terminal set aside, since reports with them fail and others do not.
	// They are neither missing nor lost: the terminal has them and tries them again.
	Aside []Range `cbor:"11,keyasint,omitempty"`
	// LostFrom is the chain number from which on the terminal's journal lost records and nobody knows how many; 0: there
	// are none. The terminal goes on with another chain then.
	LostFrom uint64 `cbor:"12,keyasint,omitempty"`
	// Forgotten says what the terminal may have forgotten; nil: nothing that it knows of.
	Forgotten *Forgotten `cbor:"13,keyasint,omitempty"`
}

// A Report is a run of records under a signed heading. All of it travels verbatim.
type Report struct {
	Heading   []byte
	Signature []byte
	Records   [][]byte
	// Passes are what the terminal keeps beside the records, as text: one for each record, empty where there is none.
	// Nil: the backend did not ask. Each pass bears its issuer's signature, so that the terminal's does not cover them.
	Passes []string
	// Statements are answers that the terminal got before on some of the records.
	Statements []Signed
}

// An Item is one record of an opened report. Err says why the backend cannot use it; the others are not touched by
// that.
type Item struct {
	Raw  []byte
	Hash Hash
	// Name is the record's id, or what stands for it where it cannot be read; see IDOf.
	Name   ID
	Record Record
	// Err is nil, or fault.TooLarge, fault.Malformed, fault.UnsupportedVersion, or fault.NotCanonical where it is not
	// the record that the chain calls for at its place.
	Err error
}

// Seal signs a report. The records must be of one chain and follow one another by number; h.First, h.Last and
// h.Digest are set from them. Errors: fault.InvalidRequest, fault.Internal for a key that does not sign.
func Seal(h Heading, records [][]byte, key crypto.Signer) (Report, error) {
	const op = "record.Seal"
	h.Version = Version
	h.First, h.Last, h.Digest = 0, 0, Hash{}
	if n := len(records); n > 0 {
		first, err := Decode(records[0])
		if err != nil {
			return Report{}, fault.New(fault.InvalidRequest, op, "%w", err)
		}
		h.First, h.Last, h.Digest = first.Number, first.Number+uint64(n)-1, digestOf(records)
	}
	if len(records) > MaxReport {
		return Report{}, fault.New(fault.InvalidRequest, op, "%d records, at most %d fit in a report", len(records),
			MaxReport)
	}
	raw, err := encode(h)
	if err != nil {
		return Report{}, fault.New(fault.InvalidRequest, op, "%w", err)
	}
	signature, err := sign(op, key, reportBytes(raw))
	return Report{Heading: raw, Signature: signature, Records: records}, err
}

// Peek reads a report's heading without verifying it: enough to look up the terminal's key. Errors as Decode.
func (r Report) Peek() (Heading, error) {
	var h Heading
	if err := decode("report heading", r.Heading, maxHeading, &h); err != nil {
		return Heading{}, err
	}
	return h, h.check(len(r.Records))
}

func (h Heading) check(records int) error {
	const op = "record.Report"
	switch {
	case h.Terminal.IsZero() || h.Chain.IsZero():
		return fault.New(fault.Malformed, op, "the heading names no terminal or no chain")
	case records > MaxReport:
		return fault.New(fault.TooLarge, op, "%d records, at most %d are allowed in a report", records, MaxReport)
	case records == 0 && (h.First != 0 || h.Last != 0):
		return fault.New(fault.Malformed, op, "the heading names records %d to %d, but none came", h.First, h.Last)
	case records > 0 && (h.First == 0 || h.Last-h.First != uint64(records)-1):
		return fault.New(fault.Malformed, op, "the heading names records %d to %d, but %d came", h.First, h.Last, records)
	case max(h.Last, h.After, h.Waiting, h.LostFrom) > MaxNumber:
		return fault.New(fault.Malformed, op, "a number of the heading is above %d", uint64(MaxNumber))
	}
	return cmp.Or(checkRanges("lost", h.Lost), checkRanges("set aside", h.Aside), h.Forgotten.check())
}

func checkRanges(what string, ranges []Range) error {
	for _, r := range ranges {
		if r.First == 0 || r.Last < r.First || r.Last > MaxNumber {
			return fault.New(fault.Malformed, "record.Report",
				"the range %d to %d of records %s is empty, or goes above %d",
				r.First, r.Last, what, uint64(MaxNumber))
		}
	}
	return nil
}

// Open verifies a report with the terminal's key and takes it apart. It fails as a whole with fault.Forged where the
// signature does not cover the heading or one of the records; what is wrong with one record stands in its item. Whether
// each record names the one before it is not looked at: the chain is the business of whoever keeps what came before.
func (r Report) Open(key ed25519.PublicKey) (Heading, []Item, error) {
	const op = "record.Report.Open"
	h, err := r.Peek()
	if err != nil {
		return Heading{}, nil, err
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, reportBytes(r.Heading), r.Signature) {
		return Heading{}, nil, fault.New(fault.Forged, op, "the report is not signed by terminal %s", h.Terminal)
	}
	items := r.items(h)
	if len(items) > 0 && h.Digest != digestOfItems(items) {
		return Heading{}, nil, fault.New(fault.Forged, op, "records %d to %d are not those that terminal %s signed",
			h.First, h.Last, h.Terminal)
	}
	return h, items, nil
}

func (r Report) items(h Heading) []Item {
	items := make([]Item, len(r.Records))
	for i, raw := range r.Records {
		item := &items[i]
		item.Raw, item.Hash, item.Name = raw, HashOf(raw), IDOf(raw)
		item.Record, item.Err = Decode(raw)
		if item.Err == nil {
			item.Err = item.Record.belongs(h, uint64(i))
		}
	}
	return items
}

func digestOf(records [][]byte) Hash {
	sum := sha256.New()
	for _, raw := range records {
		hash := HashOf(raw)
		sum.Write(hash[:])
	}
	return Hash(sum.Sum(nil))
}

func digestOfItems(items []Item) Hash {
	sum := sha256.New()
	for i := range items {
		sum.Write(items[i].Hash[:])
	}
	return Hash(sum.Sum(nil))
}

func (r Record) belongs(h Heading, i uint64) error {
	if r.Terminal == h.Terminal && r.Chain == h.Chain && r.Number == h.First+i {
		return nil
	}
	return fault.New(fault.NotCanonical, "record.Report.Open",
		"record %s is not number %d of the chain, which belongs there", r.ID, h.First+i)
}

func reportBytes(heading []byte) []byte { return append([]byte(reportContext), heading...) }
