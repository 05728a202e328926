package record

import (
	"crypto"
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/fault"
)

// MaxReport is the largest number of records in one report.
const MaxReport = 1000

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
}

// A Report is a run of records under a signed heading. Both travel verbatim.
type Report struct {
	Heading   []byte
	Signature []byte
	Records   [][]byte
}

// An Item is one record of an opened report. Err says why the backend cannot use it; the others are not touched by that.
type Item struct {
	Raw    []byte
	Hash   Hash
	Record Record
	// Err is nil, or fault.TooLarge, fault.Malformed, fault.UnsupportedVersion or, where the record is not the one that
	// the chain calls for at its place, fault.NotCanonical.
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
	for _, lost := range h.Lost {
		if lost.First == 0 || lost.Last < lost.First {
			return fault.New(fault.Malformed, op, "the range %d to %d of lost records is empty", lost.First, lost.Last)
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

// items checks the links backwards in meaning but forwards in reading: a record is vouched for by the one after it, the
// last by the signed head, so one that cannot be read does not break the chain for the others.
func (r Report) items(h Heading) []Item {
	items := make([]Item, len(r.Records))
	for i, raw := range r.Records {
		item := Item{Raw: raw, Hash: HashOf(raw)}
		item.Record, item.Err = Decode(raw)
		if item.Err == nil {
			item.Err = linked(item.Record, h, uint64(i), items[:i])
		}
		items[i] = item
	}
	return items
}

func linked(rec Record, h Heading, i uint64, before []Item) error {
	const op = "record.Report.Open"
	switch {
	case rec.Terminal != h.Terminal || rec.Chain != h.Chain:
		return fault.New(fault.NotCanonical, op, "record %s is of another terminal or chain", rec.ID)
	case rec.Number != h.First+i:
		return fault.New(fault.NotCanonical, op, "record %s has number %d where %d belongs", rec.ID, rec.Number, h.First+i)
	case i > 0 && rec.Prev != before[i-1].Hash:
		return fault.New(fault.NotCanonical, op, "record %d does not follow the record before it", rec.Number)
	}
	return nil
}

func reportBytes(heading []byte) []byte { return append([]byte(reportContext), heading...) }
