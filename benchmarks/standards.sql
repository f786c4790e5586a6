-- Five one-off standards over a file of events, as an analyst would put them to DuckDB: what each event says, what is
-- corrected and joined, one table of clocks, one of figures. It is written for what the believable county holds; what
-- it leaves out is said in docs/benchmarks.md. Variables: file (the NDJSON), as_of (a London day; its end is meant).
-- Tables there already: kind (name, rank), working (day, nth: how many working days there are up to and with it).

-- The file. A line that is no JSON is left out; of the other faults, those the county makes are looked for. Of the
-- kinds of events, those are kept that these standards need.
CREATE TABLE line AS
SELECT * FROM read_json(getvariable('file'), format = 'newline_delimited', ignore_errors = true, columns = {
  id: 'VARCHAR', source: 'VARCHAR', type: 'VARCHAR', subject: 'VARCHAR', time: 'VARCHAR', occurredon: 'DATE',
  recordedtime: 'VARCHAR', replaces: 'VARCHAR', retracts: 'VARCHAR', notes: 'VARCHAR',
  data: 'STRUCT(referral_id VARCHAR, assessment_id VARCHAR, enquiry_id VARCHAR, enquiry_ids VARCHAR[],
    plan_id VARCHAR, care_id VARCHAR, kind VARCHAR, reason VARCHAR, outcome VARCHAR, conference VARCHAR,
    conference_required BOOLEAN, complete BOOLEAN, review VARCHAR, short_breaks BOOLEAN, direction VARCHAR,
    born_on DATE, "into" VARCHAR)'});

CREATE TABLE event AS
SELECT DISTINCT ON (source, id) id, source, type, subject, replaces, retracts, data, rank,
  recordedtime::TIMESTAMPTZ AS recorded_at,
  coalesce(occurredon, timezone('Europe/London', time::TIMESTAMPTZ)::DATE) AS day,
  coalesce(time::TIMESTAMPTZ, timezone('Europe/London', occurredon + INTERVAL 1 DAY) - INTERVAL 1 MICROSECOND) AS moment
FROM line JOIN kind ON type = kind.name
WHERE notes IS NULL AND type IN (
    'referral.received', 'referral.decided', 'assessment.started', 'assessment.authorised', 'assessment.abandoned',
    'enquiry.started', 'enquiry.ended', 'conference.held', 'cp_plan.started', 'cp_plan.ended', 'care.started',
    'care.ended', 'adoption.placed', 'review.held', 'case.closed', 'case.reopened', 'case.stepped_up',
    'cin_plan.started', 'transfer.completed', 'child.registered', 'child.born', 'child.died', 'child.merged',
    'event.retracted')
  AND coalesce(time, 'Z') SIMILAR TO '.*(Z|[+-][0-9]{2}:[0-9]{2})'
  AND coalesce(recordedtime, 'Z') SIMILAR TO '.*(Z|[+-][0-9]{2}:[0-9]{2})';

-- Corrections: a retraction that is not itself retracted takes its event out; of rival replacements the last recorded,
-- then the greater id, stands for what it replaces.
CREATE TABLE alive AS
SELECT e.* FROM event e
WHERE e.retracts IS NULL AND NOT EXISTS (
  FROM event r WHERE r.retracts = e.id AND r.source = e.source
    AND NOT EXISTS (FROM event q WHERE q.retracts = r.id AND q.source = r.source));

CREATE TABLE winner AS
SELECT source, replaces AS target, arg_max(id, (coalesce(recorded_at, '0001-01-01'), id)) AS id
FROM alive WHERE replaces IS NOT NULL GROUP BY ALL;

CREATE TABLE counting AS
SELECT a.* FROM alive a
WHERE NOT EXISTS (FROM winner w WHERE w.source = a.source AND w.target = a.id)
  AND (a.replaces IS NULL OR EXISTS (FROM winner w WHERE w.source = a.source AND w.id = a.id));

-- Merges, followed to their end; the events of all ids of a child in the order in which they happened.
CREATE TABLE survivor AS
WITH RECURSIVE step AS (
  SELECT subject AS ceased, data."into" AS child, 1 AS steps FROM counting WHERE type = 'child.merged'
  UNION ALL
  SELECT ceased, data."into", steps + 1 FROM step JOIN counting ON subject = step.child AND type = 'child.merged')
SELECT ceased, arg_max(child, steps) AS child FROM step GROUP BY ceased;

CREATE TABLE placed AS
SELECT coalesce(s.child, subject) AS child, type, day, data,
  row_number() OVER (PARTITION BY coalesce(s.child, subject) ORDER BY day, moment, rank, source, id) AS n
FROM counting LEFT JOIN survivor s ON ceased = subject;

-- The eve of the 18th birthday, when every duty to a child ends (born on 29 February: the birthday is 1 March).
CREATE TABLE life AS
SELECT child, (CASE WHEN strftime(born_on, '%m-%d') = '02-29' THEN born_on + INTERVAL 1 DAY ELSE born_on END
               + INTERVAL 18 YEAR - INTERVAL 1 DAY)::DATE AS lasts_to
FROM (SELECT child, arg_max(coalesce(data.born_on, CASE WHEN type = 'child.born' THEN day END), n) AS born_on
      FROM placed WHERE type = 'child.born' OR (type = 'child.registered' AND data.born_on IS NOT NULL) GROUP BY child);

CREATE TABLE fact AS
SELECT p.* FROM placed p LEFT JOIN life USING (child) WHERE day <= coalesce(lasts_to, '9999-12-31');

CREATE TABLE left_us AS
SELECT child, n, day, 'cancelled' AS how FROM fact
WHERE type = 'child.died' OR (type = 'transfer.completed' AND data.direction = 'out');

-- Each standard: its starts, and what ends a clock of each. The first end after the start counts, a void above all.
CREATE TABLE began (standard VARCHAR, child VARCHAR, key VARCHAR, n BIGINT, started_on DATE, due_on DATE);
CREATE TABLE ending (standard VARCHAR, child VARCHAR, key VARCHAR, n BIGINT, day DATE, how VARCHAR, later BOOLEAN);

CREATE MACRO after_working_days(start, days) AS
  (SELECT min(w.day) FROM working w WHERE w.nth = (SELECT nth FROM working WHERE day = start) + days);

-- referral-decision-1wd: a referral where no case is open, to the decision on it.
CREATE TABLE opened AS
SELECT child, type, data, day, n, coalesce(last_value(moved IGNORE NULLS) OVER (
  PARTITION BY child ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS open
FROM (SELECT *, CASE
  WHEN type = 'referral.decided' AND data.outcome IN ('assessment', 'initial_assessment', 'strategy_discussion') THEN 1
  WHEN type IN ('case.reopened', 'case.stepped_up', 'assessment.started', 'enquiry.started', 'cin_plan.started',
                'cp_plan.started', 'care.started') THEN 1
  WHEN type = 'transfer.completed' THEN (data.direction = 'in')::INT
  WHEN type = 'case.closed' THEN 0 END AS moved FROM fact);

INSERT INTO began
SELECT 'referral-decision-1wd', child, data.referral_id, n, o.day, after_working_days(o.day, 1)
FROM opened o WHERE type = 'referral.received' AND open = 0;

INSERT INTO ending
SELECT 'referral-decision-1wd', child, data.referral_id, n, day,
  CASE WHEN data.outcome = 'duplicate' THEN 'voided' ELSE 'stopped' END, false
FROM fact WHERE type = 'referral.decided'
UNION ALL SELECT 'referral-decision-1wd', child, NULL, n, day, 'cancelled', false FROM fact WHERE type = 'case.closed';

-- assessment-45wd: from the referral's day where it is the referral's assessment, else from its own.
CREATE TABLE assessing AS
SELECT child, data.assessment_id AS assessment, min(n) AS from_n,
  arg_min(CASE WHEN data.reason = 'referral' THEN data.referral_id END, n) AS referral,
  arg_min(day, n) AS day, arg_min(data.kind, n) AS kind
FROM fact WHERE type = 'assessment.started' GROUP BY ALL;

INSERT INTO began
WITH due_to AS (
  SELECT child, data.referral_id AS referral, n FROM fact
  WHERE type = 'referral.decided' AND data.outcome = 'assessment'
  UNION ALL SELECT child, referral, from_n FROM assessing WHERE kind = 'single' AND referral IS NOT NULL),
received AS (SELECT child, data.referral_id AS referral, max(day) AS day FROM fact
  WHERE type = 'referral.received' GROUP BY ALL),
beginning AS (
  SELECT d.child, d.referral AS key, min(n) AS n, any_value(day) AS started_on
  FROM due_to d JOIN received USING (child, referral) GROUP BY ALL
  UNION ALL SELECT child, assessment, from_n, day FROM assessing WHERE kind = 'single' AND referral IS NULL)
SELECT 'assessment-45wd', child, key, n, started_on, after_working_days(started_on, 45)
FROM beginning WHERE started_on >= '2013-04-15';

INSERT INTO ending
SELECT 'assessment-45wd', f.child, coalesce(a.referral, f.data.referral_id, f.data.assessment_id), n, f.day,
  CASE type WHEN 'assessment.authorised' THEN 'stopped' ELSE 'cancelled' END, false
FROM fact f LEFT JOIN assessing a ON a.child = f.child AND a.assessment = f.data.assessment_id
WHERE (type = 'assessment.authorised' AND data.kind = 'single')
   OR (type = 'assessment.abandoned' AND a.kind = 'single')
UNION ALL
SELECT 'assessment-45wd', child, data.referral_id, n, day, 'voided', false
FROM fact WHERE type = 'referral.decided' AND data.outcome = 'duplicate'
UNION ALL
SELECT 'assessment-45wd', f.child, NULL, n, f.day, 'cancelled', false FROM fact f
WHERE type = 'case.closed' AND NOT EXISTS (  -- with an assessment open it ends nothing
  FROM assessing a WHERE a.child = f.child AND a.from_n < f.n AND NOT EXISTS (
    FROM fact d WHERE d.child = a.child AND d.data.assessment_id = a.assessment
      AND d.type IN ('assessment.authorised', 'assessment.abandoned') AND d.n > a.from_n AND d.n < f.n));

-- icpc-15wd: from the enquiry to the initial conference, unless none was needed.
INSERT INTO began
SELECT 'icpc-15wd', child, data.enquiry_id, min(n), arg_min(day, n), after_working_days(arg_min(day, n), 15)
FROM fact WHERE type = 'enquiry.started' AND coalesce(data.conference_required, true) GROUP BY child, data.enquiry_id;

INSERT INTO ending
SELECT 'icpc-15wd', child, unnest(coalesce(data.enquiry_ids, [data.enquiry_id])), n, day, 'stopped', false
FROM fact WHERE type = 'conference.held' AND data.conference = 'initial' AND data.complete
UNION ALL
SELECT 'icpc-15wd', child, data.enquiry_id, n, day, 'voided', false
FROM fact WHERE type = 'enquiry.ended' AND data.conference_required = false;

-- cp-review-first-3m: from the conference that made the plan to a review on a later day.
INSERT INTO began
SELECT 'cp-review-first-3m', child, data.plan_id, min(n), min(day), (min(day) + INTERVAL 3 MONTH)::DATE
FROM fact WHERE type = 'conference.held' AND data.outcome = 'plan_made' AND data.complete GROUP BY child, data.plan_id;

INSERT INTO ending
SELECT 'cp-review-first-3m', child, data.plan_id, n, day, 'stopped', true
FROM fact WHERE type = 'conference.held' AND data.conference = 'review' AND data.complete
UNION ALL
SELECT 'cp-review-first-3m', child, data.plan_id, n, day, 'cancelled', false FROM fact WHERE type = 'cp_plan.ended';

-- lac-review-first-20wd: from the beginning of care to the first review.
INSERT INTO began
SELECT 'lac-review-first-20wd', child, data.care_id, n, f.day, CASE WHEN f.day < '2011-04-01'
  THEN f.day + 28 ELSE after_working_days(f.day, 20) END
FROM fact f WHERE type = 'care.started' AND NOT coalesce(data.short_breaks, false);

INSERT INTO ending
SELECT 'lac-review-first-20wd', child, NULL, n, day, 'stopped', false
FROM fact WHERE type = 'review.held' AND data.review = 'care' AND data.complete
UNION ALL
SELECT 'lac-review-first-20wd', child, CASE WHEN type = 'care.ended' THEN data.care_id END, n, day, 'cancelled', false
FROM fact WHERE type IN ('care.ended', 'adoption.placed')
   OR (type = 'care.started' AND NOT coalesce(data.short_breaks, false));

-- What became of each clock by the end of the day asked about, and the figures of each month. An end without a key is
-- about every clock that runs.
CREATE TABLE ended AS
SELECT b.standard, b.child, b.key, b.n, arg_min(how, (how <> 'voided', e.n)) AS how,
  arg_min(e.day, (how <> 'voided', e.n)) AS ended_on
FROM began b JOIN (
    SELECT * FROM ending
    UNION ALL SELECT DISTINCT began.standard, l.child, NULL, l.n, l.day, l.how, false FROM left_us l JOIN began USING (child)
  ) e ON e.standard = b.standard AND e.child = b.child AND coalesce(e.key, b.key) = b.key
  AND e.n > b.n AND e.day >= b.started_on AND (NOT e.later OR e.day > b.started_on)
WHERE e.day <= getvariable('as_of')
GROUP BY ALL;

CREATE TABLE figure AS
SELECT standard, date_trunc('month', due_on)::DATE AS month, count(*) AS due,
  count(*) FILTER (outcome = 'met') AS met, count(*) FILTER (outcome = 'missed') AS missed
FROM (
  SELECT b.standard, due_on, CASE
    WHEN how = 'voided' THEN NULL
    WHEN how = 'stopped' THEN CASE WHEN ended_on <= due_on THEN 'met' ELSE 'missed' END
    WHEN how = 'cancelled' THEN CASE WHEN ended_on > due_on THEN 'missed' END
    WHEN lasts_to < getvariable('as_of') THEN CASE WHEN lasts_to > due_on THEN 'missed' END
    WHEN due_on < getvariable('as_of') THEN 'missed' END AS outcome
  FROM began b LEFT JOIN ended e USING (standard, child, key, n) LEFT JOIN life USING (child)
  WHERE started_on <= getvariable('as_of'))
WHERE outcome IS NOT NULL GROUP BY ALL ORDER BY ALL;
