package transporttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

func init() { soon = time.Second } // the reference backend needs no time, and the mutants are not to have 15 seconds

// A mutation breaks one rule of the contract on purpose, and names the rules of the suite of which at least one must
// see it.
type mutation struct {
	name   string
	seenBy []string
	mutate func(http.Handler) http.Handler
}

// mutations are what a backend can get wrong without its own tests noticing. Each stands before a backend that keeps
// the contract.
func mutations() []mutation {
	return slices.Concat(deviceMutations(), consentMutations(), answerMutations(), holdoutMutations(),
		exportMutations(), signedMutations(), operatorMutations(), clockMutations(), []mutation{
			{"the second redemption of an offer is confirmed as well", []string{"first-committed", "one-of-many"},
				onAnswers(confirmDuplicates)},
			{"a record is left without an answer", []string{"each-record-answered", "poison"}, onAnswers(dropLast)},
			{"the answer names the hash of another record", []string{"each-record-answered"}, onAnswers(swapHashes)},
			{"a report sent again is judged anew", []string{"sending-twice"}, onAnswers(renumber())},
			{"one unreadable record refuses the whole report", []string{"poison"}, refusePoison},
			{"the token is not looked at", []string{"token-needed"}, anyToken()},
			{"a report without the terminal's signature is taken", []string{"forged-report"}, takeForged},
			{"missing records are not asked for", []string{"gap-asked-for"}, onAnswers(func(a *wire.Answer) {
				a.Missing = nil
			})},
			{"only what lies inside a known run forks", []string{"restored"}, onAnswers(func(a *wire.Answer) {
				a.Forked = a.Forked && len(a.Items) < 3
			})},
			{"a second terminal hears of no first", []string{"second-terminal"},
				onEnrolled(func(e *wire.Enrolled) { e.Second = 0 })},
			{"each enrolment hears of another terminal", []string{"second-terminal"}, onEnrolled(func(e *wire.Enrolled) {
				e.Second = 1
			})},
			{"nobody hears what the merchant ended", []string{"forgotten-ends"}, onAnswers(func(a *wire.Answer) {
				a.Notice = nil
			})},
			{"a forked chain is not told", []string{"fork"}, onAnswers(func(a *wire.Answer) { a.Forked = false })},
			{"the cursor is not looked at", []string{"cursor"}, onRequests(func(r *http.Request) { r.URL.RawQuery = "" })},
			{"the clock is not signed", []string{"signed-clock"}, onAnswers(func(a *wire.Answer) { a.Time.Signature[0] ^= 1 })},
			{"answers are plain JSON", []string{"each-record-answered", "health"}, plainJSON},
			{"a backend that takes no gzip says it does", []string{"gzip"}, noGzip},
			{"the bundle is sent again and again", []string{"bundle-unchanged"}, onRequests(func(r *http.Request) {
				r.Header.Del("If-None-Match")
			})},
			{"a revocation reaches no terminal", []string{"revocation-arrives"}, sameBundle(true)},
			{"a terminal without a bundle is handed an old one", []string{"bundle-whole"}, sameBundle(false)},
			{"a void frees nothing", []string{"void-frees", "void-first", "void-twice"}, onReports(dropVoids)},
			{"an early void is confirmed before its redemption", []string{"void-first", "void-by-offer-order"},
				onAnswers(confirmReceived)},
			{"voids take back more than was given", []string{"over-return"}, onAnswers(forgive(fault.OverReturn))},
			{"a redemption is taken back again and again", []string{"void-twice"}, onAnswers(forgive(fault.AlreadyVoided))},
			{"the same id with other bytes is taken for a replay", []string{"same-id-other-bytes"},
				onAnswers(forgive(fault.Conflict))},
			{"an identifier that was never issued is confirmed", []string{"unknown-offer"},
				onAnswers(forgive(fault.UnknownOffer))},
			{"anybody may enrol", []string{"enrol-needs-a-code"}, anyCode()},
			{"a rotation needs no old key", []string{"rotation-needs-the-old-key"}, anyCode()},
			{"a backend that takes no rotations says it does", []string{"key-rotation", "former-key"}, noRotations},
			{"the old key counts for ever", []string{"former-key"}, takeForged},
			{"anybody is named as partner", []string{"partner-needs-agreement"}, onRefusal(wire.PathCampaigns, dropPartners)},
			{"whoever proposes accepts", []string{"agreement-needs-both"}, onRefusal(wire.PathAgreements, asPartner)},
			{"passes name the partner for ever", []string{"agreement-ends"}, samePass()},
		})
}

