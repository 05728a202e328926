package transporttest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/offlane/offlane/transport/wire"
)

func holdoutMutations() []mutation {
	return []mutation{
		{"nobody is held out", []string{"holdout-unseen", "holdout-counted"}, onCampaigns(func(c *wire.Campaign) {
			c.Holdout = wire.Holdout{}
		})},
		{"a held-out device is shown the campaign under New", []string{"holdout-unseen"}, showNew()},
		{"a held-out device is held out once", []string{"holdout-unseen"}, showLater()},
		{"the effect counts those alone that were answered", []string{"holdout-counted"}, onTrials(func(t *wire.Trial) {
			t.HeldOut = wire.Arm{}
		})},
		{"the effect counts those alone that were held out", []string{"holdout-counted"}, onTrials(func(t *wire.Trial) {
			t.Answered = wire.Arm{}
		})},
		{"each visit enters the trial again", []string{"holdout-counted"}, onTrials(func(t *wire.Trial) {
			t.Answered.Eligible, t.HeldOut.Eligible = 2*t.Answered.Eligible, 2*t.HeldOut.Eligible
		})},
		{"the effect tells of no trial", []string{"holdout-counted"}, onEffects(func(e *wire.Effect) { e.Trial = nil })},
	}
}

func exportMutations() []mutation {
	return []mutation{
		{"a click is kept in spite of the signal", []string{"export-consented"}, onRequests(func(r *http.Request) {
			r.Header.Del("Sec-GPC")
		})},
		{"the consent to export cannot be taken back", []string{"export-consented", "export-withdrawn"}, onConsent(
			func(c *wire.Consent) { c.Export, c.Text = true, "any" })},
		{"what was exported is exported again", []string{"export-consented"}, onExports(func(before, now *wire.Exports) {
			now.Exports = append(now.Exports, before.Exports...)
		})},
		{"nothing is exported", []string{"export-consented"}, onExports(func(_, now *wire.Exports) {
			now.Exports = []wire.Export{}
		})},
		{"a void is told to nobody", []string{"export-retracted"}, onExports(func(_, now *wire.Exports) {
			now.Exports = slices.DeleteFunc(now.Exports, func(e wire.Export) bool { return e.Kind == "retractions" })
		})},
		{"a retraction is called a conversion", []string{"export-retracted"}, onExports(func(_, now *wire.Exports) {
			for i := range now.Exports {
				now.Exports[i].Kind = "current"
			}
		})},
		{"an export is a file once it is made", []string{"export-withdrawn"}, sameLines()},
	}
}

// onJSON changes the answers of T to requests of a method for a path.
func onJSON[T any](method, path string, edit func(r *http.Request, v *T)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding") // the answer is read here
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			var body T
			takes := r.Method == method && r.URL.Path == path && answer.Code < 300
			if takes && json.Unmarshal(answer.Body.Bytes(), &body) == nil {
				edit(r, &body)
				answer.Body.Reset()
				wire.Write(answer.Body, body)
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

func onTrials(edit func(*wire.Trial)) func(http.Handler) http.Handler {
	return onEffects(func(e *wire.Effect) {
		if e.Trial != nil {
			edit(e.Trial)
		}
	})
}

// onCampaigns changes every campaign before the backend sees it.
func onCampaigns(edit func(*wire.Campaign)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.URL.Path == wire.PathCampaigns {
				var raw bytes.Buffer
				raw.ReadFrom(r.Body)
				r = edited(r, raw.Bytes(), edit)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// shows has whoever redeemed and is not shown the campaign with a holdout be shown it, where unless lets it.
func shows(unless func(r *http.Request) bool, rule string) func(http.Handler) http.Handler {
	var id atomic.Value
	note := onCampaigns(func(c *wire.Campaign) {
		if c.Holdout.Percent > 0 {
			id.Store(c.ID)
		}
	})
	change := onJSON(http.MethodGet, wire.PathDeviceVisit, func(r *http.Request, v *wire.Visit) {
		campaign, _ := id.Load().(string)
		has := slices.ContainsFunc(v.Answers, func(s wire.Shown) bool { return s.ID == campaign })
		if campaign != "" && !has && len(v.Matches) > 0 && !unless(r) {
			v.Answers = append(v.Answers, wire.Shown{Kind: "offer", ID: campaign, Title: "Conformance",
				Why: wire.Why{Rule: rule, Text: "New"}})
		}
	})
	return func(next http.Handler) http.Handler { return note(change(next)) }
}

func showNew() func(http.Handler) http.Handler {
	return shows(func(*http.Request) bool { return false }, "new")
}

// showLater shows a device what it is held out of from its second visit on.
func showLater() func(http.Handler) http.Handler {
	seen := map[string]bool{} // the suite asks for one device after the other
	return shows(func(r *http.Request) bool {
		device := r.Header.Get("Cookie")
		if before := seen[device]; before {
			return false
		}
		seen[device] = true
		return true
	}, "new")
}

// onExports changes what a merchant is told that it exported, knowing what it was told last.
func onExports(edit func(before, now *wire.Exports)) func(http.Handler) http.Handler {
	var before wire.Exports // the suite asks for one export after the other
	return onJSON(http.MethodPost, wire.PathExports, func(_ *http.Request, now *wire.Exports) {
		last := wire.Exports{Exports: slices.Clone(now.Exports)}
		edit(&before, now)
		before = last
	})
}

// sameLines hands the lines of an export out as they were at first.
func sameLines() func(http.Handler) http.Handler {
	first := map[string]*httptest.ResponseRecorder{} // the suite asks for one export after the other
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, wire.PathExports+"/") {
				next.ServeHTTP(w, r)
				return
			}
			r.Header.Del("Accept-Encoding") // the answer is sent again
			if first[r.URL.Path] == nil {
				first[r.URL.Path] = httptest.NewRecorder()
				next.ServeHTTP(first[r.URL.Path], r)
			}
			again := *first[r.URL.Path]
			again.Body = bytes.NewBuffer(first[r.URL.Path].Body.Bytes())
			(&visit{w: w, r: r}).send(&again)
		})
	}
}
