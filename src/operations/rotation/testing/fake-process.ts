import { createHash, randomBytes } from "node:crypto";
import type { OperationEvent } from "../../../contracts/operation.ts";
import type { ResolvedStack } from "../../../contracts/resolved.ts";
import { childPrograms } from "../../../lib/child-program.ts";
import type { Secret } from "../../../secrets/secret.ts";
import type { ProcessTable } from "../../../state/operation-lock.ts";
import { StateFolder } from "../../../state/state-folder.ts";
import type { RotationEngine, RotationSurroundings } from "../engine.ts";
import { type FakeMode, fakeAccounts, fakeRotator, fakeServices } from "./fake-rotation.ts";
import { FakeWorld } from "./fake-world.ts";
import { MemoryLedger, MemoryRecords, MemoryStore } from "./memory.ts";

/** What outlives a process: the issuer, the services, the store, the records, the ledger, and the folder of journals. */
export class FakeHost {
  readonly world = new FakeWorld();
  readonly store = new MemoryStore();
  readonly records = new MemoryRecords();
  readonly ledger = new MemoryLedger();
  readonly told: string[] = [];
  readonly stack: ResolvedStack;
  readonly state: StateFolder;
  readonly mode: FakeMode;
  /** From when on the dead do nothing but end. */
  thawed = false;
  time = Date.UTC(2026, 10, 21);
  #pids = 1000;
  readonly #alive = new Set<number>();
  readonly #frozen: ((error: Error) => void)[] = [];

  constructor(folder: string, stack: ResolvedStack, mode: FakeMode = "pair") {
    this.state = new StateFolder(folder);
    this.stack = stack;
    this.mode = mode;
    for (const service of stack.services) {
      if (service.name === "issuer") continue;
      this.world.addConsumer(service.name);
      for (const { secret } of service.secrets) this.#giveFirst(service.name, secret);
    }
  }

  #giveFirst(service: string, secret: string): void {
    const [account] = fakeAccounts(secret);
    const value = this.store.values.get(secret) ?? `first-${secret}-${randomBytes(12).toString("hex")}`;
    this.store.values.set(secret, value);
    this.world.accounts.set(account, value);
    this.world.answer({ call: "deliver", service, secret, account, value });
    this.world.answer({ call: "tell", service });
  }

  /**
   * A process that works on this host. Each thing that it does counts as a point; at point `dies` it stops for good, as a
   * process that is killed does: what was done stays, and nothing more is done.
   */
  process(options: { readonly dies?: number; readonly engine?: Partial<RotationEngine> } = {}): FakeProcess {
    const pid = this.#pids++;
    this.#alive.add(pid);
    const processes: ProcessTable = {
      self: pid,
      started: async (asked) => (this.#alive.has(asked) ? `start-${asked}` : undefined),
    };
    return new FakeProcess(this, processes, options, (reject) => {
      this.#alive.delete(pid);
      this.#frozen.push(reject);
    });
  }

  /** Lets frozen processes end, so that they give back their files; only when nothing is looked at any more. */
  thaw(): void {
    this.thawed = true;
    for (const reject of this.#frozen.splice(0)) reject(new Error("killed"));
  }
}

export class FakeProcess {
  readonly engine: RotationEngine;
  /** Resolves when the process has died. */
  readonly died: Promise<"died">;
  points = 0;
  readonly #options: { readonly dies?: number };
  readonly #freeze: (reject: (error: Error) => void) => void;
  #onDeath: () => void = () => {};
  #dead = false;

  constructor(
    host: FakeHost,
    processes: ProcessTable,
    options: { readonly dies?: number; readonly engine?: Partial<RotationEngine> },
    freeze: (reject: (error: Error) => void) => void,
  ) {
    this.#options = options;
    this.#freeze = freeze;
    this.died = new Promise((resolve) => {
      this.#onDeath = () => resolve("died");
    });
    const point = () => this.#point(host);
    const call = async (what: Parameters<FakeWorld["answer"]>[0]) => {
      await point();
      const answer = host.world.answer(what);
      await point();
      return answer;
    };
    const store = {
      description: host.store.description,
      list: () => host.store.list(),
      get: (name: string) => host.store.get(name),
      set: (secret: Secret) => around(point, () => host.store.set(secret)),
      remove: (name: string) => around(point, () => host.store.remove(name)),
    };
    this.engine = {
      stack: host.stack,
      state: host.state,
      store,
      rotators: [fakeRotator(call, host.mode)],
      services: fakeServices(call),
      records: {
        operations: host.records.operations,
        secrets: {
          ...host.records.secrets,
          put: (record) => around(point, () => host.records.secrets.put(record)),
        },
      },
      locks: { withLock: (_name, work) => work() },
      ledger: { append: (action) => around(point, () => host.ledger.append(action)) },
      principal: { kind: "user", name: "tester", uid: 1000, host: "here" },
      digest: (_name, value) => `sha256:${createHash("sha256").update(`key ${value.expose()}`).digest("hex")}`,
      ask: () => Promise.reject(new Error("nobody is asked in a fake process")),
      surroundings: surroundingsOf(host, processes, point),
      ...options.engine,
    };
  }

  async #point(host: FakeHost): Promise<void> {
    if (host.thawed) throw new Error("killed");
    this.points++;
    if (this.#dead || this.points === this.#options.dies) {
      this.#dead = true;
      this.#onDeath();
      await new Promise<never>((_resolve, reject) => this.#freeze(reject));
    }
  }
}

async function around<T>(point: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  await point();
  const result = await work();
  await point();
  return result;
}

function surroundingsOf(host: FakeHost, processes: ProcessTable, point: () => Promise<void>): RotationSurroundings {
  return {
    run: childPrograms({}),
    processes,
    now: () => new Date(host.time),
    clock: () => host.time,
    random: (bytes) => randomBytes(bytes),
    sleep: async (milliseconds) => {
      host.time += milliseconds;
    },
    tell: (event) => void host.told.push(describeEvent(event)),
    afterAppend: point,
  };
}

function describeEvent(event: OperationEvent): string {
  return JSON.stringify(event);
}
