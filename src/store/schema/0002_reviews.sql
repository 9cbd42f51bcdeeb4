-- Version 2: what reviewers add, and what the owner of a library keeps beside an experiment.

CREATE TABLE comments (
    -- About a moment or stretch of time, a metric, a stage, a field of the plan, or the whole run.
    experiment  TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    answers     INTEGER,           -- the number of the comment that this one answers
    about       TEXT NOT NULL,     -- in words
    exact       BLOB NOT NULL,     -- the same exactly: postcard
    author      TEXT NOT NULL,
    text        TEXT NOT NULL,
    written     TEXT NOT NULL,     -- UTC
    resolved    TEXT,              -- UTC
    resolved_by TEXT,
    PRIMARY KEY (experiment, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE checks (
    -- Answers to the checklist.
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    item       TEXT NOT NULL,
    answer     TEXT NOT NULL CHECK (answer IN ('yes', 'no', 'not_applicable')),
    note       TEXT NOT NULL,
    author     TEXT NOT NULL,
    answered   TEXT NOT NULL,      -- UTC
    PRIMARY KEY (experiment, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_offs (
    -- Decisions over what was seen. One whose digests differ from those of today is void.
    experiment       TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    number           INTEGER NOT NULL,
    decision         TEXT NOT NULL CHECK (decision IN ('approve', 'ask_for_changes', 'reject')),
    name             TEXT NOT NULL,
    reason           TEXT NOT NULL,
    signed           TEXT NOT NULL,  -- UTC
    run_digest       TEXT NOT NULL,  -- BLAKE3 of plan, inputs, interventions and recording
    comments_digest  TEXT NOT NULL,
    checklist_digest TEXT NOT NULL,
    public_key       TEXT,           -- Ed25519
    signature        TEXT,
    PRIMARY KEY (experiment, number),
    CHECK ((public_key IS NULL) = (signature IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE left_out (
    -- Parts of the inputs that a shared copy does without.
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    part       TEXT NOT NULL,
    PRIMARY KEY (experiment, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
    -- What a finished run showed about its candidate, and the metric that tells most.
    experiment TEXT PRIMARY KEY REFERENCES experiments (id) ON DELETE CASCADE,
    headline   TEXT NOT NULL,  -- promote, hold, roll_back, not_enough_data
    sentence   TEXT NOT NULL,
    metric     TEXT,
    delta      REAL,           -- candidate less baseline
    low        REAL,           -- the ends of its interval
    high       REAL,
    shows      TEXT            -- better, worse, no_clear_change, …
) STRICT;

CREATE TABLE keeping (
    -- The owner's own notes. Shared copies leave them out.
    experiment TEXT PRIMARY KEY REFERENCES experiments (id) ON DELETE CASCADE,
    author     TEXT NOT NULL DEFAULT '',
    notes      TEXT NOT NULL DEFAULT '',
    archived   TEXT,           -- UTC
    deleted    TEXT            -- UTC: can be had back for a while
) STRICT;

CREATE TABLE tags (
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    tag        TEXT NOT NULL,
    PRIMARY KEY (experiment, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX experiments_by_parent ON experiments (parent) WHERE parent IS NOT NULL;

-- Words by which experiments are found.
CREATE VIRTUAL TABLE search USING fts5 (
    id, name, strategy, outcome, data, models, tags, notes,
    prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (id, name, strategy, outcome, data, models, tags, notes)
SELECT id, name, replace(strategy, '_', ' '), replace(coalesce(outcome, status), '_', ' '), dataset,
       (SELECT group_concat(name || ' ' || model, ' ') FROM arms WHERE experiment = experiments.id),
       '', ''
FROM experiments;

DROP VIEW experiment_list;
CREATE VIEW experiment_list AS
    -- All experiments, the newest first.
    SELECT e.id, e.name, e.strategy, e.status, e.outcome, e.reason,
           v.headline AS verdict, v.metric, v.delta, v.low, v.high,
           (SELECT group_concat(letter || ' ' || name, ', ') FROM arms WHERE experiment = e.id) AS arms,
           e.dataset, e.created, e.finished, e.seed, e.parent, e.digest,
           k.author, k.notes, k.archived,
           (SELECT group_concat(tag, ', ') FROM tags WHERE experiment = e.id) AS tags
    FROM experiments e
    LEFT JOIN verdicts v ON v.experiment = e.id
    LEFT JOIN keeping k ON k.experiment = e.id
    WHERE k.deleted IS NULL
    ORDER BY e.created DESC;

CREATE VIEW gate_log AS
    -- Every measurement of every gate, with its numbers.
    SELECT e.experiment, e.number, e.at_us / 1e6 AS secs, e.clock, e.detail ->> '$.gate' + 1 AS gate,
           e.detail ->> '$.arm' AS arm, e.detail ->> '$.value' AS value,
           e.detail ->> '$.baseline' AS baseline, e.detail ->> '$."limit"' AS "limit",
           e.detail ->> '$.samples' AS n, e.detail ->> '$.verdict' AS verdict
    FROM events e WHERE e.kind = 'measured' ORDER BY e.experiment, e.number;

CREATE VIEW review_log AS
    -- Comments, answers to the checklist and sign-offs in the order of time.
    SELECT experiment, written AS at, 'comment' AS what, author AS who, about,
           text || CASE WHEN resolved IS NULL THEN '' ELSE ' (resolved)' END AS text
    FROM comments
    UNION ALL
    SELECT experiment, answered, 'check', author, item, answer || ' ' || note FROM checks
    UNION ALL
    SELECT experiment, signed, 'sign-off', name, decision, reason FROM sign_offs
    ORDER BY 1, 2;
