package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/offlane/offlane/barcode/wedge"
	"github.com/offlane/offlane/redeem/offer"
)

// report prints one scan, a line for each thing that is to be said.
func report(w io.Writer, scan wedge.Scan) {
	say := func(what, format string, args ...any) {
		fmt.Fprintf(w, "%-10s "+format+"\n", append([]any{what}, args...)...)
	}
	say("arrived", "%q", scan.Raw)
	say("bytes", "% x", scan.Raw)
	if scan.AIM.Code != 0 {
		say("symbology", "%s (%s)", scan.AIM.Symbology(), scan.AIM)
	}
	for _, repair := range scan.Repairs {
		say("repaired", "%s", repair)
	}
	say("text", "%q", scan.Text)
	if scan.Incomplete {
		say("warning", "the scan stopped before its end came")
	}
	say("offer", "%s", describe(scan))
	fmt.Fprintln(w)
}

// describe says which offer the scan is, or why it is none.
func describe(scan wedge.Scan) string {
	p, err := offer.Reader{Separated: scan.Separated}.Choose(scan.Readings...)
	if err != nil {
		return "none: " + err.Error()
	}
	parts := []string{string(p.Dress)}
	if !p.ID.IsZero() {
		parts = append(parts, "identifier "+p.ID.String())
	}
	if p.Pass != nil {
		parts = append(parts, fmt.Sprintf("issued by %s, valid until %s", p.Pass.Issuer,
			p.Pass.NotAfter.Format("2006-01-02")))
	}
	if p.Coupon != "" {
		parts = append(parts, "coupon "+p.Coupon)
	}
	if !p.Identifies() {
		parts = append(parts, "without a serial, so that its copies cannot be told apart")
	}
	return strings.Join(parts, ", ")
}
