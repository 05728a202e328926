package sim

import (
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"github.com/offlane/offlane/transport/wire"
)

// A strike kills a till while its report is with the backend.
type strike struct {
	mu     sync.Mutex
	target *os.Process
	after  bool
	struck chan struct{}
}

// arm makes the next report the till's last: it is killed before the backend sees it, or after the backend committed
// it.
func (s *strike) arm(target *os.Process, after bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.target, s.after, s.struck = target, after, make(chan struct{})
}

// wait returns 1 once the strike fell, or 0 where no report comes.
func (s *strike) wait(most time.Duration) int {
	s.mu.Lock()
	struck := s.struck
	s.mu.Unlock()
	select {
	case <-struck:
		return 1
	case <-time.After(most):
		return 0
	}
}

func (s *strike) fall(after bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.target == nil || s.after != after {
		return
	}
	s.target.Kill() // its error is that it is dead already
	s.target = nil
	close(s.struck)
}

// around holds an answer back until the backend is done with the request.
func (s *strike) around(backend http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != wire.PathReports {
			backend.ServeHTTP(w, r)
			return
		}
		s.fall(false)
		answer := httptest.NewRecorder()
		backend.ServeHTTP(answer, r)
		s.fall(true)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	})
}
