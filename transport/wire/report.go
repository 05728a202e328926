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
}

// FromReport returns the body that carries r.
func FromReport(r record.Report) Report {
	records := make([]Bytes, len(r.Records))
	for i, raw := range r.Records {
		records[i] = raw
	}
	return Report{r.Heading, r.Signature, records}
}

// Record returns the report that the body carries. It is neither verified nor taken apart: record.Report.Open does that.
// Error: fault.TooLarge for more than record.MaxReport records.
func (r Report) Record() (record.Report, error) {
	if len(r.Records) > record.MaxReport {
		return record.Report{}, fault.New(fault.TooLarge, "wire.Report",
			"%d records, at most %d are allowed in a report", len(r.Records), record.MaxReport)
	}
	records := make([][]byte, len(r.Records))
	for i, raw := range r.Records {
		records[i] = raw
	}
	return record.Report{Heading: r.Heading, Signature: r.Signature, Records: records}, nil
}

// An Upload is the body of POST /v1/management/uploads: reports that a terminal wrote to a file since it had no network.
// They are signed by the terminal, so whoever carries them need not be trusted with them.
type Upload struct {
	Reports []Report `json:"reports"`
}

// Uploaded is the answer to an upload: one answer a report, in their order.
type Uploaded struct {
	Answers []UploadAnswer `json:"answers"`
}

// An UploadAnswer says what became of one report of an upload: Answer is set, or Problem where the report as a whole was
// not taken.
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
	return size
}
