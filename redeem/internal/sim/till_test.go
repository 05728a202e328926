package sim

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
)

// tillOptions is the environment variable that makes this test program be a till.
const tillOptions = "OFFLANE_SIM_TILL"

func TestMain(m *testing.M) {
	if options := os.Getenv(tillOptions); options != "" {
		if err := beTill(options); err != nil {
			fmt.Fprintln(os.Stderr, "till:", err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" { // what is measured has the collector as it is
		debug.SetGCPercent(400) // the heaps of tests are small: at 100 the collector takes up to a third of their time
	}
	os.Exit(m.Run())
}

// An order is a line to the till: redeem this in that sale. Without either, report and end.
type order struct {
	Sale, Scanned string
}

// An ack is the till's line for a redemption that it acknowledged.
type ack struct {
	Sale    string
	Record  record.ID
	Outcome decision.Outcome
}

// beTill redeems what it is told, reports in the background, and ends when its input does, or when it is killed.
func beTill(options string) error {
	var o struct{ Dir, URL, Code string }
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		return err
	}
	client, err := transport.New(transport.Config{URL: o.URL, Attempts: 1})
	if err != nil {
		return err
	}
	ctx := context.Background()
	terminal, err := redeem.Open(ctx, o.Dir, redeem.Config{
		Place: record.Place{Lane: "7"}, Reporter: client, EnrolmentCode: o.Code,
		Reporting: redeem.Reporting{MaxRecords: 5, MinWait: time.Millisecond, MaxWait: 20 * time.Millisecond},
	})
	if err != nil {
		return err
	}
	defer terminal.Close()
	orders, answers := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for orders.Scan() {
		if err := obey(ctx, terminal, orders.Bytes(), answers); err != nil {
			return err
		}
	}
	return orders.Err()
}

func obey(ctx context.Context, terminal *redeem.Terminal, line []byte, answers *json.Encoder) error {
	var o order
	if err := json.Unmarshal(line, &o); err != nil {
		return err
	}
	if o.Sale == "" {
		if err := terminal.ReportNow(ctx); err != nil {
			return err
		}
		return answers.Encode(ack{})
	}
	d, err := terminal.Redeem(ctx, redeem.Request{Scanned: o.Scanned, SaleKey: o.Sale})
	if err != nil {
		return err
	}
	return answers.Encode(ack{Sale: o.Sale, Record: d.Redemption, Outcome: d.Outcome})
}
