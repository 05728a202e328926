package hub

import (
	"context"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// Backup writes a hub's folder to dir while the server works. It has no claims: a server that is opened on it begins
// the next epoch, since this one went on, and hears from its lanes what they hold. A plain copy of a hub's folder is no
// backup: whoever puts it back has a hub that forgot what it granted since.
//
// Errors: fault.Conflict for a folder that has a hub; those of journal.Open.
func (s *Server) Backup(ctx context.Context, dir string) (err error) {
	log, err := journal.Open(ctx, dir, journal.Config{SegmentSize: smallestSegment, Logger: s.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if _, ok := log.Note(epochSlot); ok {
		return fault.New(fault.Conflict, "hub.Backup", "%s has a hub: give each backup a folder of its own", dir)
	}
	last := record.HubEpoch{Number: s.epochs.last(), Key: s.epochs.key}
	return putEpoch(ctx, log, storedEpoch{HubEpoch: last, Copy: true})
}

// smallestSegment is the smallest that a journal takes.
const smallestSegment = 16 << 10
