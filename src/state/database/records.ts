import { createHash } from "node:crypto";
import { RingwallError } from "../../lib/error.ts";
import type { Database, SqlValue } from "./database.ts";

/** One run of an operation. */
export interface OperationRecord {
  /** The journal's id. */
  readonly id: string;
  readonly name: string;
  readonly stack: string;
  /** As `describePrincipal` writes it. */
  readonly principal: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: "done" | "failed" | null;
}

/** The latest judgement of one control on one subject under one lens. */
export interface VerdictRecord {
  readonly stack: string;
  readonly control: string;
  readonly subject: string;
  readonly lens: "declared" | "written" | "running" | "measured";
  readonly verdict: "pass" | "fail" | "unknown" | "not-applicable";
  /** Ids of evidence records. */
  readonly evidence: readonly string[];
  readonly at: string;
}

/** What a verdict or an incident rests on: a text, and the digest that names it. */
export interface EvidenceRecord {
  /** `sha256:` of the text. */
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly at: string;
}

/** What is known of one secret of a stack; never its value. */
export interface SecretRecord {
  readonly stack: string;
  readonly secret: string;
  /** Which of two accounts is the current one, where a rotator keeps two. */
  readonly account: string | null;
  /** Grows by one with each change of the record; 0 stands for a record that is not there yet. */
  readonly version: number;
  readonly rotatedAt: string | null;
  /** Since when somebody who left may know the present value: they had an identity that could read it. */
  readonly exposedSince: string | null;
  /** What consumers were without, as measured at the last rotation. */
  readonly downtimeMs: number | null;
  readonly rotator: string | null;
  /** Names of what an interrupted rotation made outside and that is not yet taken away. */
  readonly orphans: readonly string[];
}

/** A record of a secret of which nothing is known yet. */
export function emptySecretRecord(stack: string, secret: string): SecretRecord {
  return {
    stack,
    secret,
    account: null,
    version: 0,
    rotatedAt: null,
    exposedSince: null,
    downtimeMs: null,
    rotator: null,
    orphans: [],
  };
}

/**
 * Records that somebody who left could read these values at a time. A value that was made since is not theirs, and who
 * left first counts: a record that says so already stays as it is.
 */
export async function markExposed(
  records: SecretRecords,
  stack: string,
  exposed: { readonly at: string; readonly secrets: readonly string[] },
): Promise<void> {
  for (const secret of exposed.secrets) {
    const record = (await records.get(stack, secret)) ?? emptySecretRecord(stack, secret);
    if (record.exposedSince !== null || (record.rotatedAt !== null && record.rotatedAt > exposed.at)) continue;
    await records.put({ ...record, exposedSince: exposed.at });
  }
}

export interface SecretRecords {
  get(stack: string, secret: string): Promise<SecretRecord | undefined>;
  /** All of a stack, by name. */
  list(stack: string): Promise<readonly SecretRecord[]>;
  /**
   * Writes the record when the stored version is still `record.version` (0: when there is none), and resolves with what
   * is stored then, its version one higher. Throws `conflict` when somebody else has changed it.
   */
  put(record: SecretRecord): Promise<SecretRecord>;
}

export interface Records {
  readonly secrets: SecretRecords;
  readonly operations: {
    /** Adds the operation, or completes one that was added when it began. */
    put(operation: OperationRecord): Promise<void>;
    get(id: string): Promise<OperationRecord | undefined>;
    /** The newest first. */
    list(stack: string, limit: number): Promise<readonly OperationRecord[]>;
  };
  readonly verdicts: {
    put(verdicts: readonly VerdictRecord[]): Promise<void>;
    list(stack: string): Promise<readonly VerdictRecord[]>;
  };
  readonly evidence: {
    /** Keeps the text under its digest and resolves with that; the same text twice is kept once. */
    put(evidence: Omit<EvidenceRecord, "id">): Promise<string>;
    get(id: string): Promise<EvidenceRecord | undefined>;
  };
}

/** The records that a database keeps. */
export function recordsOf(db: Database): Records {
  return { secrets: secretsOf(db), operations: operationsOf(db), verdicts: verdictsOf(db), evidence: evidenceOf(db) };
}

interface SecretRow {
  readonly stack: string;
  readonly secret: string;
  readonly account: string | null;
  readonly version: number;
  readonly rotated_at: string | null;
  readonly exposed_since: string | null;
  readonly downtime_ms: number | null;
  readonly rotator: string | null;
  readonly orphans: string;
}

