package wire

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A Report is the body of POST /v1/reports: a signed heading and the records, all verbatim.
type Report struct {
	Heading   Bytes   `json:"heading"`
	Signature Bytes   `json:"signature"`
	Records   []Bytes `json:"records"`
	// Passes has for each record the pass that the terminal keeps beside it, empty where there is none; absent: the
	// backend did not ask for them in Answer.Wanted.
	Passes []string `json:"passes,omitempty"`
	// Statements are signed answers that the terminal got before on some of the records, at most MaxStatements.
	Statements []Signed `json:"statements,omitempty"`
}

// MaxStatements is the most statements in a report.
const MaxStatements = record.MaxStatements

// A Signed is a statement or a notice of the backend's, verbatim: see record.Signed.
type Signed struct {
	KeyID     string `json:"keyId"`
	Content   Bytes  `json:"content"`
	Signature Bytes  `json:"signature"`
}

// fromSigned returns nil for none.
func fromSigned(s record.Signed) *Signed {
	if s.IsZero() {
		return nil
	}
	return &Signed{s.KeyID, s.Content, s.Signature}
}

// Record returns what was signed; the zero record.Signed for nil.
func (s *Signed) Record() record.Signed {
	if s == nil {
		return record.Signed{}
	}
	return record.Signed{KeyID: s.KeyID, Content: s.Content, Signature: s.Signature}
}

// FromReport returns the body that carries r.
func FromReport(r record.Report) Report {
	records := make([]Bytes, len(r.Records))
	for i, raw := range r.Records {
		records[i] = raw
	}
	var statements []Signed
	for _, s := range r.Statements {
		statements = append(statements, Signed{s.KeyID, s.Content, s.Signature})
	}
	return Report{r.Heading, r.Signature, records, r.Passes, statements}
}

// Record returns the report that the body carries. It is neither verified nor taken apart: record.Report.Open does
// that. Errors: fault.TooLarge for more than record.MaxReport records or MaxStatements statements, fault.Malformed
// where the passes are not as many as the records.
func (r Report) Record() (record.Report, error) {
	if len(r.Records) > record.MaxReport {
		return record.Report{}, fault.New(fault.TooLarge, "wire.Report",
			"%d records, at most %d are allowed in a report", len(r.Records), record.MaxReport)
	}
	if len(r.Statements) > MaxStatements {
		return record.Report{}, fault.New(fault.TooLarge, "wire.Report",
			"%d statements, at most %d are allowed in a report", len(r.Statements), MaxStatements)
	}
	if len(r.Passes) != 0 && len(r.Passes) != len(r.Records) {
		return record.Report{}, fault.New(fault.Malformed, "wire.Report", "%d passes for %d records", len(r.Passes),
			len(r.Records))
	}
	records := make([][]byte, len(r.Records))
	for i, raw := range r.Records {
		records[i] = raw
	}
	var statements []record.Signed
	for _, s := range r.Statements {
		statements = append(statements, s.Record())
	}
	return record.Report{Heading: r.Heading, Signature: r.Signature, Records: records, Passes: r.Passes,
		Statements: statements}, nil
}

// An Upload is the body of POST /v1/management/uploads: reports that a terminal wrote to a file since it had no
// network. They are signed by the terminal, so whoever carries them need not be trusted with them.
type Upload struct {
	Reports []Report `json:"reports"`
}

// Uploaded is the answer to an upload: one answer a report, in their order.
type Uploaded struct {
	Answers []UploadAnswer `json:"answers"`
}

// An UploadAnswer says what became of one report of an upload: Answer is set, or Problem where the report as a whole
// was not taken.
type UploadAnswer struct {
	Answer  *Answer  `json:"answer,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
}

// Size is how long the report is as JSON, roughly and rather more than less; in bytes.
func (r Report) Size() int {
	size := 256 + (len(r.Heading)+len(r.Signature))*4/3
	for _, raw := range r.Records {
		size += len(raw)*4/3 + 8
	}
	for _, pass := range r.Passes {
		size += len(pass) + 8
	}
	for _, s := range r.Statements {
		size += len(s.Content)*4/3 + 256
	}
	return size
}
