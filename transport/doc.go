// Package transport reports over HTTP: its Client speaks the contract of package wire and is a Reporter for a
// redeem.Terminal.
//
// The client tries a failed exchange again twice, within about a second, which gets it over a dropped connection.
// Waiting longer is the terminal's business, whose journal keeps everything meanwhile: the client's errors carry what
// the backend asked for (fault.RetryAfter), and nothing is ever lost by one.
//
// What it takes for an answer has the contract's own media type and names the records that were sent by id and hash.
// The page of a captive portal is no answer, whatever its status says.
package transport
