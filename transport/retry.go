package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offlane/offlane/redeem/fault"
)

// maxWait caps the wait between two attempts of one exchange.
const maxWait = 2 * time.Second

// retryClient is go-retryablehttp without its habits: it is silent, its waits are short and random, a Retry-After is
// left to the caller, and the last answer is handed on as it came.
func retryClient(cfg Config) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: cfg.roundTripper(), CheckRedirect: sameHost, Timeout: cfg.Timeout},
		RetryWaitMin: cfg.Wait,
		RetryWaitMax: maxWait,
		RetryMax:     cfg.Attempts - 1,
		CheckRetry:   again,
		Backoff:      fullJitter,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// again says whether another attempt within a second may help. What the backend asked to wait for is not tried here.
func again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return classify(err) == fault.Unreachable, nil
	}
	return transient(resp.StatusCode) && resp.Header.Get("Retry-After") == "", nil
}

func transient(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// fullJitter is a random wait below a bound that doubles with each attempt.
func fullJitter(least, most time.Duration, attempt int, _ *http.Response) time.Duration {
	return rand.N(max(min(least<<min(attempt, 10), most), 1))
}

// errRedirect marks a redirect that is not followed.
var errRedirect = errors.New("redirect refused")

// maxRedirects is how many redirects within the backend's own host are followed.
const maxRedirects = 3

// sameHost refuses redirects to another host, which must not see the token, and those that would turn a report into a
// GET.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme:
		return fault.New(fault.NotTheContract, "", "%w: to %s://%s", errRedirect, req.URL.Scheme, req.URL.Host)
	case req.Method != first.Method:
		return fault.New(fault.NotTheContract, "", "%w: it would turn %s into %s", errRedirect, first.Method, req.Method)
	case len(via) > maxRedirects:
		return fault.New(fault.NotTheContract, "", "%w: more than %d in a row", errRedirect, maxRedirects)
	}
	return nil
}
