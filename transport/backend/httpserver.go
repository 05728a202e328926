package backend

import (
	"net/http"
	"time"
)

// NewHTTPServer returns a server for the handlers of a Server, with limits on what one connection may hold and how long
// it may take, for programs that listen themselves rather than stand behind one that does. The caller sets what is
// missing (TLSConfig, ErrorLog) and calls Serve or ServeTLS. A connection sends its headers, at most 16 KiB, within 10
// seconds and a request within 2 minutes; it rests for at most 2 minutes. An HTTP/2 connection (RFC 9113) has at most
// 100 requests under way, and half a megabyte of bodies that nobody has read yet. How many connections there are it
// does not bound: each takes some 60 kB, so that a machine's limit of open files (ulimit -n) should be set by its
// memory.
func NewHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       requestTime,
		WriteTimeout:      requestTime + 30*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          100, // the least that section 6.5.2 recommends
			MaxReceiveBufferPerConnection: 512 << 10,
			MaxReceiveBufferPerStream:     128 << 10,
			MaxDecoderHeaderTableSize:     4 << 10,
			MaxEncoderHeaderTableSize:     4 << 10,
			SendPingTimeout:               30 * time.Second,
			PingTimeout:                   15 * time.Second,
			WriteByteTimeout:              30 * time.Second,
		},
	}
}
