import { RingwallError } from "../../../lib/error.ts";
import { Secret } from "../../../secrets/secret.ts";
import type { Store } from "../../../secrets/store.ts";
import type { OperationRecord, Records, SecretRecord } from "../../../state/database/records.ts";
import type { Ledger, NewAction } from "../../../state/ledger/action.ts";

/** A store in memory; `full` makes every write fail as a full disk does. */
export class MemoryStore implements Store {
  readonly description = "a store in memory";
  readonly values = new Map<string, string>();
  full = false;

  async list(): Promise<readonly string[]> {
    return [...this.values.keys()].sort();
  }

  async get(name: string): Promise<Secret | undefined> {
    const value = this.values.get(name);
    return value === undefined ? undefined : new Secret(name, value);
  }

  async set(secret: Secret): Promise<void> {
    if (this.full) throw new RingwallError("disk", "the store cannot be written: the disk is full.");
    this.values.set(secret.name, secret.expose());
  }

  async remove(name: string): Promise<void> {
    this.values.delete(name);
  }
}

/** Records in memory, with the check of versions that the database makes. */
export class MemoryRecords implements Pick<Records, "secrets" | "operations"> {
  readonly kept = new Map<string, SecretRecord>();
  readonly operationsKept = new Map<string, OperationRecord>();

  readonly secrets: Records["secrets"] = {
    get: async (_stack, secret) => this.kept.get(secret),
    list: async () => [...this.kept.values()],
    put: async (record) => {
      if ((this.kept.get(record.secret)?.version ?? 0) !== record.version) {
        throw new RingwallError("conflict", "the record was changed by somebody else.");
      }
      const next = { ...record, version: record.version + 1 };
      this.kept.set(record.secret, next);
      return next;
    },
  };

  readonly operations: Records["operations"] = {
    put: async (operation) => void this.operationsKept.set(operation.id, operation),
    get: async (id) => this.operationsKept.get(id),
    list: async () => [...this.operationsKept.values()],
  };
}

export class MemoryLedger implements Pick<Ledger, "append"> {
  readonly actions: NewAction[] = [];

  async append(action: NewAction): Promise<{ readonly index: number }> {
    this.actions.push(action);
    return { index: this.actions.length - 1 };
  }
}
