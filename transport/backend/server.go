package backend

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/booking"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A Merchant redeems offers and may issue them.
type Merchant struct {
	// Name is 1 to offer.MaxName bytes.
	Name string
	// Key is a bearer token of its management requests, at least 16 bytes; empty: none but those in the Store. It is
	// what the first of those is made with, and counts as long as it stands here and is not blocked.
	Key string
	// Prefixes are beginnings of the GS1 coupon numbers that belong to it, 4 to 13 digits each: its GS1 company prefixes,
	// or longer ones. Two merchants share none. Others use its numbers by agreement.
	Prefixes []string
}

// Config is what a Server is made from. Only Store is required.
type Config struct {
	// Store keeps everything. The Server does not close it.
	Store store.Store
	// Merchants are the merchants that this backend serves.
	Merchants []Merchant
	// Issuer signs passes, Root signs trust bundles and the clock. Zero: made at the first start and kept in the Store.
	Issuer, Root offer.Issuer
	// Issuers are keys of other issuers whose passes the merchants' terminals may take; they go into the trust bundle. A
	// pass of theirs that names another owner than the terminal's merchant needs an agreement like one of this backend's.
	Issuers []offer.Key
	// SecureCookies sets cookies for HTTPS only, with names that begin with __Host-, also where the request came in over
	// plain HTTP, as behind a proxy that ends TLS.
	SecureCookies bool
	// LongestAlone is how long a terminal may work without the backend: for so long after an offer's end late reports may
	// still come; 0: 31 days.
	LongestAlone time.Duration
	// LateReports is how long after that an offer is kept of which no use was ever taken, so that a report that comes
	// even later is judged by it; 0: 31 days. See Tidy.
	LateReports time.Duration
	// Retention is how long the records that terminals signed are kept as they came, with the names of operators and
	// managers in them; 0: 400 days, negative: for ever. See Tidy.
	Retention time.Duration
	// Kept says how long is kept what is known of devices, by purpose; zero: 400 days. See Tidy.
	Kept Kept
	// Restored says from when to when offers were issued that the store does not know, since it was restored from a
	// backup; zero: none. Set it after a restore: passes issued in between are then taken up from the terminals that
	// redeemed them. A period that the store does not know of yet begins a new epoch of bundles, before anything is
	// signed.
	Restored Period
	// Withdrawn are periods, by what the clock said in them, in which it was wrong: what was signed of the time then
	// counts nowhere any more, at terminals or in their records. Each gets a number in the Store when it is named first,
	// and stays withdrawn when it is no longer named here. It sets no clock: mend that first.
	Withdrawn []Period
	// TokenLife is how long a terminal's token is good for, after which it fetches another with its key; 0: until it does.
	TokenLife time.Duration
	// Limits bound what strangers may ask for.
	Limits Limits
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Logger gets what happens, without identifiers in full; nil: nothing.
	Logger *slog.Logger
}

// A Period is from a moment, included, to another. The zero Period is none.
type Period struct{ From, Until time.Time }

// IsZero reports whether it is no period.
func (p Period) IsZero() bool { return p.From.IsZero() && p.Until.IsZero() }

func (p Period) contains(at time.Time) bool { return !at.Before(p.From) && at.Before(p.Until) }

// A Server is the backend as an http.Handler for terminals and devices; Management is the one for merchants. It may be
// used by several goroutines, and several Servers, in several processes too, may share a Store that allows it.
type Server struct {
	cfg       Config // with its zero values filled in
	store     store.Store
	rules     booking.Rules
	now       func() time.Time
	log       *slog.Logger
	closed    atomic.Bool
	bundles   bundles
	work      context.Context // ends with Close
	stop      context.CancelFunc
	changes   atomic.Int64 // counts what terminals should hear of at once
	guard     *guard
	room      *room
	secrets   secrets
	readiness readiness
	metrics   metrics
	clock     clock
	packers   packers
	kept      answer.Kept

	catalogues catalogues

	public     http.Handler
	management http.Handler
}

// New returns a Server. It reads the store, and writes what the store has not; ctx ends that and nothing
// else. Errors: fault.InvalidRequest for a Config that cannot be, and those of the Store.
func New(ctx context.Context, cfg Config) (_ *Server, err error) {
	defer setOp("backend.New", &err)
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, store: cfg.Store, now: cfg.Now, log: cfg.Logger, guard: newGuard(cfg.Limits),
		room:    newRoom(cfg.Limits.Memory),
		metrics: metrics{values: map[string]float64{}}, kept: cfg.Kept.millis()}
	s.work, s.stop = context.WithCancel(context.Background())
	if err := s.declareRestore(ctx); err != nil {
		return nil, err
	}
	if err := s.declareWithdrawals(ctx); err != nil {
		return nil, err
	}
	if _, err := s.clockState(ctx); err != nil {
		return nil, err
	}
	if err := s.loadKeys(ctx); err != nil {
		return nil, err
	}
	if err := s.loadSecrets(ctx); err != nil {
		return nil, err
	}
	if err := s.keepConfigured(ctx); err != nil {
		return nil, err
	}
	s.rules = s.bookingRules()
	s.public, s.management = s.routes(), s.managementRoutes()
	return s, nil
}

