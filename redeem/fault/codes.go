package fault

// What was presented could not be understood. Each is an error of offer.Parse and a reason to refuse.
const (
	// Unreadable: the text is in none of the forms in which an offer identifier is shown.
	Unreadable Code = "unreadable"
	// NotAnOffer: the text is something else, such as a product's code, a card's number or a web link.
	NotAnOffer Code = "not-an-offer"
	// TooLarge: the input is longer than its limit; nothing of it was used.
	TooLarge Code = "too-large"
	// Mistyped: a short code's check symbols do not fit; where one symbol is wrong, the detail says which.
	Mistyped Code = "mistyped"
	// Swapped: two neighbouring symbols of a short code stand in the wrong order.
	Swapped Code = "swapped"
	// Ambiguous: the text can be read as different offers: undoing a keyboard layout leaves two, or group separators may
	// have been lost. The detail says what differs and what helps.
	Ambiguous Code = "ambiguous"
)

// A signed pass was not accepted.
const (
	// Malformed: the pass, record, report or bundle is not what its format says.
	Malformed Code = "malformed"
	// NotCanonical: it can be read, but not in the one form that its format allows.
	NotCanonical Code = "not-canonical"
	// UnsupportedVersion: it is of a major version that this program does not know.
	UnsupportedVersion Code = "unsupported-version"
	// Algorithm: it is signed with something other than Ed25519.
	Algorithm Code = "algorithm"
	// CriticalHeader: it names a critical header that this program does not know.
	CriticalHeader Code = "critical-header"
	// UnknownIssuer: it is signed with a key that the terminal does not have.
	UnknownIssuer Code = "unknown-issuer"
	// IssuerKeyExpired: the key that signed it was not in force when it was signed.
	IssuerKeyExpired Code = "issuer-key-expired"
	// Forged: the signature does not fit the content.
	Forged Code = "forged"
)

// Reasons of a decision, of a verdict, or of both.
const (
	// AlreadyRedeemed: this terminal's journal holds as many redemptions of the offer as it allows.
	AlreadyRedeemed Code = "already-redeemed"
	// RedeemedElsewhere: another terminal's redemption of the offer is known, or was committed first.
	RedeemedElsewhere Code = "redeemed-elsewhere"
	// Reserved: the offer is reserved on another sale.
	Reserved Code = "reserved"
	// Expired: the offer's validity has ended.
	Expired Code = "expired"
	// NotYetValid: the offer's validity has not begun.
	NotYetValid Code = "not-yet-valid"
	// OtherMerchant: the offer is for another merchant.
	OtherMerchant Code = "other-merchant"
	// NoAgreement: the offer is another merchant's, and no agreement with it stands in the trust bundle.
	NoAgreement Code = "no-agreement"
	// OtherStore: the offer is for another store of this merchant.
	OtherStore Code = "other-store"
	// MayHaveForgotten: the terminal may have redeemed the offer in a time of which its journal knows nothing.
	MayHaveForgotten Code = "may-have-forgotten"
	// Revoked: the offer or its campaign was revoked.
	Revoked Code = "revoked"
	// Unproven: the identifier carries no signature, so that nothing shows that it was ever issued.
	Unproven Code = "unproven"
	// UnknownOffer: the backend never issued this identifier.
	UnknownOffer Code = "unknown-offer"
	// BundleTooOld: the trust bundle is older than the policy allows.
	BundleTooOld Code = "bundle-too-old"
	// ClockUntrusted: the terminal's clock lies outside what the evidence of time allows.
	ClockUntrusted Code = "clock-untrusted"
	// OverLimit: a limit in number, value or age would be exceeded.
	OverLimit Code = "over-limit"
	// OtherCurrency: the sale is in another currency than the offer.
	OtherCurrency Code = "other-currency"
	// NothingEligible: no line of the sale is one that the offer is for, or its minimum is not reached.
	NothingEligible Code = "nothing-eligible"
	// PurchaseUnknown: the coupon requires a purchase, and it cannot be told whether the sale has it.
	PurchaseUnknown Code = "purchase-unknown"
	// NotCombinable: the offer may not be used together with another one already in the sale.
	NotCombinable Code = "not-combinable"
	// OverTerms: the amount that the POS gave is more than the offer's terms can give.
	OverTerms Code = "over-terms"
	// NotEnrolled: the terminal is not known to a backend yet and has no issuer's key.
	NotEnrolled Code = "not-enrolled"
	// OverReturn: the voids of a redemption together would take back more than it gave, or another currency.
	OverReturn Code = "over-return"
	// OverVoids: a limit of voids of one offer, by one operator or within an hour would be exceeded.
	OverVoids Code = "over-voids"
	// Training: the terminal is in training mode; nothing counts.
	Training Code = "training"
)

