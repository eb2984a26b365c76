-- Nouns of the field. Moments are timestamptz; JSON that is only carried is jsonb.
create sequence incident_number;
create sequence run_number;

create table raw_request (
  id bigint generated always as identity primary key,
  source text not null, sha256 text not null, body bytea not null, received_at timestamptz not null default now()
);

-- One row per (source, dedup_key, status, starts_at, occurrence): a repeated delivery changes `count` and `seen_at` only.
-- `occurrence` tells apart the firings of senders that give no start time: it grows when a key fires again after a resolve.
create table alarm (
  id bigint generated always as identity primary key,
  source text not null, dedup_key text not null, status text not null check (status in ('firing','resolved')),
  starts_at timestamptz, ends_at timestamptz, occurrence int not null default 0,
  name text not null, summary text not null, source_severity text, severity text not null,
  labels jsonb not null, annotations jsonb not null, links jsonb not null default '[]', extra jsonb,
  raw bigint references raw_request(id), count int not null default 1,
  accepted_at timestamptz not null default now(), seen_at timestamptz not null default now(),
  -- Dispatch: accepted -> held (due_at) -> joined | opened | skipped | cleared; `reason` says why.
  state text not null default 'accepted' check (state in ('accepted','held','joined','opened','skipped','cleared')),
  reason text, due_at timestamptz, runbook text, converge_key text, incident text,
  dispatched_at timestamptz,
  -- The incident's workflow has been told; until then the dispatcher tries again.
  delivered boolean not null default false
);
create unique index alarm_identity on alarm (source, dedup_key, status, coalesce(starts_at, '-infinity'::timestamptz), occurrence);
create index alarm_open on alarm (id) where state in ('accepted','held');
create index alarm_undelivered on alarm (id) where state in ('joined','opened') and not delivered;
create index alarm_incident on alarm (incident);
create index alarm_key on alarm (source, dedup_key, id);

create table incident (
  id text primary key, number bigint not null unique, title text not null, severity text not null, service text,
  phase text not null default 'open' check (phase in ('open','acknowledged','recovered','resolved')),
  commander text, converge_key text, runbook text, run text,
  opened_at timestamptz not null, acknowledged_at timestamptz, acknowledged_by text,
  responded_at timestamptz, recovered_at timestamptz, resolved_at timestamptz, resolved_by text,
  -- The workflow was started; until then the dispatcher tries again.
  started boolean not null default false,
  input jsonb not null, next jsonb, report_md text, report_html text,
  -- Order of saves: an older one that arrives late changes nothing.
  seq int not null default 0
);
create unique index incident_converge on incident (converge_key) where resolved_at is null and converge_key is not null;
create index incident_unstarted on incident (number) where not started;

create table plan (hash text primary key, runbook text not null, version int not null, plan jsonb not null, first_seen timestamptz not null default now());

create table run (
  id text primary key, position bigint generated always as identity unique,
  incident text, parent text, runbook text not null, version int not null, title text not null,
  plan_hash text not null references plan(hash), mode text not null, by text not null, reason text not null,
  -- The alarm that started it, or null: what a guard counts.
  alarm bigint,
  inputs jsonb not null, targets jsonb not null, status text not null default 'running',
  -- `input` holds the rest of what the workflow is started with; the plan is kept once, in `plan`.
  started boolean not null default false, input jsonb,
  state jsonb, next jsonb, problem jsonb, seq int not null default 0,
  created_at timestamptz not null default now(), ended_at timestamptz
);
create index run_incident on run (incident);
create index run_parent on run (parent) where parent is not null;
create index run_guard on run (runbook, created_at) where alarm is not null;
create index run_unstarted on run (position) where not started;

-- The read model of what was decided and done. `seq` comes from the workflow, so a retried append changes nothing.
-- (tx, id) orders rows for followers: every row below the oldest open transaction is settled, so none can be missed.
create table timeline (
  subject text not null, seq int not null, at timestamptz not null, code text not null,
  step text, node text, by text, values jsonb not null default '{}', incident text,
  id bigint generated always as identity, tx bigint not null default (pg_current_xact_id()::text::bigint),
  primary key (subject, seq)
);
create index timeline_incident on timeline (incident, at);
create index timeline_follow on timeline (tx, id);

-- What hosts printed, in chunks by byte offset, capped by the hand.
create table output (
  run text not null, step text not null, node text not null, key text not null, stream text not null check (stream in ('stdout','stderr')),
  "offset" bigint not null, bytes bytea not null, at timestamptz not null default now(),
  primary key (key, stream, "offset")
);
create index output_run on output (run, step, node);

create table delivery (
  id text primary key, page text not null, incident text, run text, person text not null, channel text not null, address text not null,
  template text not null, subject text, message_id text,
  status text not null default 'queued' check (status in ('queued','sending','sent','failed','unknown')),
  attempts int not null default 0, answer text, problem text,
  queued_at timestamptz not null default now(), sent_at timestamptz, body_text text
);
create index delivery_incident on delivery (incident);
create index delivery_page on delivery (page);

-- A link in a mail: stored hashed, single purpose, expiring.
create table link (
  token_sha256 text primary key, purpose text not null check (purpose in ('acknowledge')), incident text not null, person text not null,
  expires_at timestamptz not null, used_at timestamptz, created_at timestamptz not null default now()
);

create table record (
  id bigint generated always as identity primary key, key text not null unique, kind text not null, run text, incident text, values jsonb not null, at timestamptz not null default now()
);
create index record_run on record (run);

create table follow_up (
  id bigint generated always as identity primary key, key text not null unique, run text, incident text, step text, note text not null, opened_at timestamptz not null default now(), closed_at timestamptz, owner text
);

-- Waiting parts are woken, not polled: the dispatcher by `alarm` and `start`, screens by `timeline`.
create function wake() returns trigger language plpgsql as $$ begin perform pg_notify(tg_argv[0], ''); return null; end $$;
create trigger alarm_wake after insert on alarm for each statement execute function wake('alarm');
create trigger timeline_wake after insert on timeline for each statement execute function wake('timeline');