// defaultAlone is how long a terminal may work without the backend where the Config does not say.
const defaultAlone = 31 * 24 * time.Hour

func (s *Server) bookingRules() booking.Rules {
	rules := booking.Rules{LongestAlone: cmp.Or(s.cfg.LongestAlone, defaultAlone)}
	if !s.cfg.Restored.IsZero() { // no terminal was told of as many verdicts as there are milliseconds since 1970
		rules.Recover, rules.VerdictsAfter = s.recover, uint64(max(s.cfg.Restored.Until.UnixMilli(), 0))
	}
	return rules
}

// recover verifies a pass that the server may have issued and forgotten.
func (s *Server) recover(text string) (*offer.Pass, error) {
	presented, err := offer.Parse(text)
	if err != nil {
		return nil, err
	}
	keys, err := offer.NewKeys(s.cfg.Issuer.Key())
	if err != nil {
		return nil, err
	}
	if err := presented.Verify(keys); err != nil {
		return nil, err
	}
	if !s.cfg.Restored.contains(presented.Pass.IssuedAt) {
		return nil, fault.New(fault.UnknownOffer, "", "the pass was not issued in the period that was restored")
	}
	return presented.Pass, nil
}

func (c *Config) check() error {
	if c.Store == nil {
		return fault.Invalid("Config.Store is missing")
	}
	if !c.Restored.IsZero() && !c.Restored.From.Before(c.Restored.Until) || c.LongestAlone < 0 || c.LateReports < 0 {
		return fault.Invalid("Config.Restored is from a moment to a later one, and neither LongestAlone nor LateReports is " +
			"negative")
	}
	if c.Kept.Answers < 0 || c.Kept.Measurement < 0 || c.Kept.Export < 0 {
		return fault.Invalid("Config.Kept: nothing is kept for less than no time")
	}
	if c.Limits.Memory != 0 && c.Limits.Memory < leastMemory {
		return fault.Invalid("Config.Limits.Memory is 0 or at least %d: the largest report must fit", leastMemory)
	}
	if err := checkWithdrawn(c.Withdrawn); err != nil {
		return err
	}
	return checkMerchants(c.Merchants)
}

// ServeHTTP answers terminals and devices.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.public.ServeHTTP(w, r) }

// Management returns the handler for merchants, which may be served on an address of its own. It asks for management
// keys.
func (s *Server) Management() http.Handler { return s.management }

// Close ends the server's work: from now on every request is answered with fault.Closed, and what the server does in
// the background ends soon. It does not close the Store.
func (s *Server) Close() error {
	s.closed.Store(true)
	s.stop()
	return nil
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET " + wire.PathHealth:                          s.limitRequests(kindService, s.getHealth),
		"GET " + wire.PathReady:                           s.limitRequests(kindService, s.getReady),
		"POST " + wire.PathTerminals:                      s.limitRequests(kindEnrolment, s.postTerminal),
		"POST " + wire.PathChallenges:                     s.limitRequests(kindEnrolment, s.postChallenge),
		"POST " + wire.PathReports:                        s.authTerminal(s.postReport),
		"GET " + wire.PathVerdicts:                        s.authTerminal(s.getVerdicts),
		"GET " + wire.PathBundle:                          s.authTerminal(s.getBundle),
		"GET " + wire.PathDeviceOffers:                    s.admitDevice(s.getDeviceOffers),
		"POST " + wire.PathDeviceOffers:                   s.admitDevice(sameSite(s.postDeviceOffer)),
		"GET " + wire.PathDeviceOffers + "/{name}/{file}": s.admitDevice(s.getPass),
		"GET " + wire.PathHeld:                            s.admitDevice(s.getHeld),
		"GET " + wire.PathDeviceVisit:                     s.admitDevice(s.getVisit),
		"POST " + wire.PathDeviceEvents:                   s.admitDevice(sameSite(s.postDeviceEvent)),
		"PUT " + wire.PathConsent:                         s.admitDevice(sameSite(s.putConsent)),
		"DELETE " + wire.PathDevice:                       s.admitDevice(sameSite(s.deleteDevice)),
		"OPTIONS " + wire.PathDevice + "/":                s.admitDevice(s.preflight),
		"OPTIONS " + wire.PathDevice:                      s.admitDevice(s.preflight),
		"/":                                               s.limitRequests(kindService, nothingHere),
	} {
		s.handle(mux, pattern, h)
	}
	return mux
}

// admitDevice lets requests of devices through, also of pages of other origins.
func (s *Server) admitDevice(next handler) handler {
	return s.limitRequests(kindDevice, s.fromOrigin(s.heedSignal(next)))
}

