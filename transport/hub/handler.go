package hub

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
	"github.com/offlane/offlane/transport/wire"
)

// routes are what lanes may ask. Each has its own limit of what it reads.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+pathHello, route(s, maxHello, s.hello))
	mux.Handle("POST "+pathClaim, route(s, maxClaims, s.claim))
	mux.Handle("POST "+pathTell, route(s, maxTell, s.tell))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, fault.New(fault.NotFound, "", "there is no such call: openapi.yaml lists those that there are"))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.calls.begin() {
			s.refuse(w, r, fault.New(fault.Closed, "", "the hub is closing"))
			return
		}
		defer s.calls.end()
		if r.Method == http.MethodConnect {
			s.connect(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// route reads a message of a lane and writes the answer.
func route[In, Out any](
	s *Server, most int64, answer func(context.Context, *record.HubPeer, *In) (Out, error),
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lane, err := s.laneOf(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		in, err := wire.Read[In](http.MaxBytesReader(w, r.Body, most+1), most)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		out, err := answer(r.Context(), lane, &in)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", wire.RequestType)
		_ = wire.Write(w, out) // the lane is gone, and asks again
	})
}

// laneOf is whose connection it is. A lane that was blocked since it connected is refused.
func (s *Server) laneOf(r *http.Request) (*record.HubPeer, error) {
	lane := laneOf(s.cfg.Lanes(), peerKey(r.TLS))
	if lane == nil {
		return nil, fault.New(fault.Forbidden, "", "the key is not that of a lane of this store, or the lane is blocked")
	}
	return lane, nil
}

// refuse answers with a problem (RFC 9457).
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		err = fault.New(fault.TooLarge, "", "the body is too large")
	}
	p := wire.NewProblem(err)
	if p.Status >= http.StatusInternalServerError {
		level := slog.LevelWarn
		if errors.Is(err, fault.Unavailable) && r.Method != http.MethodConnect {
			level = slog.LevelDebug // lanes ask several times a second while the hub waits for others
		}
		s.log.Log(r.Context(), level, "a lane got no answer", "path", r.URL.Path, "error", err)
	}
	w.Header().Set("Content-Type", wire.ProblemType)
	w.WriteHeader(p.Status)
	_ = wire.Write(w, p)
}

// hello begins a session with a lane.
func (s *Server) hello(ctx context.Context, lane *record.HubPeer, in *hello) (welcome, error) {
	if err := in.check(); err != nil {
		return welcome{}, err
	}
	epoch, err := s.epochs.hear(ctx, s.keeper.log, lane.Terminal, in.Epoch, s.cfg.Lanes())
	if err != nil {
		return welcome{}, err
	}
	out := welcome{Epoch: epoch, Lease: s.cfg.Lease.Milliseconds()}
	err = s.keeper.apply(ctx, func(a *arbiter.Arbiter, _ time.Duration) {
		out.Session = a.Begin(lane.Terminal)
		chain, told := a.LastTold(lane.Terminal)
		if chain == in.Chain {
			out.Told = told
		}
		open := a.Open(lane.Terminal)
		for _, c := range open[:min(len(open), maxOpen)] {
			out.Open = append(out.Open, attempt{c.Sale, c.Offer, c.Attempt})
		}
	})
	if err != nil {
		return welcome{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[lane.Terminal] = max(s.sessions[lane.Terminal], out.Session)
	return out, nil
}

// checkSession returns nil for a message of the lane's last session with this process.
func (s *Server) checkSession(lane *record.HubPeer, session uint64) (record.HubEpoch, error) {
	epoch, err := s.epochs.check()
	if err != nil {
		return epoch, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.sessions[lane.Terminal]; last == 0 || session != last {
		return epoch, fault.New(fault.StaleClaim, "", "session %d is not the lane's last one with this hub: say hello",
			session)
	}
	return epoch, nil
}

// claim decides about claims.
func (s *Server) claim(ctx context.Context, lane *record.HubPeer, in *claims) (claimAnswers, error) {
	if err := in.check(); err != nil {
		return claimAnswers{}, err
	}
	epoch, err := s.checkSession(lane, in.Session)
	if err != nil {
		return claimAnswers{}, err
	}
	at, answers := time.Now().UnixMilli(), make([]arbiter.Answer, len(in.Claims))
	settling := false
	err = s.keeper.apply(ctx, func(a *arbiter.Arbiter, now time.Duration) {
		s.expect(a)
		if settling = a.IsMissing() && s.epochs.isSettling(); settling {
			return
		}
		for i := range in.Claims {
			answers[i] = a.Claim(now, in.Claims[i].request(lane.Terminal, at))
		}
	})
	if err == nil && settling {
		err = fault.New(fault.Unavailable, "", "the hub waits for what its lanes hold: try again")
	}
	if err != nil {
		return claimAnswers{}, err
	}
	out := claimAnswers{Epoch: epoch.Number, Answers: make([]claimAnswer, len(answers))}
	for i := range answers {
		out.Answers[i] = s.answer(&answers[i])
		s.results.add(answers[i].Result)
	}
	return out, nil
}

// answer is what a lane is told of the arbiter's answer.
func (s *Server) answer(a *arbiter.Answer) claimAnswer {
	out := claimAnswer{Result: record.ClaimResult(a.Result.String()), Lane: s.nameOf(a.Lane), At: a.At}
	if a.Overrode != arbiter.Granted {
		out.Overrode = record.ClaimResult(a.Overrode.String())
	}
	return out
}

// tell takes records of a lane, and what it gives up.
func (s *Server) tell(ctx context.Context, lane *record.HubPeer, in *tell) (tellAnswer, error) {
	if err := in.check(); err != nil {
		return tellAnswer{}, err
	}
	epoch, err := s.checkSession(lane, in.Session)
	if err != nil {
		return tellAnswer{}, err
	}
	var notices []arbiter.Notice
	err = s.keeper.apply(ctx, func(a *arbiter.Arbiter, now time.Duration) {
		for i := range in.Facts {
			a.Tell(now, in.Facts[i].fact(lane.Terminal))
		}
		for _, g := range in.GiveUps {
			a.GiveUp(now, arbiter.Key{Lane: lane.Terminal, Sale: g.Sale, Offer: g.Offer}, g.Attempt)
		}
		a.SetTold(lane.Terminal, in.Chain, in.UpTo, in.All)
		a.DropNotices(lane.Terminal, in.Heard)
		notices = a.Notices(lane.Terminal)
	})
	if err != nil {
		return tellAnswer{}, err
	}
	out := tellAnswer{Epoch: epoch.Number}
	for _, n := range notices {
		out.Notices = append(out.Notices, notice{n.Number, n.Kind, s.nameOf(n.Lane), n.At, n.Record, n.Other})
	}
	return out, nil
}
