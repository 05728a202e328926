package backend

import (
	"net/http"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// Paths for whoever operates the backend.
const (
	// PathReady answers 200 where the store answers (GET); PathHealth says only that the process does.
	PathReady = "/v1/ready"
	// PathMetrics has the counters in Prometheus's text format (GET), on the management handler, without a key.
	PathMetrics = "/metrics"
)

func (s *Server) getHealth(w http.ResponseWriter, _ *http.Request) error {
	now, err := s.signedTime()
	if err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, wire.Health{
		Status: "ok",
		Can: []wire.Ability{wire.CanEnrol, wire.CanReport, wire.CanVerdicts, wire.CanBundle, wire.CanGzip, wire.CanUpload, wire.CanGaps,
			wire.CanRotate, wire.CanDevice},
		MaxRecords: record.MaxReport, MaxBytes: wire.MaxBody,
		Time: wire.Time{Millis: now.Millis, KeyID: now.KeyID, Signature: now.Signature},
	})
}

func (s *Server) getReady(w http.ResponseWriter, r *http.Request) error {
	err := s.store.View(r.Context(), func(tx Tx) error {
		_, err := tx.Setting(settingRoot)
		return err
	})
	if err != nil {
		s.log.ErrorContext(r.Context(), "the store does not answer", "error", err)
		return fault.New(fault.Unavailable, "", "the store does not answer")
	}
	return s.getHealth(w, r)
}