// Errors of the terminal and its journal.
const (
	// InvalidRequest: an argument is missing or out of its range; the detail names it.
	InvalidRequest Code = "invalid-request"
	// Conflict: the same key or id stands for something else already.
	Conflict Code = "conflict"
	// RolledBack: a trust bundle that was handed in is older than the one at hand, which stays.
	RolledBack Code = "rolled-back"
	// NotFound: what the call names does not exist here.
	NotFound Code = "not-found"
	// AlreadyVoided: the redemption was voided before.
	AlreadyVoided Code = "already-voided"
	// OutcomeUnknown: the record may or may not be on disk; call again with the same sale key.
	OutcomeUnknown Code = "outcome-unknown"
	// Closed: the terminal, journal or server was closed.
	Closed Code = "closed"
	// InUse: another process has the journal open.
	InUse Code = "in-use"
	// FolderGone: the journal's folder, its lock or a segment was deleted, moved or replaced while it was open; nothing
	// more is recorded.
	FolderGone Code = "folder-gone"
	// DiskFull: the disk holds no more; nothing was recorded.
	DiskFull Code = "disk-full"
	// DiskFailed: the disk does not read or write; nothing was recorded.
	DiskFailed Code = "disk-failed"
	// Damaged: a stored file is not as it was written.
	Damaged Code = "damaged"
	// Foreign: a file is not one of Offlane's.
	Foreign Code = "foreign"
	// WrongKey: the key does not open the encrypted journal.
	WrongKey Code = "wrong-key"
	// NetworkFileSystem: the journal lies on a network file system, which cannot be trusted with it.
	NetworkFileSystem Code = "network-file-system"
	// Internal: a fault of the program itself, such as a panic in a library below it.
	Internal Code = "internal"
)

// Errors on the way to the backend and back.
const (
	// Unreachable: the backend could not be reached; it is tried again by itself.
	Unreachable Code = "unreachable"
	// Held: nothing is sent until somebody acts; nothing is dropped. The detail says why.
	Held Code = "held"
	// Unauthorized: the credentials are missing, wrong or expired.
	Unauthorized Code = "unauthorized"
	// Forbidden: the credentials are good, but not for this.
	Forbidden Code = "forbidden"
	// StaleChallenge: the challenge of an enrolment was used, has ended, or is not this backend's; the terminal asks
	// for another by itself.
	StaleChallenge Code = "stale-challenge"
	// Blocked: the merchant blocked this terminal, by the backend's signed word. It refuses everything and keeps its
	// queue.
	Blocked Code = "blocked"
	// TLS: the backend's certificate is not to be trusted, or the address is neither https nor loopback.
	TLS Code = "tls"
	// NotTheContract: the answer is not what the contract says, such as a captive portal's page.
	NotTheContract Code = "not-the-contract"
	// TooManyRequests: the backend asks to be called less often.
	TooManyRequests Code = "too-many-requests"
	// Unavailable: the backend cannot answer just now.
	Unavailable Code = "unavailable"
	// SetAside: too many records were set aside since reports with them fail; somebody has to look at the backend.
	SetAside Code = "set-aside"
	// Quarantined: the backend cannot read this record; the others go on.
	Quarantined Code = "quarantined"
	// HubUnreachable: the hub of the store does not answer, so that other lanes may have redeemed the offer.
	HubUnreachable Code = "hub-unreachable"
	// LaneSilent: another lane of the store claimed the offer, or may have redeemed it, and does not answer.
	LaneSilent Code = "lane-silent"
	// UsesDiffer: lanes of the store read different numbers of uses of the offer.
	UsesDiffer Code = "uses-differ"
	// WrongEpoch: the hub of the store works in an epoch that another one ended; the terminal refuses it.
	WrongEpoch Code = "wrong-epoch"
	// StaleClaim: a lane's message to its hub is older than what the hub heard of the lane since.
	StaleClaim Code = "stale-claim"
	// OutOfOffers: the campaign's budget or its limit of accepted offers is used up.
	OutOfOffers Code = "out-of-offers"
)
