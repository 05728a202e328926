CREATE TABLE settings (name text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE campaigns (id text PRIMARY KEY, data json NOT NULL);
CREATE TABLE codes (hash bytea PRIMARY KEY, merchant text NOT NULL, data json NOT NULL);
CREATE INDEX codes_merchant ON codes (merchant);
CREATE TABLE terminals (id bytea PRIMARY KEY, merchant text NOT NULL, token bytea NOT NULL UNIQUE, data json NOT NULL);
CREATE INDEX terminals_merchant ON terminals (merchant);

-- data is the row as package backend draws it; the columns beside it are what is searched and counted.
CREATE TABLE offers (
    id bytea PRIMARY KEY,
    alias text UNIQUE,
    campaign text NOT NULL,
    day text NOT NULL,
    not_after bigint NOT NULL,
    marked boolean NOT NULL,
    data bytea NOT NULL
);
CREATE INDEX offers_marked ON offers (not_after) WHERE marked;
CREATE INDEX offers_day ON offers (campaign, day);

CREATE TABLE entries (
    id bytea PRIMARY KEY,
    terminal bytea NOT NULL,
    number bigint,
    kind smallint NOT NULL,
    status text NOT NULL,
    receipt text,
    campaign text NOT NULL,
    merchant text NOT NULL,
    store text NOT NULL,
    day text NOT NULL,
    given bigint NOT NULL,
    delay bigint NOT NULL,
    data bytea NOT NULL,
    UNIQUE (terminal, number)
);
CREATE INDEX entries_receipt ON entries (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX entries_day ON entries (campaign, day);

CREATE TABLE shown (campaign text, day text, times bigint NOT NULL, PRIMARY KEY (campaign, day));
