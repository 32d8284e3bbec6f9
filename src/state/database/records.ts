import type { Database } from "./database.ts";

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
  /** What consumers were without, as measured at the last rotation. */
  readonly downtimeMs: number | null;
  readonly rotator: string | null;
  /** Names of what an interrupted rotation made outside and that is not yet taken away. */
  readonly orphans: readonly string[];
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

export declare function recordsOf(db: Database): Records;
