/** One step of the schema. Statements run on SQLite and PostgreSQL alike; a published one is never changed. */
export interface Migration {
  readonly version: number;
  readonly statements: readonly string[];
}

/** In order, without gaps, from 1. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    statements: [
      `create table operations (
        id text primary key, name text not null, stack text not null, principal text not null,
        started_at text not null, ended_at text, outcome text)`,
      "create index operations_by_stack on operations (stack, started_at)",
      `create table verdicts (
        stack text not null, control text not null, subject text not null, lens text not null, verdict text not null,
        evidence text not null, at text not null, primary key (stack, control, subject, lens))`,
      "create table evidence (id text primary key, kind text not null, body text not null, at text not null)",
      `create table secret_records (
        stack text not null, secret text not null, account text, version bigint not null, rotated_at text,
        downtime_ms bigint, rotator text, orphans text not null, primary key (stack, secret))`,
      "create table locks (name text primary key, pid bigint not null, host text not null, at text not null)",
      `create table jobs (
        id text primary key, queue text not null, job_key text, data text not null, run_at text not null,
        state text not null, attempts bigint not null, retries bigint not null, pid bigint, started text, host text,
        claimed_at text, made_at text not null)`,
      "create unique index jobs_by_key on jobs (queue, job_key) where state = 'waiting' and job_key is not null",
      "create index jobs_by_time on jobs (queue, state, run_at)",
      "create table schedules (queue text primary key, cron text not null, data text not null, next_at text not null)",
    ],
  },
  { version: 2, statements: ["alter table secret_records add column exposed_since text"] },
];
