-- Version 1. Times `*_us` are microseconds of virtual time; `created` and `finished` are real, in UTC.
-- Start with the views: experiment_list, window_metrics, segment_metrics, event_log, job_log.

CREATE TABLE experiments (
    -- One row a rehearsal. The plan is the TOML text that `rehearsal run` reads.
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    strategy        TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('running', 'finished', 'interrupted')),
    outcome         TEXT,     -- promoted, aborted, rolled_back, kept, held, observed
    decided_us      INTEGER,
    winner          INTEGER,  -- the arm that serves everybody in the end
    reason          TEXT,
    created         TEXT NOT NULL,
    finished        TEXT,
    program_version TEXT NOT NULL,
    seed            INTEGER NOT NULL,
    dataset         TEXT NOT NULL,  -- the file's name, without its folder
    plan            TEXT NOT NULL,
    plan_digest     TEXT NOT NULL,  -- BLAKE3 of plan
    inputs_digest   TEXT NOT NULL,
    digest          TEXT,           -- BLAKE3 of the whole recording, once finished
    parent          TEXT,           -- the experiment that this one was forked from
    writer          INTEGER,        -- while running: the number of the writer's lock file
    CHECK ((status = 'running') = (writer IS NOT NULL))
) STRICT;
CREATE INDEX experiments_by_age ON experiments (created);
CREATE INDEX experiments_by_writer ON experiments (writer) WHERE writer IS NOT NULL;

CREATE TABLE origins (
    -- The folder that the plan's relative paths start from. Shared copies leave it out.
    experiment  TEXT PRIMARY KEY REFERENCES experiments (id) ON DELETE CASCADE,
    base_folder TEXT NOT NULL
) STRICT;

CREATE TABLE arms (
    -- The model versions that take part; arm 0 is the baseline.
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    arm        INTEGER NOT NULL,
    letter     TEXT NOT NULL,
    name       TEXT NOT NULL,
    model      TEXT NOT NULL,  -- where its answers come from
    PRIMARY KEY (experiment, arm)
) STRICT, WITHOUT ROWID;

CREATE TABLE contents (
    -- Rows, predictions and times that runs read, each kept once: postcard, then an LZ4 block.
    key       TEXT PRIMARY KEY,  -- BLAKE3 of the uncompressed bytes
    raw_bytes INTEGER NOT NULL,
    body      BLOB NOT NULL
) STRICT;

CREATE TABLE experiment_inputs (
    -- Which contents an experiment reads, and as what.
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    part       TEXT NOT NULL CHECK (part IN ('rows', 'predictions', 'drifted', 'arrivals', 'service_samples')),
    place      INTEGER NOT NULL,  -- of a drift: its place in the list of drifts; else 0
    arm        INTEGER NOT NULL,
    fault      INTEGER,           -- of a drift: the fault's place in the plan
    content    TEXT NOT NULL REFERENCES contents (key),
    PRIMARY KEY (experiment, part, place, arm)
) STRICT, WITHOUT ROWID;
CREATE INDEX experiment_inputs_by_content ON experiment_inputs (content);

CREATE TABLE prediction_cache (
    -- Predictions by the digests of model and dataset, so that no model is asked twice.
    key     TEXT PRIMARY KEY,
    kept    TEXT NOT NULL,
    content TEXT NOT NULL REFERENCES contents (key)
) STRICT;
CREATE INDEX prediction_cache_by_content ON prediction_cache (content);