function secretsOf(db: Database): SecretRecords {
  return {
    get: async (stack, secret) => {
      const rows = await db.all<SecretRow>("select * from secret_records where stack = ? and secret = ?", [
        stack,
        secret,
      ]);
      return rows[0] === undefined ? undefined : secretOf(rows[0]);
    },
    list: async (stack) => {
      const rows = await db.all<SecretRow>("select * from secret_records where stack = ?", [stack]);
      // Sorted here: how a database sorts texts hangs on its collation.
      return rows.map(secretOf).sort((a, b) => (a.secret < b.secret ? -1 : 1));
    },
    put: async (record) => {
      if ((await putSecret(db, record)) === 0) throw changedMeanwhile(record);
      return { ...record, version: record.version + 1 };
    },
  };
}

async function putSecret(db: Database, record: SecretRecord): Promise<number> {
  const fields: SqlValue[] = [
    record.account,
    record.version + 1,
    record.rotatedAt,
    record.exposedSince,
    record.downtimeMs,
    record.rotator,
    JSON.stringify(record.orphans),
  ];
  const key = [record.stack, record.secret];
  const { changes } =
    record.version === 0
      ? await db.run(
          `insert into secret_records (account, version, rotated_at, exposed_since, downtime_ms, rotator, orphans, stack, secret)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (stack, secret) do nothing`,
          [...fields, ...key],
        )
      : await db.run(
          `update secret_records set account = ?, version = ?, rotated_at = ?, exposed_since = ?, downtime_ms = ?, rotator = ?,
             orphans = ? where stack = ? and secret = ? and version = ?`,
          [...fields, ...key, record.version],
        );
  return changes;
}

function secretOf(row: SecretRow): SecretRecord {
  return {
    stack: row.stack,
    secret: row.secret,
    account: row.account,
    version: row.version,
    rotatedAt: row.rotated_at,
    exposedSince: row.exposed_since,
    downtimeMs: row.downtime_ms,
    rotator: row.rotator,
    orphans: JSON.parse(row.orphans),
  };
}

function changedMeanwhile({ secret, version }: SecretRecord): RingwallError {
  return new RingwallError(
    "conflict",
    `What is known of the secret "${secret}" was changed by somebody else since version ${version} was read.`,
    { hint: "Run the command again: it begins with what is there now." },
  );
}

function operationsOf(db: Database): Records["operations"] {
  const columns = `id, name, stack, principal, started_at as "startedAt", ended_at as "endedAt", outcome`;
  return {
    put: async ({ id, name, stack, principal, startedAt, endedAt, outcome }) => {
      await db.run(
        `insert into operations (id, name, stack, principal, started_at, ended_at, outcome) values (?, ?, ?, ?, ?, ?, ?)
         on conflict (id) do update set ended_at = excluded.ended_at, outcome = excluded.outcome`,
        [id, name, stack, principal, startedAt, endedAt, outcome],
      );
    },
    get: async (id) => (await db.all<OperationRecord>(`select ${columns} from operations where id = ?`, [id]))[0],
    list: (stack, limit) =>
      db.all(`select ${columns} from operations where stack = ? order by started_at desc, id desc limit ?`, [
        stack,
        limit,
      ]),
  };
}

function verdictsOf(db: Database): Records["verdicts"] {
  return {
    put: (verdicts) =>
      db.transaction(async (inside) => {
        for (const { stack, control, subject, lens, verdict, evidence, at } of verdicts) {
          await inside.run(
            `insert into verdicts (stack, control, subject, lens, verdict, evidence, at) values (?, ?, ?, ?, ?, ?, ?)
             on conflict (stack, control, subject, lens)
             do update set verdict = excluded.verdict, evidence = excluded.evidence, at = excluded.at`,
            [stack, control, subject, lens, verdict, JSON.stringify(evidence), at],
          );
        }
      }),
    list: async (stack) => {
      const rows = await db.all<Omit<VerdictRecord, "evidence"> & { readonly evidence: string }>(
        "select stack, control, subject, lens, verdict, evidence, at from verdicts where stack = ?",
        [stack],
      );
      return rows.map((row) => ({ ...row, evidence: JSON.parse(row.evidence) }));
    },
  };
}

function evidenceOf(db: Database): Records["evidence"] {
  return {
    put: async ({ kind, text, at }) => {
      const id = `sha256:${createHash("sha256").update(text).digest("hex")}`;
      await db.run("insert into evidence (id, kind, body, at) values (?, ?, ?, ?) on conflict (id) do nothing", [
        id,
        kind,
        text,
        at,
      ]);
      return id;
    },
    get: async (id) =>
      (await db.all<EvidenceRecord>("select id, kind, body as text, at from evidence where id = ?", [id]))[0],
  };
}
