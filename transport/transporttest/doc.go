// Package transporttest is for the tests of programs that report to a backend, and of backends.
//
// NewServer gives a test a whole backend, on loopback or in memory, with faults to switch on by name and a log of what
// arrived:
//
//	server := transporttest.NewServer(t, transporttest.Options{})
//	server.Inject(transporttest.Injection{Fault: transporttest.AnswerLost})
//	client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper()})
//
// A Gate is the same rudeness before any http.Handler. Conformance shows whether a backend, in whatever language it is
// written, keeps the contract of package wire. A Hub is a store's hub for the tests of a till: it answers what the test
// says.
package transporttest
