// Package local is a terminal as a local HTTP service, for tills that are not written in Go. The contract is the
// OpenAPI 3.1 document beside this file; clients for several languages stand in examples/tilld/clients.
//
//	events := new(local.Events)
//	terminal, err := redeem.Open(ctx, dir, redeem.Config{OnEvent: events.Add, …})
//	service, err := local.New(local.Config{Terminal: terminal, Events: events})
//	http.Serve(listener, local.Access{Admit: …}.Guard(service))
//
// Every call is a POST to /v1/ and its name, with a JSON object that has the fields of the Go API, and answers with a
// JSON object. A field that is not known is refused by name, since a limit that is misspelt is no limit; clients pass
// over fields of answers that they do not know. An error is a problem (RFC 9457) whose type ends in a code of package
// fault. Answers and problems have a text for the cashier in the language of Accept-Language.
//
// # Calls that write
//
// Such a call carries its own key, which is kept in the journal: check, reserve, redeem, correct and release the key of
// the sale, void a key of the return, which is required here. After an answer that did not come, and after the status
// 504 (outcome-unknown), the caller asks again with the same key and gets the one answer that there is.
//
// # Who may call
//
// A Service checks nobody. Access does, for whoever listens on a network: it refuses hosts that are not this machine,
// pages that are not configured, callers without a token, and calls without the header of the contract.
package local
