package till

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

const help = `  redeem TEXT|FILE [SALE]   redeem what was scanned, or a picture file; SALE is the sale's key
  allow MANAGER WHY...      the manager's word on what was asked last
  void SALE|REDEMPTION      take a redemption back
  status                    how the terminal stands
  verdicts                  what the backend said; they are acknowledged when shown
  report                    report now
  backend                   what the backend can do, and what it lacks
  quit
`

// A Person drives a till by typing.
type Person struct {
	Till
	asked Command
}

// Talk reads commands from in, a line each, and answers in words on out.
func (p *Person) Talk(ctx context.Context, in io.Reader, out io.Writer) error {
	fmt.Fprint(out, "Type help for the commands.\n> ")
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) > 0 && words[0] == "quit" {
			return nil
		}
		if len(words) > 0 {
			p.line(ctx, lines.Text(), words, out)
		}
		fmt.Fprint(out, "> ")
	}
	return lines.Err()
}

func (p *Person) line(ctx context.Context, text string, words []string, out io.Writer) {
	c, ok := p.command(text, words)
	if !ok {
		fmt.Fprint(out, help)
		return
	}
	reply := p.Do(ctx, c)
	if reply.Error != nil {
		fmt.Fprintln(out, "  failed:", reply.Error.Explain())
		return
	}
	if reply.Decision != nil && reply.Decision.Outcome == redeem.Ask {
		p.asked = c
	}
	for _, line := range Words(reply) {
		fmt.Fprintln(out, " ", line)
	}
	if len(reply.Verdicts) > 0 {
		p.Do(ctx, Command{Do: "acknowledge", Records: recordIDs(reply.Verdicts)})
	}
}

func (p *Person) command(text string, words []string) (Command, bool) {
	c := Command{Do: words[0]}
	rest := words[1:]
	switch {
	case c.Do == "redeem" && len(rest) > 0:
		_, text, _ = strings.Cut(text, c.Do+" ")
		c.Scanned, c.SaleKey = splitSale(text)
		if strings.ContainsRune(c.Scanned, '.') && !strings.HasPrefix(strings.ToUpper(c.Scanned), "OL1:") {
			c.Scanned, c.File = "", c.Scanned
		}
	case c.Do == "allow" && len(rest) > 1 && p.asked.Do != "":
		c = p.asked
		c.Manager, c.Why = rest[0], strings.Join(rest[1:], " ")
	case c.Do == "void" && len(rest) == 1:
		var id record.ID
		if id.UnmarshalText([]byte(rest[0])) == nil {
			c.Redemption = id
		} else {
			c.SaleKey = rest[0]
		}
	case c.Do == "status" || c.Do == "verdicts" || c.Do == "report" || c.Do == "backend":
	default:
		return Command{}, false
	}
	return c, true
}

// splitSale parts what was scanned from the sale's key behind it. The text of a pass may have spaces in it, and at its
// end.
func splitSale(text string) (scanned, sale string) {
	byHand := "by hand at " + time.Now().Format(time.RFC3339Nano)
	if _, err := offer.Parse(text); err == nil {
		return text, byHand
	}
	text = strings.TrimSpace(text)
	if space := strings.LastIndexByte(text, ' '); space > 0 {
		return text[:space], text[space+1:]
	}
	return text, byHand
}

func recordIDs(verdicts []record.Verdict) []record.ID {
	ids := make([]record.ID, len(verdicts))
	for i, v := range verdicts {
		ids[i] = v.Record
	}
	return ids
}

// Words puts a reply into lines for a person.
func Words(r Reply) []string {
	switch {
	case r.Decision != nil:
		return decisionWords(*r.Decision)
	case r.Voided != nil:
		return []string{fmt.Sprintf("taken back: %d redemption(s)", len(r.Voided.Redemptions))}
	case r.Status != nil:
		return append(statusWords(*r.Status), countWords(r.Counts)...)
	case r.Backend != nil:
		return backendWords(*r.Backend)
	case r.Do == "verdicts":
		return verdictWords(r.Verdicts)
	}
	return []string{"done"}
}

func decisionWords(d redeem.Decision) []string {
	lines := []string{string(d.Outcome)}
	if d.Outcome == redeem.Allow {
		lines[0] = fmt.Sprintf("allow: receipt %s, redemption %s", d.Receipt, d.Redemption)
		if d.Given.Currency != "" {
			lines[0] += fmt.Sprintf(", %s off", amount(d.Given))
		}
		if d.Again {
			lines[0] += " (this sale had it already)"
		}
	}
	for _, r := range d.Reasons {
		lines = append(lines, fmt.Sprintf("  %s: %s", r.Code, r.Detail))
	}
	return lines
}

func amount(m record.Money) string {
	return fmt.Sprintf("%d minor units of %s", m.Amount, m.Currency)
}

func statusWords(s redeem.Status) []string {
	lines := []string{
		fmt.Sprintf("terminal %s, store %q, lane %q, enrolled: %t", s.Terminal, s.Place.Store, s.Place.Lane, s.Enrolled),
		fmt.Sprintf("pending %d, quarantined %d, verdicts to acknowledge %d, trust bundle %d", s.Pending, s.Quarantined,
			s.Verdicts, s.Bundle),
	}
	if !s.Blocked.IsZero() {
		lines = append(lines, "it was blocked by its merchant on "+s.Blocked.Format(time.RFC3339))
	}
	if s.Held != "" {
		lines = append(lines, "reporting is held: "+string(s.Held))
	}
	if s.LastError != "" {
		lines = append(lines, "last failure: "+s.LastError)
	}
	if !s.ClockTrusted {
		lines = append(lines, "the clock is not believed")
	}
	if !s.ClockClaimed.IsZero() {
		lines = append(lines, "a signed time that nothing confirms yet says that it is "+s.ClockClaimed.Format(time.RFC3339))
	}
	if s.BundleRefused != "" {
		lines = append(lines, fmt.Sprintf("the backend's trust bundle is refused since %s: %s",
			s.BundleRefusedSince.Format(time.RFC3339), s.BundleRefusal))
	}
	for _, d := range s.Damage {
		lines = append(lines, fmt.Sprintf("damage: %v", d))
	}
	return lines
}

func countWords(counts map[string]int) (lines []string) {
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("since the start: %s: %d", what, counts[what]))
	}
	return lines
}

func backendWords(h wire.Health) []string {
	lines := []string{fmt.Sprintf("%s; it can do %v", h.Status, h.Can)}
	if lacks := h.Lacks(wire.Known()...); len(lacks) > 0 {
		lines = append(lines, fmt.Sprintf("it is of an earlier version, which lacks %v", lacks))
	}
	return lines
}

func verdictWords(verdicts []record.Verdict) []string {
	lines := []string{fmt.Sprintf("%d to acknowledge", len(verdicts))}
	for _, v := range verdicts {
		line := fmt.Sprintf("%s: %s %s", v.Record, v.Status, v.Reason)
		if v.First != nil {
			line += fmt.Sprintf(" (first in store %q, lane %q)", v.First.Place.Store, v.First.Place.Lane)
		}
		lines = append(lines, line)
	}
	return lines
}
