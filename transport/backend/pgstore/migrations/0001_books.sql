CREATE TABLE settings (name text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE campaigns (id text PRIMARY KEY, data json NOT NULL);
CREATE TABLE codes (hash bytea PRIMARY KEY, merchant text NOT NULL, data json NOT NULL);
CREATE INDEX codes_merchant ON codes (merchant);
CREATE TABLE terminals (id bytea PRIMARY KEY, merchant text NOT NULL, data json NOT NULL);
CREATE INDEX terminals_merchant ON terminals (merchant);

-- data is the row as package backend draws it; the columns beside it are what is searched and counted.
CREATE TABLE offers (
    id bytea PRIMARY KEY,
    alias text UNIQUE,
    not_after bigint NOT NULL,
    data bytea NOT NULL
);

CREATE TABLE entries (
    id bytea PRIMARY KEY,
    terminal bytea NOT NULL,
    number bigint,
    receipt text,
    merchant text NOT NULL,
    data bytea NOT NULL,
    UNIQUE (terminal, number)
);
CREATE INDEX entries_receipt ON entries (receipt) WHERE receipt IS NOT NULL;

-- Voids and corrections that wait for their redemptions.
CREATE TABLE waiting (
    record bytea PRIMARY KEY,
    target bytea NOT NULL,
    terminal bytea NOT NULL,
    number bigint NOT NULL,
    received bigint NOT NULL,
    until bigint NOT NULL,
    stands boolean NOT NULL
);
CREATE INDEX waiting_target ON waiting (target);
CREATE INDEX waiting_until ON waiting (terminal, until);

CREATE TABLE flags (
    merchant text NOT NULL,
    at bigint NOT NULL,
    record bytea NOT NULL,
    terminal bytea NOT NULL,
    kind text NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (merchant, at, record, terminal, kind)
);

-- A row of the ledger or of the figures stands in several stripes, which add up, so that those who book at the same moment wait less
-- for one another.
CREATE TABLE ledger (
    campaign text NOT NULL,
    currency text NOT NULL,
    ends text NOT NULL,
    stripe smallint NOT NULL,
    accepted bigint NOT NULL,
    given bigint NOT NULL,
    taken_back bigint NOT NULL,
    liability bigint NOT NULL,
    PRIMARY KEY (campaign, currency, ends, stripe)
) WITH (fillfactor = 50);

CREATE TABLE figures (
    campaign text NOT NULL,
    day text NOT NULL,
    merchant text NOT NULL,
    store text NOT NULL,
    currency text NOT NULL,
    stripe smallint NOT NULL,
    accepted bigint NOT NULL,
    shown bigint NOT NULL,
    redeemed bigint NOT NULL,
    voided bigint NOT NULL,
    corrected bigint NOT NULL,
    duplicates bigint NOT NULL,
    rejected bigint NOT NULL,
    quarantined bigint NOT NULL,
    waiting bigint NOT NULL,
    waiting_amount bigint NOT NULL,
    given bigint NOT NULL,
    taken_back bigint NOT NULL,
    delay bigint NOT NULL,
    PRIMARY KEY (campaign, day, merchant, store, currency, stripe)
) WITH (fillfactor = 50);

-- Agreements between merchants.
CREATE TABLE agreements (id text PRIMARY KEY, owner text NOT NULL, partner text NOT NULL, data json NOT NULL);
CREATE INDEX agreements_owner ON agreements (owner);
CREATE INDEX agreements_partner ON agreements (partner);

-- Customers' devices, the offers of each, and what is removed when it is old: offers of which no use was ever taken (unused), and the
-- records themselves (raw_at is when an entry that has its record was judged first).
CREATE TABLE devices (hash bytea PRIMARY KEY, last bigint NOT NULL, data json NOT NULL);
ALTER TABLE offers ADD COLUMN device bytea, ADD COLUMN number int NOT NULL, ADD COLUMN unused boolean NOT NULL;
CREATE INDEX offers_device ON offers (device, number DESC, id) WHERE device IS NOT NULL;
CREATE INDEX offers_unused ON offers (not_after) WHERE unused;
ALTER TABLE entries ADD COLUMN raw_at bigint;
CREATE INDEX entries_raw ON entries (raw_at) WHERE raw_at IS NOT NULL;

-- Who may manage, and which challenges were used by an enrolment and have not ended.
CREATE TABLE management_keys (hash bytea PRIMARY KEY, merchant text NOT NULL, data json NOT NULL);
CREATE INDEX management_keys_merchant ON management_keys (merchant);
CREATE TABLE challenges (nonce bytea PRIMARY KEY, ends bigint NOT NULL);
CREATE INDEX challenges_ends ON challenges (ends);

-- What operators did, by day and lane: by name, so these rows go when the records do.
CREATE TABLE operators (
    merchant text NOT NULL,
    day text NOT NULL,
    operator text NOT NULL,
    store text NOT NULL,
    lane text NOT NULL,
    currency text NOT NULL,
    redeemed bigint NOT NULL,
    voided bigint NOT NULL,
    parts bigint NOT NULL,
    elsewhere bigint NOT NULL,
    overrides bigint NOT NULL,
    allowed bigint NOT NULL,
    taken_back bigint NOT NULL,
    PRIMARY KEY (merchant, day, operator, store, lane, currency)
) WITH (fillfactor = 50);

-- What a request with a terminal's token is admitted by. Each request reads it, and few write it.
CREATE TABLE tokens (terminal bytea PRIMARY KEY, hash bytea NOT NULL UNIQUE, data bytea NOT NULL);

-- What terminals should hear of offers, in the order in which it changed, and merchants' trust bundles, whose data does not get
-- smaller by compression.
CREATE TABLE marks (
    offer bytea PRIMARY KEY,
    changed bigint NOT NULL,
    kind smallint NOT NULL,
    not_after bigint NOT NULL,
    campaign text NOT NULL,
    alias text NOT NULL
);
CREATE UNIQUE INDEX marks_changed ON marks (changed, offer);
CREATE TABLE bundles (merchant text PRIMARY KEY, mark bigint NOT NULL, base bytea NOT NULL, delta bytea, data json NOT NULL);
ALTER TABLE bundles ALTER COLUMN base SET STORAGE EXTERNAL, ALTER COLUMN delta SET STORAGE EXTERNAL;

-- What devices were shown, and when it is to be looked at whether a row is still needed (0: never), the merchant of one that is a click;
-- how often answers were shown in all; what became of a campaign's answers, in stripes as the ledger.
CREATE TABLE answers (
    device bytea NOT NULL,
    name text NOT NULL,
    due bigint NOT NULL,
    merchant text,
    data json NOT NULL,
    PRIMARY KEY (device, name)
);
CREATE INDEX answers_due ON answers (due) WHERE due > 0;
CREATE INDEX answers_merchant ON answers (merchant) WHERE merchant IS NOT NULL;
CREATE TABLE measures (
    campaign text NOT NULL,
    arm text NOT NULL,
    stripe smallint NOT NULL,
    seen bigint NOT NULL,
    clicked bigint NOT NULL,
    dismissed bigint NOT NULL,
    taken bigint NOT NULL,
    eligible bigint NOT NULL,
    closed bigint NOT NULL,
    accepted bigint NOT NULL,
    redeemed bigint NOT NULL,
    erased bigint NOT NULL,
    PRIMARY KEY (campaign, arm, stripe)
) WITH (fillfactor = 50);
CREATE TABLE shown (name text PRIMARY KEY, times bigint NOT NULL);

-- What merchants' tills redeemed of one another's offers, by the day on which it was booked, in stripes as the ledger; the signed
-- statements of days that were closed, and the last of those days.
CREATE TABLE settlements (
    owner text NOT NULL,
    partner text NOT NULL,
    day text NOT NULL,
    campaign text NOT NULL,
    currency text NOT NULL,
    stripe smallint NOT NULL,
    redeemed bigint NOT NULL,
    voided bigint NOT NULL,
    given bigint NOT NULL,
    taken_back bigint NOT NULL,
    PRIMARY KEY (owner, partner, day, campaign, currency, stripe)
) WITH (fillfactor = 50);
CREATE TABLE closings (
    owner text NOT NULL,
    partner text NOT NULL,
    day text NOT NULL,
    data json NOT NULL,
    PRIMARY KEY (owner, partner, day)
);
CREATE TABLE closed (owner text NOT NULL, partner text NOT NULL, day text NOT NULL, PRIMARY KEY (owner, partner));

-- What was booked on a day, for whoever looks for one sale.
ALTER TABLE entries ADD COLUMN day text NOT NULL, ADD COLUMN latest bigint NOT NULL;
CREATE INDEX entries_day ON entries (merchant, day, latest, id);