CREATE TABLE interventions (
    -- What a person did during the rehearsal.
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    at_us      INTEGER NOT NULL,
    clock      TEXT NOT NULL,
    what       TEXT NOT NULL,
    exact      BLOB NOT NULL,  -- postcard
    PRIMARY KEY (experiment, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE recordings (
    -- The exact recording without its lists: names, window length, outcome (postcard).
    experiment TEXT PRIMARY KEY REFERENCES experiments (id) ON DELETE CASCADE,
    head       BLOB NOT NULL,
    digest     TEXT NOT NULL
) STRICT;

CREATE TABLE recording_parts (
    -- The exact recording's lists in pieces: postcard, then an LZ4 block. Everything below this
    -- table is the same in columns for people; a recording is always restored from the parts.
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    list       TEXT NOT NULL CHECK (list IN ('windows', 'events', 'jobs')),
    first      INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    raw_bytes  INTEGER NOT NULL,
    body       BLOB NOT NULL,
    digest     TEXT NOT NULL,  -- BLAKE3 of the uncompressed bytes
    PRIMARY KEY (experiment, list, first)
) STRICT;

CREATE TABLE windows (
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    start_us   INTEGER NOT NULL,
    end_us     INTEGER NOT NULL,
    clock      TEXT NOT NULL,  -- of the start
    stage      TEXT NOT NULL,  -- at the end
    PRIMARY KEY (experiment, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE arm_windows (
    -- NULL where a metric is undefined. Latencies in milliseconds, shares from 0 to 1.
    experiment TEXT NOT NULL, window INTEGER NOT NULL, arm INTEGER NOT NULL,
    requested REAL, feasible REAL, ready_replicas INTEGER,
    answered INTEGER, errors INTEGER, timeouts INTEGER, rejected INTEGER,
    mirrored INTEGER, mirror_dropped INTEGER, mirror_failed INTEGER,
    busy_us INTEGER, capacity_us INTEGER, replica_us INTEGER, downtime_us INTEGER,
    units INTEGER, labelled INTEGER, correct INTEGER, harm INTEGER, gain INTEGER,
    requests REAL, share REAL, error_rate REAL, timeout_rate REAL,
    latency_mean REAL, latency_p50 REAL, latency_p90 REAL, latency_p95 REAL, latency_p99 REAL,
    queue_length REAL, utilisation REAL,
    accuracy REAL, "precision" REAL, recall REAL, f1 REAL, roc_auc REAL, pr_auc REAL,
    log_loss REAL, brier REAL, rmse REAL, mae REAL, r2 REAL,
    agreement REAL, value REAL, cost REAL, positive_rate REAL,
    PRIMARY KEY (experiment, window, arm),
    FOREIGN KEY (experiment, window) REFERENCES windows (experiment, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE segment_windows (
    experiment TEXT NOT NULL, window INTEGER NOT NULL, arm INTEGER NOT NULL, segment INTEGER NOT NULL,
    name TEXT NOT NULL, answers INTEGER NOT NULL, labelled INTEGER NOT NULL,
    accuracy REAL, "precision" REAL, recall REAL, f1 REAL, log_loss REAL, brier REAL,
    rmse REAL, mae REAL, r2 REAL, agreement REAL, value REAL, cost REAL, positive_rate REAL,
    PRIMARY KEY (experiment, window, arm, segment),
    FOREIGN KEY (experiment, window) REFERENCES windows (experiment, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    at_us      INTEGER NOT NULL,
    clock      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    sentence   TEXT NOT NULL,
    detail     TEXT,  -- JSON: `detail ->> '$.value'` of a measurement
    PRIMARY KEY (experiment, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    experiment      TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    arm             INTEGER NOT NULL,
    clock           TEXT NOT NULL,
    scheduled_us    INTEGER NOT NULL,
    start_us        INTEGER NOT NULL,
    end_us          INTEGER NOT NULL,
    rows            INTEGER NOT NULL,
    mirrored        INTEGER NOT NULL,
    deadline_misses INTEGER NOT NULL,
    rows_per_second REAL,
    staleness_p50_us INTEGER,
    staleness_p95_us INTEGER,
    PRIMARY KEY (experiment, number)
) STRICT, WITHOUT ROWID;

CREATE VIEW experiment_list AS
    -- All experiments, the newest first.
    SELECT e.id, e.name, e.strategy, e.status, e.outcome, e.reason,
           (SELECT group_concat(letter || ' ' || name, ', ') FROM arms WHERE experiment = e.id) AS arms,
           e.dataset, e.created, e.finished, e.seed, e.parent, e.digest
    FROM experiments e ORDER BY e.created DESC;

CREATE VIEW window_metrics AS
    -- What every arm did in every window.
    SELECT m.experiment, m.window, w.clock, (w.end_us - w.start_us) / 1e6 AS secs, w.stage,
           a.letter AS arm, a.name,
           m.requests, m.share, m.requested, m.feasible, m.answered, m.errors, m.timeouts, m.rejected,
           m.error_rate, m.timeout_rate,
           m.latency_mean, m.latency_p50, m.latency_p90, m.latency_p95, m.latency_p99,
           m.queue_length, m.utilisation, m.ready_replicas, m.downtime_us / 1e6 AS downtime_secs,
           m.mirrored, m.labelled, m.accuracy, m."precision", m.recall, m.f1, m.roc_auc, m.pr_auc,
           m.log_loss, m.brier, m.rmse, m.mae, m.r2, m.agreement, m.value, m.cost, m.positive_rate,
           m.harm, m.gain
    FROM arm_windows m
    JOIN windows w ON w.experiment = m.experiment AND w.number = m.window
    JOIN arms a ON a.experiment = m.experiment AND a.arm = m.arm
    ORDER BY m.experiment, m.window, m.arm;

CREATE VIEW segment_metrics AS
    -- Quality per segment, where the plan names a segment column.
    SELECT s.experiment, s.window, w.clock, w.stage, a.letter AS arm, a.name, s.name AS segment,
           s.answers, s.labelled, s.accuracy, s."precision", s.recall, s.f1, s.log_loss, s.brier,
           s.rmse, s.mae, s.r2, s.agreement, s.value, s.cost, s.positive_rate
    FROM segment_windows s
    JOIN windows w ON w.experiment = s.experiment AND w.number = s.window
    JOIN arms a ON a.experiment = s.experiment AND a.arm = s.arm
    ORDER BY s.experiment, s.window, s.arm, s.segment;

CREATE VIEW event_log AS
    -- What happened, in order.
    SELECT experiment, number, at_us / 1e6 AS secs, clock, kind, sentence, detail
    FROM events ORDER BY experiment, number;

CREATE VIEW job_log AS
    -- What every batch job did.
    SELECT j.experiment, j.number, j.clock, a.letter AS arm, a.name, j.rows,
           (j.end_us - j.start_us) / 1e6 AS secs, j.rows_per_second,
           j.staleness_p50_us / 1e6 AS staleness_p50_secs,
           j.staleness_p95_us / 1e6 AS staleness_p95_secs, j.deadline_misses, j.mirrored
    FROM jobs j JOIN arms a ON a.experiment = j.experiment AND a.arm = j.arm
    ORDER BY j.experiment, j.number;
