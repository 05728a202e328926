package record

import (
	"cmp"
	"crypto"
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/fault"
)

// MaxReport is the largest number of records in one report.
const MaxReport = 1000

// MaxStatements is the most signed answers in one report.
const MaxStatements = 64

// maxHeading bounds the signed heading in bytes.
const maxHeading = 16 << 10

const reportContext = "offlane report 1\x00"

// A Range is a run of chain numbers, both ends included.
type Range struct {
	First uint64 `cbor:"1,keyasint" json:"first"`
	Last  uint64 `cbor:"2,keyasint" json:"last"`
}

// A Heading is the signed part of a report.
type Heading struct {
	Version  int        `cbor:"1,keyasint"`
	Terminal TerminalID `cbor:"2,keyasint"`
	Chain    ChainID    `cbor:"3,keyasint"`
	// First and Last are the chain numbers of the records, which follow one another. Both are 0 in a report without
	// records, which a terminal sends to say what was lost or to ask for verdicts.
	First uint64 `cbor:"4,keyasint,omitempty"`
	Last  uint64 `cbor:"5,keyasint,omitempty"`
	// Head is the hash of the last record.
	Head Hash `cbor:"6,keyasint,omitzero"`
	// Sent is the evidence of time when the report was signed.
	Sent Evidence `cbor:"7,keyasint"`
	// After is the cursor: the number of the last verdict that the terminal has on disk.
	After uint64 `cbor:"8,keyasint,omitempty"`
	// Lost are chain numbers whose records the terminal's journal lost to damage. They will never come.
	Lost []Range `cbor:"9,keyasint,omitempty"`
	// Waiting is how many records are left behind those of this report, as of Sent: the length of the queue once it is answered.
	Waiting uint64 `cbor:"10,keyasint,omitempty"`
	// Aside are chain numbers of records that the terminal set aside, since reports with them fail and others do not. They are neither
	// missing nor lost: the terminal has them and tries them again.
	Aside []Range `cbor:"11,keyasint,omitempty"`
}

// A Report is a run of records under a signed heading. All of it travels verbatim.
type Report struct {
	Heading   []byte
	Signature []byte
	Records   [][]byte
	// Passes are what the terminal keeps beside the records, as text: one for each record, empty where there is none. Nil: the backend
	// did not ask. Each pass bears its issuer's signature, so that the terminal's does not cover them.
	Passes []string
	// Statements are answers that the terminal got before on some of the records.
	Statements []Signed
}

// An Item is one record of an opened report. Err says why the backend cannot use it; the others are not touched by that.
type Item struct {
	Raw  []byte
	Hash Hash
	// Name is the record's id, or what stands for it where it cannot be read; see IDOf.
	Name   ID
	Record Record
	// Err is nil, or fault.TooLarge, fault.Malformed, fault.UnsupportedVersion, fault.NotCanonical where it is not the record that the
	// chain calls for at its place, or fault.Forged where the signature does not cover it.
	Err error
}

// Seal signs a report. The records must be of one chain and follow one another by number; h.First, h.Last and h.Head are
// set from them. Errors: fault.InvalidRequest, fault.Internal for a key that does not sign.
func Seal(h Heading, records [][]byte, key crypto.Signer) (Report, error) {
	const op = "record.Seal"
	h.Version = Version
	h.First, h.Last, h.Head = 0, 0, Hash{}
	if n := len(records); n > 0 {
		first, err := Decode(records[0])
		if err != nil {
			return Report{}, fault.New(fault.InvalidRequest, op, "%w", err)
		}
		h.First, h.Last, h.Head = first.Number, first.Number+uint64(n)-1, HashOf(records[n-1])
	}
	if len(records) > MaxReport {
		return Report{}, fault.New(fault.InvalidRequest, op, "%d records, at most %d fit in a report", len(records), MaxReport)
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
	}
	return cmp.Or(checkRanges("lost", h.Lost), checkRanges("set aside", h.Aside))
}

func checkRanges(what string, ranges []Range) error {
	for _, r := range ranges {
		if r.First == 0 || r.Last < r.First {
			return fault.New(fault.Malformed, "record.Report", "the range %d to %d of records %s is empty", r.First, r.Last, what)
		}
	}
	return nil
}

// Open verifies a report with the terminal's key and takes it apart. It fails as a whole with fault.Forged, or where the
// heading or the chain's head does not fit; what is wrong with one record stands in its item.
func (r Report) Open(key ed25519.PublicKey) (Heading, []Item, error) {
	const op = "record.Report.Open"
	h, err := r.Peek()
	if err != nil {
		return Heading{}, nil, err
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, reportBytes(r.Heading), r.Signature) {
		return Heading{}, nil, fault.New(fault.Forged, op, "the report is not signed by terminal %s", h.Terminal)
	}
	if n := len(r.Records); n > 0 && HashOf(r.Records[n-1]) != h.Head {
		return Heading{}, nil, fault.New(fault.Forged, op, "record %d is not the one that was signed", h.Last)
	}
	return h, r.items(h), nil
}

// items takes the records apart from the last to the first. The signature covers the last by its hash, and each vouches for the one
// before it by naming its hash; one that cannot be read vouches for none and doubts none.
func (r Report) items(h Heading) []Item {
	items := make([]Item, len(r.Records))
	expected, covered := h.Head, true
	for i := len(items) - 1; i >= 0; i-- {
		item := &items[i]
		item.Raw, item.Hash, item.Name = r.Records[i], HashOf(r.Records[i]), IDOf(r.Records[i])
		item.Record, item.Err = Decode(item.Raw)
		if item.Err == nil {
			item.Err = item.Record.belongs(h, uint64(i))
		}
		covered = covered && (expected == Hash{} || expected == item.Hash)
		expected = Hash{}
		if item.Err == nil {
			expected = item.Record.Prev
		}
		if item.Err == nil && !covered {
			item.Err = fault.New(fault.Forged, "record.Report.Open", "the terminal's signature does not cover record %s", item.Name)
		}
	}
	return items
}

func (r Record) belongs(h Heading, i uint64) error {
	if r.Terminal == h.Terminal && r.Chain == h.Chain && r.Number == h.First+i {
		return nil
	}
	return fault.New(fault.NotCanonical, "record.Report.Open", "record %s is not number %d of the chain, which belongs there", r.ID, h.First+i)
}

func reportBytes(heading []byte) []byte { return append([]byte(reportContext), heading...) }
