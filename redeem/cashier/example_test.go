package cashier_test

import (
	"fmt"
	"time"

	"github.com/offlane/offlane/redeem/cashier"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
)

func Example() {
	texts := cashier.Texts{Zone: time.UTC}
	reason := decision.Reason{Code: fault.Expired, Ends: time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)}
	for _, accept := range []string{"en-GB", "de-AT, de;q=0.9", "fr", "es"} {
		fmt.Println(texts.Reason(texts.Choose(accept), reason))
	}
	// Output:
	// The offer has ended on 30 Nov 2026 23:00.
	// Das Angebot ist abgelaufen, am 30.11.2026 23:00.
	// L’offre a expiré le 30/11/2026 23:00.
	// La oferta ha caducado el 30/11/2026 23:00.
}
