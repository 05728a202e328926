package backend

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// The largest bodies by what they hold, in bytes. Those of reports and uploads are wire.MaxBody, and they alone may be
// compressed.
const (
	smallBody     = 4 << 10   // an acceptance, a consent, a state, a code to make
	enrolmentBody = 8 << 10   // with record.MaxRotations rotations
	listBody      = 1 << 20   // record.MaxReport passes to revoke
	campaignBody  = 512 << 10 // with all its follow-ups, or an agreement on many campaigns
)

// keptTimes is how many times over a body is held that is read strictly: as text, as values that are checked, and as
// what is made of it.
const keptTimes = 4

// How long a body may take to come.
const (
	smallTime = 10 * time.Second
	largeTime = requestTime - 10*time.Second // that there is time for the answer
)

// bodyOf reads a JSON body of at most so many bytes. What bears a management key was written by a person: it is read
// strictly, so that what is misspelt is not passed over.
func bodyOf[T any](c *call, limit int64) (v T, err error) {
	if encoding := c.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return v, c.badEncoding(encoding, "identity")
	}
	read := wire.Read[T]
	if c.merchant != "" {
		read = wire.ReadStrict[T]
		if err := c.share.grow(keptTimes * limit); err != nil {
			return v, err
		}
	}
	v, err = read(http.MaxBytesReader(c.w, c.Body, limit), limit)
	return v, c.endBody(err, limit)
}

// reportOf reads a report, compressed or not, as it comes.
func reportOf(c *call) (wire.Report, error) { return streamOf(c, wire.ReadReport) }

// uploadOf reads an upload, compressed or not, as it comes.
func uploadOf(c *call) (wire.Upload, error) { return streamOf(c, wire.ReadUpload) }

func streamOf[T any](c *call, read func(io.Reader, int64) (T, error)) (v T, err error) {
	if err := c.share.begin(c.Context(), c.Request); err != nil {
		return v, err
	}
	c.setReadDeadline(largeTime)
	arriving := &countingReader{Reader: http.MaxBytesReader(c.w, c.Body, wire.MaxBody)}
	var from io.Reader = arriving
	switch encoding := c.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unpacker, err := unpackers.get(arriving)
		if err != nil {
			return v, c.endBody(err, wire.MaxBody)
		}
		defer unpackers.pool.Put(unpacker)
		from = &boundedReader{unpacker, arriving, 0}
	default:
		return v, c.badEncoding(encoding, "gzip, identity")
	}
	v, err = read(&meteredReader{from, c.share}, wire.MaxBody)
	return v, c.endBody(err, wire.MaxBody)
}

// setReadDeadline says how long from now the body may take, read or not: net/http waits for a little of what nobody
// read before it answers. Where the connection takes no deadline the server's own holds.
func (c *call) setReadDeadline(d time.Duration) {
	http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(d)) // http.ErrNotSupported in a test
}

// badEncoding refuses a coding of the body, and says which are taken (RFC 9110 section 15.5.16).
func (c *call) badEncoding(encoding, taken string) error {
	c.w.Header().Set("Accept-Encoding", taken)
	err := fault.Invalid("the content encoding %.32q is not taken here: %s", encoding, taken)
	return withStatus(http.StatusUnsupportedMediaType, err)
}

// endBody ends the reading of a body and gives what went wrong with it its code. What the connection says is for the
// log alone: it names addresses. A body that came ends the deadline, which would end the request as well.
func (c *call) endBody(err error, limit int64) error {
	switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
	case err == nil:
		c.setReadDeadline(requestTime)
		return nil
	case fault.CodeOf(err) != "":
		return err
	case tooLarge:
		return fault.New(fault.TooLarge, "", "the body is longer than %d bytes", limit)
	}
	const detail = "the body cannot be read: it is cut short, came too slowly, or is not gzip"
	return &fault.Error{Code: fault.Malformed, Detail: detail, Err: err}
}

// A countingReader counts what comes through.
type countingReader struct {
	io.Reader
	n int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += int64(n)
	return n, err
}

// A body may become freeGrowth bytes, and from there on most maxGrowth times of what came. Reports are base64 of hashes
// and random ids, and become three times as long.
const (
	freeGrowth = 256 << 10
	maxGrowth  = 50
)

// A boundedReader ends a body that grows more than any report does.
type boundedReader struct {
	io.Reader
	arriving *countingReader
	n        int64
}

func (r *boundedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += int64(n)
	if r.n > freeGrowth+maxGrowth*r.arriving.n {
		return 0, fault.New(fault.TooLarge, "", "the body becomes more than %d times as long as it came", maxGrowth)
	}
	return n, err
}

// A meteredReader takes room for what comes through.
type meteredReader struct {
	io.Reader
	share *share
}

func (r *meteredReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if full := r.share.read(int64(n)); full != nil {
		return 0, full
	}
	return n, err
}

// readers are gzip readers to be used again, each of which has 44 kB of tables.
type readers struct{ pool sync.Pool }

var unpackers readers

func (p *readers) get(from io.Reader) (*gzip.Reader, error) {
	if r, ok := p.pool.Get().(*gzip.Reader); ok {
		err := r.Reset(from)
		return r, err
	}
	return gzip.NewReader(from)
}
