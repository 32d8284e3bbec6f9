import { readdir, readFile } from "node:fs/promises";
import { RingwallError } from "../lib/error.ts";
import type { Store } from "../secrets/store.ts";
import type { NewAction } from "../state/ledger/action.ts";
import { type KeyedDigests, keyedDigests, stateDigest } from "../state/ledger/ledger-keys.ts";
import { StateFolder } from "../state/state-folder.ts";
import type { Context } from "./command.ts";
import type { DeploymentOfStack } from "./deployment.ts";
import { withLedgerIn } from "./ledger/open-ledger.ts";
import { principalOf } from "./principal.ts";

/** Where something is done: the folder that the stack is declared in, and its name. */
export interface RecordedPlace {
  readonly folder: string;
  readonly stack: string;
}

/** What is done, as it is known before. */
export interface RecordedAction {
  /** `secret.set`, `stack.up`. */
  readonly action: string;
  readonly target: NewAction["target"];
  /** A digest of what is changed, taken before and after the work; null where there is nothing yet. */
  readonly digest?: (digests: KeyedDigests) => Promise<string | null>;
  /** Never a secret value, nor what a person typed that may hold one. */
  readonly detail?: NewAction["detail"];
}

/**
 * Does something and has the ledger say so: `begun` before, `done` or `failed` after. What cannot be recorded as begun is
 * not done. Further facts, known only afterwards, are what `add` is called with.
 */
export function recorded<T>(
  context: Context,
  place: RecordedPlace,
  what: RecordedAction,
  work: (add: (detail: NewAction["detail"]) => void) => Promise<T>,
): Promise<T> {
  return withLedgerIn(place.folder, place.stack, true, context, async (ledger) => {
    const digests = await keyedDigests(ledger.folder);
    const state = new StateFolder(place.folder);
    const digest = async () => (await what.digest?.(digests)) ?? null;
    const before = await digest();
    const journal = await latestJournal(state);
    const begun = actionOf(context, place, what, { outcome: "begun", before });
    await ledger.append(begun);
    let detail: NewAction["detail"] = begun.detail;
    const end = async (outcome: "done" | "failed") => {
      const latest = await latestJournal(state);
      const operation = latest === journal ? null : latest;
      await ledger.append({ ...begun, outcome, operation, detail, after: await digest() });
    };
    try {
      const result = await work((more) => {
        detail = { ...detail, ...more };
      });
      await end("done");
      return result;
    } catch (error) {
      detail = { ...detail, error: error instanceof RingwallError ? error.code : "internal" };
      // The failure itself is what the person must hear, not that it could not be recorded: a full disk fails both.
      await end("failed").catch(() => undefined);
      throw error;
    }
  });
}

function actionOf(
  context: Context,
  { stack }: RecordedPlace,
  { action, target, detail = {} }: RecordedAction,
  given: Pick<NewAction, "outcome" | "before">,
): NewAction {
  return { principal: principalOf(context), action, target, stack, operation: null, after: null, detail, ...given };
}

/** The journal's id of the operation that began last; null when none has. */
async function latestJournal(state: StateFolder): Promise<string | null> {
  const names = await readdir(state.journals).catch(() => []);
  const ids = names.filter((name) => name.endsWith(".jsonl")).map((name) => name.slice(0, -".jsonl".length));
  const timeOf = (id: string) => id.slice(id.indexOf("-") + 1);
  return ids.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).at(-1) ?? null;
}

/** The digest of a file that holds no secret; null where it is not there. */
export function digestOfFile(path: string): () => Promise<string | null> {
  return async () => {
    const bytes = await readFile(path).catch(() => undefined);
    return bytes === undefined ? null : stateDigest(bytes);
  };
}

/** Where a deployment's stack is declared. */
export function placeOf(deployment: DeploymentOfStack): RecordedPlace {
  return { folder: deployment.stackFolder, stack: deployment.stack.name };
}

/** Something done to a whole stack; its state is what was last applied, which holds no secret value. */
export function recordedStack(
  action: string,
  { stack, state }: DeploymentOfStack,
  detail: NewAction["detail"] = {},
): RecordedAction {
  return { action, target: { kind: "stack", name: stack.name }, digest: digestOfFile(state.applied), detail };
}

/** Something done to one secret of a stack. Its digest is keyed, and null where the value cannot be read. */
export function recordedSecret(
  action: string,
  name: string,
  store: Pick<Store, "get" | "description">,
): RecordedAction {
  const digest = async (digests: KeyedDigests) => {
    const value = await store.get(name).catch(() => undefined);
    return value === undefined ? null : digests.of(`secret ${name}`, value.expose());
  };
  return { action, target: { kind: "secret", name }, digest, detail: { store: store.description } };
}
