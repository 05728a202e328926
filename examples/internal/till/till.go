// Package till is the part that the example programs share: a till around a redeem.Terminal that reads pictures too,
// and speaks one JSON object a line.
package till

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures from cameras
	_ "image/png"  // pictures from screens
	"io"
	"os"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/wire"
)

// A Command is one line to the till. Do names what to do; the other fields belong to the commands that say so.
type Command struct {
	// Do is redeem, void, status, verdicts, acknowledge, report, backend, scan or quit.
	Do string `json:"do"`
	// Scanned is what the scanner read (redeem). File is a picture to read it from instead (redeem, scan).
	Scanned string `json:"scanned,omitempty"`
	File    string `json:"file,omitempty"`
	// SaleKey names the sale (redeem, void).
	SaleKey string     `json:"saleKey,omitempty"`
	Sale    terms.Sale `json:"sale,omitzero"`
	// Manager and Why override what would be asked (redeem).
	Manager string `json:"manager,omitempty"`
	Why     string `json:"why,omitempty"`
	// Redemption names what to void, Partial says that only a part was returned (void).
	Redemption record.ID `json:"redemption,omitzero"`
	Partial    bool      `json:"partial,omitempty"`
	// Records are those whose verdicts the till has (acknowledge).
	Records []record.ID `json:"records,omitempty"`
}

// A Reply is the line that answers a command: Error, or what the command calls for.
type Reply struct {
	Do       string           `json:"do"`
	Error    *Failure         `json:"error,omitempty"`
	Decision *redeem.Decision `json:"decision,omitempty"`
	Voided   *redeem.Voided   `json:"voided,omitempty"`
	Status   *redeem.Status   `json:"status,omitempty"`
	Verdicts []record.Verdict `json:"verdicts,omitempty"`
	Symbols  []Symbol         `json:"symbols,omitempty"`
	// Counts are what happened since the program's start (status).
	Counts map[string]int `json:"counts,omitempty"`
	// Backend is what the backend says of itself; beside it Error where it lacks what a terminal needs (backend).
	Backend *wire.Health `json:"backend,omitempty"`
}

// A Failure is an error as a line of JSON.
type Failure struct {
	Code   fault.Code `json:"code"`
	Detail string     `json:"detail"`
}

// A Symbol is one that was read from a picture.
type Symbol struct {
	Format string `json:"format"`
	Text   string `json:"text"`
}

// A Till is a terminal that can also read pictures.
type Till struct {
	Terminal *redeem.Terminal
	Scanner  *barcode.Scanner
	// Counts gets the terminal's events; nil: nobody counts.
	Counts *Counts
	// Backend is where the terminal reports to; nil: nowhere.
	Backend *transport.Client
}

// Do carries out one command.
func (t Till) Do(ctx context.Context, c Command) Reply {
	reply := Reply{Do: c.Do}
	if err := t.do(ctx, c, &reply); err != nil {
		code := fault.CodeOf(err)
		if code == "" {
			code = fault.Internal
		}
		reply.Error = &Failure{Code: code, Detail: err.Error()}
	}
	return reply
}

func (t Till) do(ctx context.Context, c Command, reply *Reply) (err error) {
	switch c.Do {
	case "redeem":
		reply.Decision, err = t.redeem(ctx, c)
	case "void":
		voided, e := t.Terminal.Void(ctx, redeem.VoidRequest{Redemption: c.Redemption, SaleKey: c.SaleKey, Partial: c.Partial,
			Override: c.override()})
		reply.Voided, err = &voided, e
	case "status":
		status := t.Terminal.Status()
		reply.Status = &status
		if t.Counts != nil {
			reply.Counts = t.Counts.All()
		}
	case "verdicts":
		reply.Verdicts, err = t.verdicts(ctx)
	case "acknowledge":
		err = t.Terminal.Acknowledge(ctx, c.Records...)
	case "report":
		err = t.Terminal.ReportNow(ctx)
	case "backend":
		reply.Backend, err = t.health(ctx)
	case "scan":
		reply.Symbols, err = t.Scan(ctx, c.File)
	default:
		err = fault.New(fault.InvalidRequest, "till",
			"%q is not a command: use redeem, void, status, verdicts, acknowledge, report, backend, scan or quit", c.Do)
	}
	return err
}

func (t Till) health(ctx context.Context) (*wire.Health, error) {
	if t.Backend == nil {
		return nil, fault.New(fault.InvalidRequest, "till", "this till has no backend: give its address")
	}
	health, err := t.Backend.Health(ctx)
	if health.Status == "" {
		return nil, err
	}
	return &health, err
}

// override is a manager's word; nil where the command names none.
func (c *Command) override() *redeem.Override {
	if c.Manager == "" && c.Why == "" {
		return nil
	}
	return &redeem.Override{Manager: c.Manager, Why: c.Why}
}

func (t Till) redeem(ctx context.Context, c Command) (*redeem.Decision, error) {
	request := redeem.Request{Scanned: c.Scanned, SaleKey: c.SaleKey, Sale: c.Sale}
	if c.File != "" {
		symbols, err := t.Scan(ctx, c.File)
		if err != nil {
			return nil, err
		}
		if len(symbols) == 0 {
			return nil, fault.New(fault.Unreadable, "till", "no symbol was found in %s", c.File)
		}
		request.Scanned, request.Separated = symbols[0].Text, true
	}
	request.Override = c.override()
	decision, err := t.Terminal.Redeem(ctx, request)
	return &decision, err
}

func (t Till) verdicts(ctx context.Context) (list []record.Verdict, err error) {
	for verdict, err := range t.Terminal.Verdicts(ctx) {
		if err != nil {
			return list, err
		}
		list = append(list, verdict)
	}
	return list, nil
}

// Scan reads the symbols of a picture file, PNG or JPEG; the text is as a hand scanner would transmit it.
func (t Till) Scan(ctx context.Context, file string) ([]Symbol, error) {
	picture, err := t.load(file)
	if err != nil {
		return nil, fault.New(fault.Unreadable, "till", "%s: %w", file, err)
	}
	found, err := t.Scanner.Scan(ctx, picture)
	if err != nil {
		return nil, fault.New(fault.Unreadable, "till", "%s: %w", file, err)
	}
	symbols := make([]Symbol, len(found))
	for i, s := range found {
		symbols[i] = Symbol{Format: s.Format.String(), Text: s.Transmitted()}
	}
	return symbols, nil
}

// load asks for the size before it decodes: a small file can claim a huge picture.
func (t Till) load(name string) (image.Image, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	size, _, err := image.DecodeConfig(file)
	if err != nil {
		return nil, err
	}
	if err := t.Scanner.CheckSize(size.Width, size.Height); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(file)
	return picture, err
}

// Explain returns a failure as a line for a person.
func (f *Failure) Explain() string { return fmt.Sprintf("%s (%s)", f.Detail, f.Code) }

// errQuit ends a conversation.
var errQuit = errors.New("quit")
