import { RingwallError } from "../../lib/error.ts";
import { findUnfinished } from "../../state/journal.ts";
import { OperationLock } from "../../state/operation-lock.ts";
import { rotatorOf, toolsOf } from "./create-run.ts";
import { besideOf, type RotationEngine } from "./engine.ts";
import { readRetiring } from "./retiring.ts";
import { messageOf } from "./secret-run.ts";
import { findUnfinishedRotations } from "./unfinished.ts";

/** What an earlier rotation left outside or in the store, and that no unfinished one will still need. */
export interface Orphan {
  readonly secret: string;
  readonly name: string;
  /** The operation that made it; empty where its name does not tell. */
  readonly operation: string;
  remove(): Promise<void>;
}

export interface Orphans {
  readonly found: readonly Orphan[];
  /** Secrets whose issuer could not be asked, and why. */
  readonly unseen: readonly { readonly secret: string; readonly why: string }[];
}

/** Asks every issuer and the store what was left behind; what belongs to an unfinished rotation or an overlap is none. */
export async function findOrphans(engine: RotationEngine): Promise<Orphans> {
  const { stack, state, store, records } = engine;
  const busy = new Set([
    ...(await readRetiring(state)).map(({ secret }) => secret),
    ...(await findUnfinishedRotations(state.journals)).flatMap(({ open }) => open.map(({ secret }) => secret)),
  ]);
  const found: Orphan[] = (await store.list()).flatMap((name) => {
    const beside = besideOf(name);
    if (beside === undefined || busy.has(beside.secret)) return [];
    return [{ secret: beside.secret, name: `${name} in the store`, operation: "", remove: () => store.remove(name) }];
  });
  const unseen: { secret: string; why: string }[] = [];
  for (const secret of stack.secrets) {
    const rotator = busy.has(secret.name) ? undefined : rotatorOf(engine, secret)?.rotator;
    if (rotator === undefined) continue;
    const record = await records.secrets.get(stack.name, secret.name);
    const tools = toolsOf(engine, "orphans", secret, record?.account ?? undefined, async () => {});
    try {
      const orphans = (await rotator.begin(secret, stack, tools).orphans?.()) ?? [];
      found.push(...orphans.map((one) => ({ secret: secret.name, ...one, remove: () => one.remove() })));
    } catch (error) {
      unseen.push({ secret: secret.name, why: messageOf(error) });
    }
  }
  return { found, unseen };
}

/** Removes what was left behind, under the stack's operation lock, each with an entry in the ledger. */
export async function removeOrphans(
  engine: RotationEngine,
  confirm: (orphans: Orphans) => Promise<boolean>,
): Promise<{ readonly removed: readonly Orphan[]; readonly unseen: Orphans["unseen"] }> {
  const { state, surroundings } = engine;
  await state.prepare();
  const lock = await OperationLock.take(state.lock, "rotate --orphans", surroundings.processes, surroundings.now());
  try {
    if ((await findUnfinished(state.journals)) !== undefined) {
      throw new RingwallError("conflict", "Another operation was interrupted; finish it first.");
    }
    const orphans = await findOrphans(engine);
    if (orphans.found.length === 0 || !(await confirm(orphans))) return { removed: [], unseen: orphans.unseen };
    for (const orphan of orphans.found) {
      await lock.assertHeld();
      await orphan.remove();
      await recordRemoval(engine, orphan);
      surroundings.tell({ kind: "step-progress", step: "orphans", text: `removed ${orphan.name}` });
    }
    return { removed: orphans.found, unseen: orphans.unseen };
  } finally {
    await lock.release();
  }
}

async function recordRemoval({ ledger, principal, stack }: RotationEngine, orphan: Orphan): Promise<void> {
  await ledger.append({
    principal,
    action: "secret.remove-orphan",
    target: { kind: "secret", name: orphan.secret },
    stack: stack.name,
    operation: orphan.operation === "" ? null : orphan.operation,
    outcome: "done",
    before: null,
    after: null,
    detail: { what: orphan.name },
  });
}