// onRequests changes every request.
func onRequests(edit func(*http.Request)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			edit(r)
			next.ServeHTTP(w, r)
		})
	}
}

// onAnswers changes every answer to a report or a question for verdicts.
func onAnswers(edit func(*wire.Answer)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding") // the answer is read here
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			var body wire.Answer
			takes := r.URL.Path == wire.PathReports || r.URL.Path == wire.PathVerdicts
			if takes && answer.Code == http.StatusOK && json.Unmarshal(answer.Body.Bytes(), &body) == nil {
				edit(&body)
				answer.Body.Reset()
				wire.Write(answer.Body, body)
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

// onEnrolled changes every answer to an enrolment.
func onEnrolled(edit func(*wire.Enrolled)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding") // the answer is read here
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			var body wire.Enrolled
			takes := r.URL.Path == wire.PathTerminals && answer.Code == http.StatusOK
			if takes && json.Unmarshal(answer.Body.Bytes(), &body) == nil {
				edit(&body)
				answer.Body.Reset()
				wire.Write(answer.Body, body)
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

// onReports changes every report that can be read, before the backend sees it.
func onReports(edit func(w http.ResponseWriter, r *http.Request, report wire.Report,
	next http.Handler)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			var report wire.Report
			if r.URL.Path != wire.PathReports || json.Unmarshal(plain(r.Header, raw), &report) != nil {
				next.ServeHTTP(w, again(r, raw))
				return
			}
			edit(w, again(r, raw), report, next)
		})
	}
}

func confirm(v *record.Verdict) {
	v.Status, v.Reason, v.Detail, v.First = record.Confirmed, "", "", nil
}

func each(a *wire.Answer, which func(record.Verdict) bool) {
	for i := range a.Items {
		if which(a.Items[i]) {
			confirm(&a.Items[i])
		}
	}
}

func confirmDuplicates(a *wire.Answer) {
	each(a, func(v record.Verdict) bool { return v.Status == record.Duplicate })
}

// forgive confirms what was refused for a reason.
func forgive(reason fault.Code) func(*wire.Answer) {
	return func(a *wire.Answer) {
		each(a, func(v record.Verdict) bool { return v.Reason == reason })
	}
}

// confirmReceived gives a verdict where there is none yet.
func confirmReceived(a *wire.Answer) {
	for i := range a.Items {
		if v := &a.Items[i]; v.Status == record.Received {
			v.Status, v.Number = record.Confirmed, 1
		}
	}
}

func dropLast(a *wire.Answer) { a.Items = a.Items[:max(0, len(a.Items)-1)] }

func swapHashes(a *wire.Answer) {
	if len(a.Items) > 1 {
		a.Items[0].Hash, a.Items[1].Hash = a.Items[1].Hash, a.Items[0].Hash
	}
}

// renumber gives each answer fresh numbers, as if it were new.
func renumber() func(*wire.Answer) {
	var last atomic.Uint64
	return func(a *wire.Answer) {
		for i := range a.Items {
			a.Items[i].Number = last.Add(1)
		}
	}
}

func refusePoison(next http.Handler) http.Handler {
	return onReports(func(w http.ResponseWriter, r *http.Request, report wire.Report, next http.Handler) {
		for _, raw := range report.Records {
			if _, err := record.Decode(raw); err != nil {
				(&visit{w: w, r: r}).refuse(err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})(next)
}

// anyToken lends whoever has no good token the last one that was good.
func anyToken() func(http.Handler) http.Handler {
	var last atomic.Pointer[string]
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			token := r.Header.Get("Authorization")
			if good := last.Load(); good != nil && (token == "" || strings.HasSuffix(token, "no-such-token")) &&
				r.URL.Path == wire.PathVerdicts {
				r.Header.Set("Authorization", *good)
			} else if token != "" {
				last.Store(&token)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// takeForged confirms the records of a report whose signature the backend refuses.
func takeForged(next http.Handler) http.Handler {
	return onReports(func(w http.ResponseWriter, r *http.Request, report wire.Report, next http.Handler) {
		r.Header.Del("Accept-Encoding") // the answer is read here
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		if answer.Code < 400 {
			(&visit{w: w, r: r}).send(answer)
			return
		}
		body := wire.Answer{Later: []record.Verdict{}, Time: wire.Time{Millis: 1, KeyID: "k", Signature: wire.Bytes{1}}}
		for _, raw := range report.Records {
			body.Items = append(body.Items, record.Verdict{Number: 1, Record: record.IDOf(raw), Hash: record.HashOf(raw),
				Status: record.Confirmed})
		}
		w.Header().Set("Content-Type", wire.ContentType)
		wire.Write(w, body)
	})(next)
}

func plainJSON(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding") // the answer is read here
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		if answer.Header().Get("Content-Type") == wire.ContentType {
			answer.Header().Set("Content-Type", "application/json")
		}
		(&visit{w: w, r: r}).send(answer)
	})
}

func noGzip(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Encoding") == "gzip" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func noRotations(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		var body wire.Enrolment
		if r.URL.Path == wire.PathTerminals && json.Unmarshal(plain(r.Header, raw), &body) == nil && len(body.Rotations) > 0 {
			(&visit{w: w, r: r}).refuse(fault.New(fault.Unauthorized, "", "the terminal is not known with this key"))
			return
		}
		next.ServeHTTP(w, again(r, raw))
	})
}

// dropVoids confirms reports of voids and books nothing.
func dropVoids(w http.ResponseWriter, r *http.Request, report wire.Report, next http.Handler) {
	for _, raw := range report.Records {
		if rec, err := record.Decode(raw); err == nil && rec.Kind == record.Void {
			answer := wire.Answer{Later: []record.Verdict{}, Time: wire.Time{Millis: 1, KeyID: "k", Signature: wire.Bytes{1}}}
			answer.Items = []record.Verdict{{Number: 1, Record: rec.ID, Hash: record.HashOf(raw), Status: record.Confirmed}}
			w.Header().Set("Content-Type", wire.ContentType)
			wire.Write(w, answer)
			return
		}
	}
	next.ServeHTTP(w, r)
}

// anyCode answers every enrolment that the backend refuses with the last one that it took.
func anyCode() func(http.Handler) http.Handler {
	var last atomic.Pointer[[]byte]
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding") // the answer is read here
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			if r.URL.Path == wire.PathTerminals {
				if taken := bytes.Clone(answer.Body.Bytes()); answer.Code == http.StatusOK {
					last.Store(&taken)
				} else if before := last.Load(); before != nil {
					w.Header().Set("Content-Type", wire.ContentType)
					w.Write(*before)
					return
				}
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

// onRefusal tries a request again, changed, that the backend forbids below a path.
func onRefusal(path string, change func(*http.Request, []byte) *http.Request) func(http.Handler) http.Handler {
	return onStatus(http.StatusForbidden, path, change)
}

// onStatus is onRefusal for what the backend refuses with another status.
func onStatus(status int, path string, change func(*http.Request, []byte) *http.Request) func(
	http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			answer := httptest.NewRecorder()
			if next.ServeHTTP(answer, again(r, raw)); answer.Code == status && strings.HasPrefix(r.URL.Path, path) {
				answer = httptest.NewRecorder()
				next.ServeHTTP(answer, change(r, raw))
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

func dropPartners(r *http.Request, raw []byte) *http.Request {
	var campaign wire.Campaign
	if json.Unmarshal(raw, &campaign) == nil {
		campaign.Partners = nil
		raw, _ = json.Marshal(campaign)
	}
	return again(r, raw)
}

func asPartner(r *http.Request, raw []byte) *http.Request {
	r = again(r, raw)
	r.Header.Set("Authorization", "Bearer "+PartnerKey)
	return r
}

// samePass answers every acceptance as it answered the first.
func samePass() func(http.Handler) http.Handler {
	var first atomic.Pointer[httptest.ResponseRecorder]
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			if next.ServeHTTP(answer, r); r.URL.Path == wire.PathDeviceOffers && !first.CompareAndSwap(nil, answer) {
				answer = first.Load()
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

// sameBundle hands a terminal the first bundle that it was handed: always, or when it has none.
func sameBundle(always bool) func(http.Handler) http.Handler {
	first := map[string]*httptest.ResponseRecorder{} // the suite asks for one terminal after the other
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, have := r.Header.Get("Authorization"), r.Header.Get("If-None-Match")
			if r.URL.Path != wire.PathBundle || token == "" || have != "" && !always {
				next.ServeHTTP(w, r)
				return
			}
			if first[token] == nil {
				first[token] = httptest.NewRecorder()
				next.ServeHTTP(first[token], r)
			}
			if have != "" && have == first[token].Header().Get("ETag") {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			again := *first[token]
			again.Body = bytes.NewBuffer(first[token].Body.Bytes())
			(&visit{w: w, r: r}).send(&again)
		})
	}
}
