/** What a statement may be handed and what a row holds: numbers are whole and safe, times are ISO 8601 texts. */
export type SqlValue = string | number | null;

/**
 * State in SQL, the same statements on SQLite and PostgreSQL: parameters are written `?`, names in lower case with
 * underscores. Fails with a `RingwallError` that holds no parameter and no password.
 */
export interface Database {
  readonly kind: "sqlite" | "postgres";
  /** One statement that changes something; resolves with how many rows it changed. */
  run(sql: string, params?: readonly SqlValue[]): Promise<{ readonly changes: number }>;
  all<T>(sql: string, params?: readonly SqlValue[]): Promise<T[]>;
  /**
   * Runs the work in one transaction: all of it lasts, or, when it throws, nothing. Only the handed database belongs to
   * it. On SQLite one writes at a time, across processes; on PostgreSQL rows that others changed meanwhile are seen, so
   * that changes compare what they found (`… where version = ?`).
   */
  transaction<T>(work: (db: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
