package backend

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// readBody reads a JSON body of at most wire.MaxBody bytes, before and after decompression.
func readBody[T any](w http.ResponseWriter, r *http.Request) (v T, err error) {
	var from io.Reader = http.MaxBytesReader(w, r.Body, wire.MaxBody)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		if from, err = gzip.NewReader(from); err != nil {
			return v, fault.New(fault.Malformed, "", "the body is not gzip: %w", err)
		}
	default:
		return v, fault.New(fault.InvalidRequest, "", "the content encoding %q is not known here", encoding)
	}
	v, err = wire.Read[T](from, wire.MaxBody)
	switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
	case tooLarge:
		return v, fault.New(fault.TooLarge, "", "the body is longer than %d bytes", int64(wire.MaxBody))
	case err != nil && fault.CodeOf(err) == "":
		return v, fault.New(fault.Malformed, "", "the body cannot be read: %w", err)
	}
	return v, err
}

func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && len(text) <= maxText && !strings.ContainsAny(text, "\n\r")
}