func (s *Server) managementRoutes() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET " + wire.PathCampaigns:     s.getCampaigns,
		"POST " + wire.PathCampaigns:    s.postCampaign,
		"PUT " + wire.PathCampaign:      s.putCampaign,
		"PUT " + wire.PathCampaignState: s.putState,
		"POST " + wire.PathRevocations:  s.postRevocations,
		"GET " + wire.PathCodes:         s.getCodes,
		"POST " + wire.PathCodes:        s.postCode,
		"DELETE " + wire.PathCode:       s.deleteCode,
		"PUT " + wire.PathBlock:         s.putBlock,
		"PUT " + wire.PathHubRole:       s.putHubRole,
		"DELETE " + wire.PathForgotten:  s.deleteForgotten,
		"DELETE " + wire.PathToken:      s.deleteToken,
		"GET " + wire.PathKeys:          s.getKeys,
		"POST " + wire.PathKeys:         s.postKey,
		"DELETE " + wire.PathKey:        s.deleteKey,
		"GET " + wire.PathGaps:          s.getGaps,
		"POST " + wire.PathUploads:      s.postUploads,
		"GET " + wire.PathFigures:       s.getStats,
		"GET " + wire.PathOperators:     s.getOperators,
		"DELETE " + wire.PathOperator:   s.deleteOperator,
		"GET " + wire.PathLedger:        s.getLedger,
		"GET " + wire.PathRecords:       s.getRecords,
		"GET " + wire.PathEffects:       s.getEffects,
		"GET " + wire.PathExports:       s.getExports,
		"POST " + wire.PathExports:      s.postExport,
		"GET " + wire.PathExport:        s.getExport,
		"GET " + wire.PathFlags:         s.getFlags,
		"GET " + wire.PathTerminalList:  s.getTerminals,

		"GET " + wire.PathAgreements:     s.getAgreements,
		"POST " + wire.PathAgreements:    s.postAgreement,
		"PUT " + wire.PathAgreementState: s.putAgreement,
		"GET " + wire.PathReadiness:      s.getReadiness,
		"GET " + wire.PathOrigins:        s.getOrigins,
		"PUT " + wire.PathOrigins:        s.putOrigins,
		"GET " + wire.PathShop:           s.getShop,
		"PUT " + wire.PathShop:           s.putShop,
		"GET " + wire.PathSettlements:    s.getSettlements,
		"GET " + wire.PathStatement:      s.getStatement,
	} {
		s.handle(mux, pattern, s.authMerchant(strictQuery(managementQuery[pattern], h)))
	}
	s.handle(mux, "GET "+pathMetrics, s.limitRequests(kindService, s.getMetrics))
	s.handle(mux, "/", s.limitRequests(kindService, nothingHere))
	return mux
}

func nothingHere(c *call) (any, error) {
	return nil, fault.New(fault.NotFound, "", "there is nothing at %s %s", c.Method, c.URL.Path)
}

func (s *Server) getHealth(c *call) (any, error) {
	now, err := s.signedTime(c.Context())
	return wire.Health{
		Status: "ok",
		Can: []wire.Ability{wire.CanEnrol, wire.CanReport, wire.CanVerdicts, wire.CanBundle, wire.CanGzip, wire.CanUpload,
			wire.CanGaps,
			wire.CanRotate, wire.CanDevice},
		MaxRecords: record.MaxReport, MaxBytes: wire.MaxBody,
		Time: wire.FromTime(now),
	}, err
}

func campaignOf(tx store.Tx, id string) (*store.Campaign, error) {
	c, err := tx.Campaign(id)
	if err == nil && c == nil {
		err = fmt.Errorf("backend: the campaign %q is not in the store", id)
	}
	return c, err
}

// Settings under which the server keeps the keys that it made.
const settingIssuer, settingRoot = "issuer key 1", "root key 1"

// loadKeys fills in the keys that the Config left out: those in the store, which are made at the first start.
func (s *Server) loadKeys(ctx context.Context) error {
	for setting, key := range map[string]*offer.Issuer{settingIssuer: &s.cfg.Issuer, settingRoot: &s.cfg.Root} {
		if len(key.Private) == 0 {
			seed, err := s.seed(ctx, setting)
			if err != nil {
				return err
			}
			*key = issuerOf(seed)
		}
		if _, err := offer.NewKeys(key.Key()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) seed(ctx context.Context, setting string) (seed []byte, err error) {
	seed, err = update(ctx, s, func(tx store.Tx) ([]byte, error) {
		seed, err := tx.Setting(setting)
		if err != nil || seed != nil {
			return seed, err
		}
		seed = make([]byte, ed25519.SeedSize)
		rand.Read(seed) // never fails (crypto/rand)
		return seed, tx.PutSetting(setting, seed)
	})
	if err == nil && len(seed) != ed25519.SeedSize {
		err = fault.New(fault.Damaged, "", "the setting %q in the store is no key", setting)
	}
	return seed, err
}

// issuerOf names a key by the beginning of its public half's hash.
func issuerOf(seed []byte) offer.Issuer {
	private := ed25519.NewKeyFromSeed(seed)
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	return offer.Issuer{Name: "offlane", KeyID: base64.RawURLEncoding.EncodeToString(sum[:6]), Private: private}
}
