package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// pathContract is where the contract's document is served, beside what it describes.
const pathContract = "/openapi.yaml"

// withContract serves the contract's document before the rest.
func withContract(rest http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathContract, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml") // RFC 9512
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Write(wire.OpenAPI()) // a client that went away is its own affair
	})
	mux.Handle("/", rest)
	return mux
}

// places are the addresses at which this machine reaches the backend, such as http://127.0.0.1:8080.
type places struct{ customers, merchants string }

func placesOf(o options, listeners []net.Listener) places {
	return places{addressOf(o, listeners[0]), addressOf(o, listeners[1])}
}

func addressOf(o options, l net.Listener) string {
	scheme, address := "http://", l.Addr().(*net.TCPAddr)
	if o.cert != "" {
		scheme = "https://"
	}
	if address.IP.IsUnspecified() { // every address of the machine, of which none is a name for a browser
		return fmt.Sprintf("%slocalhost:%d", scheme, address.Port)
	}
	return scheme + address.String()
}

// welcome prints where things are, what is needed to begin, and what to do next.
func welcome(ctx context.Context, out io.Writer, st store.Store, server *backend.Server, all []merchant,
	at places) error {
	fmt.Fprintf(out, "customers' page: %s/\nmerchants' page: %s/\n", at.customers, at.merchants)
	fmt.Fprintf(out, "the contract:    %s%s\n", at.customers, pathContract)
	codes := make([]string, len(all))
	for i := range all {
		m := &all[i]
		if err := m.firstKey(ctx, st, server); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", m.Name, m.keyText())
		var err error
		if codes[i], err = firstCode(ctx, st, server, m.Name); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", m.Name, codeText(codes[i], at))
	}
	return printNext(out, all[0], codes[0], at)
}

// firstCode makes an enrolment code for a merchant that has none; else it returns "".
func firstCode(ctx context.Context, st store.Store, server *backend.Server, name string) (string, error) {
	var codes []store.Code
	err := st.View(ctx, func(tx store.Tx) (err error) { codes, err = tx.Codes(name); return err })
	if err != nil || len(codes) > 0 {
		return "", err
	}
	code, err := server.AddCode(ctx, name, wire.NewCode{Store: "1", Terminals: 10})
	return code.Code, err
}

func (m merchant) keyText() string {
	switch m.from {
	case madeNow:
		return "management key " + m.Key + " (made now; the database keeps its hash, so that it is not printed again)"
	case fromEnvironment:
		return "its management key comes from OFFLANE_MANAGEMENT_KEY"
	}
	return "its management key was printed when it was served for the first time"
}

func codeText(code string, at places) string {
	if code == "" {
		return "its enrolment codes were shown when they were made; make others at " + at.merchants + wire.PathCodes
	}
	return "enrolment code " + code + " (store 1, 10 terminals)"
}

// printNext prints what to do next as merchant m, with the line that makes a shell ready for it. A key or a code that
// was printed before is not printed again: it has to be added.
func printNext(out io.Writer, m merchant, code string, at places) error {
	line, missing := "export OFFLANE_URL="+at.customers+" OFFLANE_MANAGEMENT_URL="+at.merchants, ""
	if m.from == madeNow {
		line += " OFFLANE_MANAGEMENT_KEY=" + m.Key
	} else {
		missing += ", OFFLANE_MANAGEMENT_KEY"
	}
	if code != "" {
		line += " OFFLANE_CODE=" + code
	} else {
		missing += ", OFFLANE_CODE"
	}
	_, err := fmt.Fprintf(out, "next: make a campaign, accept its offer and redeem it. The README has the commands; "+
		"they need these variables%s:\n  %s\n", missing, line)
	return err
}
