package redeem

import (
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// attachmentVersion is the version of attachments that this package writes.
const attachmentVersion = 1

// An attachment is what the journal keeps beside a redemption or a correction and no report carries: what a receipt is
// printed from again, and the pass, for a backend that lost it. In the journal it is a map in CBOR (RFC 8949), in core
// deterministic encoding.
type attachment struct {
	Version int `cbor:"1,keyasint"`
	// Pass is the text of the pass that was shown; empty: another dress, or a correction.
	Pass string `cbor:"2,keyasint,omitempty"`
	// Currency is that of the discount; empty: none was worked out.
	Currency string `cbor:"3,keyasint,omitempty"`
	// Count is how many lines the sale had.
	Count int `cbor:"4,keyasint,omitempty"`
	// Lines are the discount's lines that are not zero, two numbers each: how many lines lie between it and the one
	// before, and the amount.
	Lines []int64 `cbor:"5,keyasint,omitempty"`
	// Parts is how many records the call made that made this one, and Part which of them it is, from 0. Where it made
	// one both are 0.
	Parts int `cbor:"6,keyasint,omitempty"`
	Part  int `cbor:"7,keyasint,omitempty"`
}

// attach returns what is kept of a pass and a discount, beside one of several records of a call or beside the only one;
// nil for what says nothing. A discount whose lines do not fit is left out.
func attach(pass string, d terms.Discount, part, parts int) []byte {
	if parts <= 1 {
		part, parts = 0, 0
	}
	lines := 0
	for _, amount := range d.Lines {
		if amount != 0 {
			lines++
		}
	}
	raw := writeAttachment(pass, &d, lines, part, parts)
	if len(raw) > journal.MaxAttachment {
		raw = writeAttachment(pass, &terms.Discount{}, 0, part, parts)
	}
	return raw
}

// writeAttachment writes an attachment; so many lines of the discount are not zero.
func writeAttachment(pass string, d *terms.Discount, lines, part, parts int) []byte {
	if pass == "" && lines == 0 && parts == 0 {
		return nil
	}
	w := cbor.NewWriter(32 + len(pass) + 6*lines)
	all := w.OpenMap()
	w.PutUint(1, attachmentVersion)
	w.OptText(2, pass)
	if lines > 0 {
		w.PutText(3, d.Currency)
		w.OptInt(4, int64(len(d.Lines)))
		w.Key(5)
		writeLines(&w, d.Lines, lines)
	}
	w.OptInt(6, int64(parts))
	w.OptInt(7, int64(part))
	w.CloseMap(all)
	return w.Data()
}

// writeLines writes the lines that are not zero.
func writeLines(w *cbor.Writer, all []int64, lines int) {
	w.Head(cbor.Array, uint64(2*lines))
	gap := uint64(0)
	for _, amount := range all {
		if amount == 0 {
			gap++
			continue
		}
		w.Head(cbor.Unsigned, gap)
		w.Head(cbor.Unsigned, uint64(amount))
		gap = 0
	}
}

// attachmentDecoder passes over later minor additions.
var attachmentDecoder = cbor.NewDecoder(cbor.Limits{Elements: 2 * terms.MaxLines, Pairs: 16})

// decodeAttachment reads what attach wrote. Errors: fault.TooLarge, fault.UnsupportedVersion, fault.Malformed.
func decodeAttachment(raw []byte) (attachment, error) {
	const op = "redeem.attachment"
	var a attachment
	if len(raw) > journal.MaxAttachment {
		return a, fault.New(fault.TooLarge, op, "%d bytes, at most %d are written", len(raw), journal.MaxAttachment)
	}
	if err := attachmentDecoder.Unmarshal(raw, &a); err != nil {
		return attachment{}, fault.New(fault.Malformed, op, "it is no map as it is written: %w", err)
	}
	if a.Version != attachmentVersion {
		return attachment{}, fault.New(fault.UnsupportedVersion, op, "version %d, this program knows %d", a.Version,
			attachmentVersion)
	}
	if !a.isWhole() {
		return attachment{}, fault.New(fault.Malformed, op, "its numbers do not fit together")
	}
	return a, nil
}

// isWhole reports whether the lines lie within the sale's, and the record among those of its call.
func (a *attachment) isWhole() bool {
	if a.Parts < 0 || a.Parts > journal.MaxCall || a.Part < 0 || a.Part > 0 && a.Part >= a.Parts {
		return false
	}
	if a.Count < 0 || a.Count > terms.MaxLines || len(a.Lines)%2 != 0 ||
		(len(a.Lines) > 0) != terms.IsCurrency(a.Currency) ||
		len(a.Pass) > offer.MaxPassText {
		return false
	}
	next := int64(0)
	for i := 0; i < len(a.Lines); i += 2 {
		gap, amount := a.Lines[i], a.Lines[i+1]
		if gap < 0 || gap >= int64(a.Count)-next || amount <= 0 || amount > terms.MaxAmount {
			return false
		}
		next += gap + 1
	}
	return true
}

// discount returns the discount as it was worked out.
func (a *attachment) discount() (d terms.Discount) {
	if len(a.Lines) == 0 {
		return d
	}
	d = terms.Discount{Currency: a.Currency, Lines: make([]int64, a.Count)}
	next := int64(0)
	for i := 0; i < len(a.Lines); i += 2 {
		next += a.Lines[i] + 1
		d.Lines[next-1] = a.Lines[i+1]
		d.Total += a.Lines[i+1]
	}
	return d
}

// attachmentOf reads the attachment of a record. One that is damaged is passed over: the record stands for itself.
func (r *recorder) attachmentOf(stored journal.Stored) attachment {
	if len(stored.Attachment) == 0 {
		return attachment{}
	}
	a, err := decodeAttachment(stored.Attachment)
	if err != nil {
		r.log.Warn("what is kept beside a record cannot be read", "record", record.ID(stored.ID), errAttr(err))
	}
	return a
}

// passText returns the text of a pass without what a scanner sends before and behind it; empty for another dress.
func passText(scanned string, p *offer.Presented) string {
	if p.Dress != offer.SignedPass {
		return ""
	}
	begin := strings.Index(scanned, passPrefix)
	if begin < 0 {
		return ""
	}
	return strings.TrimRight(scanned[begin:], "\r\n\t")
}

// passPrefix is what the text of a pass begins with.
const passPrefix = "OL1:"
