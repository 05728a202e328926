// Package journal keeps the redemptions of a terminal: an append-only log that loses nothing it has acknowledged,
// whatever happens to the process, the power or the disk.
//
// It understands an envelope (kind, id, reference, keys, uses, keep-until) around a payload that it does not look into.
// One record is both an entry to be reported and the mark that an offer was redeemed here, so that one flush stores
// both.
//
//	                 Settle                     HandOver
//	Append ─► pending ───► settled (verdict due) ───► settled
//	             ▲    └──► quarantined                  │
//	             └────────────── Requeue ◄──────────────┘
//
// A record whose Uses are below zero takes away from the uses of the record that its Ref names; with none left that one
// is voided. Notes are named slots of which the latest value counts. All of it is entries in the same log: reading the
// log from its start gives the state.
//
// A record may have an attachment: bytes that stay at the till, are kept as long as the payload is, and are neither
// hashed nor chained. Settle may be given evidence, such as a signed answer, which is kept as long as the payloads of
// the records that it is about. Nothing in memory tells where that stands: whoever asks for it reads the log.
//
// # What it promises
//
//   - When Append returns nil the entries are on the medium: written once and flushed.
//   - Entries of one call are all there or none, except that of a call that was never acknowledged, or that was damaged
//     in the last group before a crash, single records may remain: a record stands for itself.
//   - Damage to a file costs the record that it hit and no other, and is reported in Damage with the sequence numbers
//     and the numbers in the chain that are missing.
//   - One process at a time: the folder is locked.
//
// # The files
//
// Segments, each zero-filled when it is made, one ahead of need; their names tell ordinal, epoch, segment id and
// journal id.
//
//	┌ 0 ────────┬ 512 ──────┬ 1024 ─────────────────────────────────────────────── size ┐
//	│ header    │ the same  │ frame ┆ frame │ frame │ frame ┆ frame ┆ frame │ zeros …    │
//	└───────────┴───────────┴───────────────────────────────────────────────────────────┘
//	                          └ group ───────┘ └ group ┘ └ group ──────────────┘
//
//	header  0  magic "OFFLANEJ" │ 8 major 2 │ 10 minor 2 │ 16 segment id 16 │ 32 journal id 16 │ 48 epoch 8 │
//	        56 ordinal 8 │ 64 first sequence 8 │ 72 size 8 │ 80 key id 16 │ zeros │ 508 CRC-32C 4
//
//	frame   0  magic "OLJ1" │ 4 CRC-32C 4 │ 8 length 4 │ 12 kind 1 │ 13 flags 1 │ 14 position 2 │ 16 sequence 8 │
//	        24 number 8 │ 32 content │ zeros up to a multiple of 8
//
//	content 0  id 16 │ 16 ref 16 │ 32 written 8 │ 40 keep until 8 │ 48 uses 1 │ 49 counted keys 1 │ 50 keys 1 │
//	        51 status 1 │ 52 hashes of the keys, 16 each │ length of the attachment 2, attachment │ payload
//
// All numbers are little endian. The attachment and its length are there only where byte 50 is 128 larger. The payload
// of evidence is the ids of the records that it is about, and itself. An entry of kind 12 has nothing but the number in
// its frame, behind which the chain goes on.
//
// A frame's checksum covers the segment's id and the frame's offset as well, so that nothing copied from elsewhere or
// embedded in a payload is taken for a frame; after damage a reader goes on at the next frame whose checksum fits. A
// frame's position in its group tells the last sequence number that was durable before the group was written (sequence
// less position), so that what is missing up to there was certainly acknowledged. A segment of a higher epoch overrides
// every frame at or above its first sequence number in segments of lower epochs: that is how the log goes on after a
// failed flush. What Open must write again it writes under a name with ".new" behind it first, since a header whose
// frames are not there yet would override records that were acknowledged. Close appends an entry that vouches
// for everything before it.
//
// Segments are given back oldest first, after an entry that says where the log begins then. Ordinals have no holes, and
// a segment is made ahead only once the one before is in use. So a file that somebody deletes is missed, be it the
// oldest, the newest or one between.
//
// An encrypted content is nonce (12), AES-256-GCM ciphertext and tag (16), with segment id, sequence and kind as
// additional data; the checksum is over the ciphertext, so that damage and a wrong key are told apart. Of keys only a
// hash is stored, the first 16 bytes of SHA-256 over the journal id and the key.
//
// A minor version adds kinds of frames, which older releases keep and pass over. A major version is refused by releases
// that do not know it.
//
// # Rooms
//
// internal/format is the bytes, internal/index what the frames amount to, internal/folder reads files,
// internal/recovery makes an index of a folder. Of these only folder and recovery read files, and none has a lock: what
// is below here is all in this package.
//
// # Locks
//
// There is one lock, Log.mu. A method whose name ends in Locked is called with it; any other is called without it and
// takes it where it needs it. Log.unlock lets go of it and then calls the logger, so that a logger may call Stats and
// Damage; what waits for a group it may not.
//
//	held for                                          and across
//	Append, Settle …: planning entries, their place   the callback, which may read single records; Config.Now
//	Read                                              the callback, which may read single records
//	Get, Pending, History …: where to read            an id of two records with one hash: reading those records
//	recovery after a failed flush                     reading all segments, opening and removing files
//	Close                                             the last write, and the snapshot
//	Open                                              repairs: nobody else has the log yet
//
// Nothing else touches a file under the lock. Without it are written: a group (by its leader), the zeros of the next
// segment, the removal of an old one. Without it are read: records for Get, Pending, History, Verdicts; a whole segment
// for Evidence, for the check of what a snapshot has spared Open from reading, and before one is given back. A
// segment's file is closed by the next leader.
//
// Below Log.mu stands no other lock of this module but those of the file system. Log.changed is the condition of
// Log.mu. It tells that a group was written or has failed, that the next segment was made or could not be, or that the
// check or the return of old segments ended.
//
// # Goroutines
//
// The log has none that lasts. A call of Append, Settle or the like that finds nobody writing leads: it writes the
// group and then tells one of those that wait for the next group to lead. Three things go on in the background; each
// ends by itself, and Close waits for it:
//
//	started by          does                                         flag
//	advanceLocked       makes the next segment                       preallocating
//	compactSoonLocked   gives old segments back, the oldest first    compacting
//	startCheckLocked    reads what a snapshot covers; Close stops it checking
//
// The last two start a goroutine that reads segments ahead, which ends with them.
package journal
