package redeem

import (
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/terms"
)

// An Attachment is an attachment, for tests.
type Attachment = attachment

// Attach is attach, for tests.
func Attach(pass string, d terms.Discount) []byte { return attach(pass, d, 0, 1) }

// DecodeAttachment is decodeAttachment, for tests.
func DecodeAttachment(raw []byte) (Attachment, error) { return decodeAttachment(raw) }

// DiscountOf returns the discount of an attachment.
func DiscountOf(a Attachment) terms.Discount { return a.discount() }

// Levelled is level, for tests.
func Levelled(total int64, least []int64) []int64 { return level(total, least) }

// MaxHold is maxHold, for tests.
const MaxHold = maxHold

// IsLapsed is isLapsed, for tests.
func IsLapsed(until, now int64) bool { return isLapsed(until, now) }

// LimitsVoids is limitsVoids, for tests.
func LimitsVoids(p *Policy) bool { return limitsVoids(p) }

// JournalOf is the terminal's journal.
func JournalOf(t *Terminal) *journal.Log { return t.journal }

// AwaitCallbacks returns when OnEvent and the logger's handler were called for all that happened.
func AwaitCallbacks(t *Terminal) { t.calls.wait() }
