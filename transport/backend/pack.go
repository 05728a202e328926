package backend

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// worthPacking is the size in bytes from which an answer is compressed: below, it fits in one packet anyway.
const worthPacking = 1400

// packers are gzip writers to be used again, each of which has 800 kB of tables.
type packers struct{ pool sync.Pool }

func (p *packers) pack(to io.Writer, plain []byte) error {
	w, ok := p.pool.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one
	}
	defer p.pool.Put(w)
	w.Reset(to)
	_, err := w.Write(plain)
	return errors.Join(err, w.Close())
}

// takesGzip reads Accept-Encoding (RFC 9110 section 12.5.3) as far as it is about gzip by name.
func takesGzip(r *http.Request) bool {
	for _, one := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			quality := strings.TrimLeft(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), "0.")
			return weight == "" || quality != ""
		}
	}
	return false
}
