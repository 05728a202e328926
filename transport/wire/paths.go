package wire

// The paths of the contract, below a backend's base address.
const (
	// PathHealth tells whether the backend works and what it can do; GET, no credentials.
	PathHealth = "/v1/health"
	// PathReady answers 200 where the backend's store takes what is written (GET); PathHealth says only that the process
	// answers.
	PathReady = "/v1/ready"
	// PathTerminals enrols a terminal; POST, the code or the terminal's key is the credential.
	PathTerminals = "/v1/terminals"
	// PathChallenges gives what an enrolment signs; POST without a body, no credentials.
	PathChallenges = "/v1/terminals/challenges"
	// PathReports takes a report; POST, with the terminal's token.
	PathReports = "/v1/reports"
	// PathVerdicts gives the verdicts after a cursor; GET, with the terminal's token.
	PathVerdicts = "/v1/verdicts"
	// PathBundle gives the trust bundle; GET, with the terminal's token.
	PathBundle = "/v1/bundle"

	// PathDeviceOffers lists the device's offers (GET) or accepts one (POST); the device's cookies are the credential.
	PathDeviceOffers = "/v1/device/offers"
	// PathHeld tells what of a browser's identifiers one of its cookies holds, and renews that cookie (GET). Slots are
	// numbered from 0.
	PathHeld = "/v1/device/held/{slot}"
	// PathConsent keeps what the customer agrees to (PUT, a Consent); the device's cookies are the credential.
	PathConsent = "/v1/device/consent"
	// PathDevice forgets the device (DELETE): nothing links its offers to it any more; the merchants' books stay.
	PathDevice = "/v1/device"
	// PathDeviceVisit answers a device with ads and offers; GET, with the device's cookies. One without cookies hears
	// what everybody can accept.
	PathDeviceVisit = "/v1/device/visit"

	// PathDeviceEvents takes what became of an answer (POST, a DeviceEvent); the device's cookies and the answer's token
	// are the credential.
	PathDeviceEvents = "/v1/device/events"

	// PathManagement is where everything begins that needs a management key.
	PathManagement = "/v1/management/"
	// PathCampaigns lists (GET) and creates (POST) campaigns.
	PathCampaigns = "/v1/management/campaigns"
	// PathCodes creates (POST) and lists (GET) enrolment codes.
	PathCodes = "/v1/management/codes"
	// PathCode blocks an enrolment code (DELETE).
	PathCode = "/v1/management/codes/{id}"
	// PathKeys creates (POST) and lists (GET) management keys.
	PathKeys = "/v1/management/keys"
	// PathKey blocks a management key (DELETE).
	PathKey = "/v1/management/keys/{id}"
	// PathForgotten ends what a terminal may have forgotten (DELETE).
	PathForgotten = "/v1/management/terminals/{id}/forgotten"
	// PathBlock blocks a terminal, or lets it work again (PUT, a NewBlock).
	PathBlock = "/v1/management/terminals/{id}/block"
	// PathHubRole says what a terminal is to the hub of its store (PUT, a NewHubRole).
	PathHubRole = "/v1/management/terminals/{id}/hub"
	// PathToken ends a terminal's token (DELETE); the terminal fetches another with its key.
	PathToken = "/v1/management/terminals/{id}/token"
	// PathUploads takes reports that a terminal exported to a file (POST).
	PathUploads = "/v1/management/uploads"
	// PathGaps lists records that never came and chains that forked (GET; format=csv).
	PathGaps = "/v1/management/gaps"
	// PathCampaign changes what a campaign's later passes promise (PUT, a Campaign).
	PathCampaign = "/v1/management/campaigns/{id}"
	// PathCampaignState changes a campaign's state (PUT, a NewState).
	PathCampaignState = "/v1/management/campaigns/{id}/state"
	// PathRevocations revokes single offers (POST, a Revocation).
	PathRevocations = "/v1/management/revocations"
	// PathFigures counts by campaign, store and day (GET; from, to, format=csv).
	PathFigures = "/v1/management/figures"
	// PathOperators counts voids and overrides by operator, lane and day (GET; from, to, format=csv).
	PathOperators = "/v1/management/operators"
	// PathOperator erases an operator's name from those figures (DELETE).
	PathOperator = "/v1/management/operators/{operator}"
	// PathLedger tells what each campaign comes to by currency (GET).
	PathLedger = "/v1/management/ledger"
	// PathRecords lists records as they were booked (GET; receipt, offer, terminal or day; store, lane, campaign, status,
	// after, format=csv).
	PathRecords = "/v1/management/records"
	// PathEffects tells what became of the merchant's answers, and what they changed (GET).
	PathEffects = "/v1/management/effects"
	// PathExports lists what was handed out for ad platforms (GET) and makes what is due (POST, a NewExport).
	PathExports = "/v1/management/exports"
	// PathExport hands the lines of an export out, as JSON lines in the platform's shape (GET; format=csv).
	PathExport = "/v1/management/exports/{id}"
	// PathFlags lists records that a person should look at (GET; after).
	PathFlags = "/v1/management/flags"
	// PathAgreements lists (GET) and proposes (POST, a NewAgreement) agreements with other merchants.
	PathAgreements = "/v1/management/agreements"
	// PathAgreementState accepts or ends an agreement (PUT, a NewAgreementState).
	PathAgreementState = "/v1/management/agreements/{id}/state"
	// PathOrigins tells which pages' origins the merchant allowed (GET) and changes that (PUT, both Origins).
	PathOrigins = "/v1/management/origins"
	// PathShop tells how customers see the merchant (GET) and changes that (PUT, both a Shop).
	PathShop = "/v1/management/shop"
	// PathSettlements tells what the merchant's tills redeemed of others' offers, and others' of its own, by the day on
	// which it was booked (GET; from, to, format=csv).
	PathSettlements = "/v1/management/settlements"
	// PathStatement closes a day between two merchants, of which the caller is one, and gives the signed statement (GET;
	// owner, partner, day, format=csv).
	PathStatement = "/v1/management/settlements/statement"
	// PathTerminalList lists the merchant's terminals (GET).
	PathTerminalList = "/v1/management/terminals"
	// PathReadiness tells whether the store takes what is written, and what is wrong with it (GET).
	PathReadiness = "/v1/management/ready"
)

// The media types of the contract.
const (
	// ContentType is the type of every answer that is no problem, picture or bundle.
	ContentType = "application/vnd.offlane.v1+json"
	// RequestType is the type of requests' bodies. A backend takes ContentType as well.
	RequestType = "application/json"
	// BundleType is the type of a signed trust bundle.
	BundleType = "application/vnd.offlane.bundle.v1"
	// ProblemType is the type of problems (RFC 9457).
	ProblemType = "application/problem+json"
)

// Limits on bodies, after decompression, in bytes.
const (
	// MaxBody bounds a report's, an upload's and an answer's JSON. The largest report of the largest records fits. Other
	// requests' bodies are a few kilobytes, those of campaigns and revocations up to a megabyte; see the contract.
	MaxBody = 16 << 20
	// MaxBundle bounds a signed trust bundle.
	MaxBundle = 16 << 20
	// MaxProblem bounds a problem.
	MaxProblem = 64 << 10
	// MaxAnswers is the largest number of verdicts in Items and in Later each.
	MaxAnswers = 1000
)

// AfterParameter is the query parameter of PathVerdicts: the number of the last verdict that the terminal has on disk.
const AfterParameter = "after"
