import { join } from "node:path";
import { decryptSops, type SopsContext, type SopsFile } from "../../../formats/sops/document/operations.ts";
import { writeFileAtomic } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { withFileLock } from "../../../lib/file-lock.ts";
import { listed } from "../../../lib/listed.ts";
import { readTextFile } from "../../../lib/read-text-file.ts";
import { emptySecretRecord, markExposed } from "../../../state/database/records.ts";
import { changeKey, joinKeys, type KeyChange, leaveFormer, leaveNext } from "./creation-rules.ts";
import { exposureOf, keepExposure, readExposures } from "./exposure.ts";
import type { OwnIdentity } from "./identity-files.ts";
import {
  failureText,
  type IdentityRun,
  identityName,
  identityRotator,
  nextKeyOf,
  note,
  recordIdentityAction,
  step,
} from "./identity-run.ts";
import { identitiesOf } from "./plan-identity.ts";
import { type FoundSops, metadataOf, type Scan, scanRepository } from "./scan-repository.ts";
import { addRecipient, opens, removeRecipient } from "./sops-recipients.ts";

const largest = 16 * 1024 * 1024;

export async function generate(run: IdentityRun): Promise<void> {
  await step(run, "generate", "make the next identity", async () => {
    const { now } = run.engine.surroundings;
    const next = await run.files.makeNext(run.former, now());
    await written(run, run.files.next);
    await note(run, "generate", { next: next.key });
    await recordIdentityAction(run, "begun", { detail: { next: next.key } });
  });
}

/** From here on everything is for both. Rules go first, so that what is encrypted meanwhile is for both too. */
export async function stage(run: IdentityRun): Promise<void> {
  const { former } = run;
  const next = nextKeyOf(run);
  await step(run, "stage-rules", "name the next public key beside the former in .sops.yaml", () =>
    changeRules(run, joinKeys(former, next)),
  );
  await step(run, "stage-age", "encrypt the stack's age files for both", async () => {
    if (await run.age.isFor(former)) await run.age.add(former, next, run.engine.surroundings.now());
  });
  await step(run, "stage-files", "encrypt SOPS files for both", async () => {
    const identities = await identitiesOf(await run.files.readPresent());
    await changeSops(
      run,
      ({ keys }) => keys.includes(former) && !keys.includes(next),
      (file, context) => addRecipient(file, { former, next }, identities, context),
    );
  });
}

/** Everything that the former identity opens is opened by the next one alone. */
export async function verify(run: IdentityRun): Promise<void> {
  await step(run, "verify", "open everything with the next identity alone", async () => {
    const next = await comingIdentity(run);
    await demandOpened(run, await scan(run), next, "The next identity");
  });
}

export async function commit(run: IdentityRun): Promise<void> {
  await step(run, "commit", "put the next identity in the place of the former", async () => {
    await run.files.exchange(run.former, nextKeyOf(run), run.engine.surroundings.now());
    await written(run, run.files.present);
  });
}

/** Kept before the first file is taken from the former identity, so that no crash forgets what it could read. */
export async function expose(run: IdentityRun): Promise<void> {
  const { engine, former, age } = run;
  await step(run, "expose", "keep what the former identity could read", async (report) => {
    const found = await scan(run);
    const sops = found.sops.filter((file) => file.inside && file.keys.includes(former));
    const ageNames = (await age.isFor(former)) ? await age.list() : [];
    const at = engine.surroundings.now().toISOString();
    const exposure = exposureOf({ key: former, at, stack: engine.stack, ageNames, sops });
    await keepExposure(engine.state, exposure);
    const { length } = exposure.secrets;
    report(
      `${length} ${length === 1 ? "secret" : "secrets"} of the stack and ${sops.length} SOPS ${sops.length === 1 ? "file" : "files"}`,
    );
  });
}

export async function revoke(run: IdentityRun): Promise<void> {
  const { former } = run;
  const next = nextKeyOf(run);
  await step(run, "revoke-rules", "take the former public key out of .sops.yaml", () =>
    changeRules(run, leaveNext(former, next)),
  );
  await step(run, "revoke-age", "encrypt the stack's age files without the former", () =>
    run.age.remove(former, run.engine.surroundings.now()),
  );
  await step(run, "revoke-files", "encrypt SOPS files without the former, under new data keys", async () => {
    const identities = await identitiesOf(await run.files.readPresent());
    await changeSops(
      run,
      ({ keys }) => keys.includes(former),
      (file, context) => removeRecipient(file, former, identities, context),
    );
  });
}

/** The former identity is tried on every file, and must open none; the new one must open all of its own. */
export async function prove(run: IdentityRun): Promise<void> {
  const { former, age } = run;
  await step(run, "prove", "try the former identity on every file", async (report) => {
    const found = await scan(run);
    const present = (await run.files.readPresent()).find(({ key }) => key === nextKeyOf(run));
    if (present === undefined) throw notInPlace(run);
    await demandOpened(run, found, present, "The new identity");
    const previous = (await run.files.readPrevious()).find(({ key }) => key === former);
    const open = found.sops.filter(({ inside, keys }) => inside && keys.includes(former)).map(({ path }) => path);
    const named = found.rules.filter(
      ({ path, text }) => changeKey(path, text, leaveNext(former, nextKeyOf(run))) !== text,
    );
    if (previous === undefined) report(`${run.files.previous} is not there: only who files are for was looked at`);
    else open.push(...(await openedBy(run, found, previous)));
    if (open.length > 0 || named.length > 0) {
      const names = [...new Set([...open, ...named.map(({ path }) => path)])];
      throw new RingwallError("conflict", `The former identity still has its place in ${listed(names)}.`, {
        hint: "Somebody else changed them meanwhile: run `ringwall rotate identity` again.",
      });
    }
    const tried = found.sops.filter(({ inside }) => inside).length + (await age.list()).length;
    await note(run, "prove", { proof: previous === undefined ? "recipients" : "tried", tried });
  });
}

async function openedBy(run: IdentityRun, { sops }: Scan, previous: OwnIdentity): Promise<readonly string[]> {
  const identities = await identitiesOf([previous]);
  const found: string[] = [];
  for (const file of sops) if (file.inside && (await opens(file, identities))) found.push(file.path);
  for (const name of await run.age.list()) if (await run.age.opens(name, previous)) found.push(`${name}.age`);
  return found;
}

export async function record(run: IdentityRun): Promise<void> {
  const { engine, former, files, progress } = run;
  await step(run, "record", "record it, and what is to be replaced now", async () => {
    const { records, stack, surroundings } = engine;
    const exposure = (await readExposures(engine.state)).find(({ key }) => key === former);
    if (exposure !== undefined) await markExposed(records.secrets, stack.name, exposure);
    const now = surroundings.now().toISOString();
    const known = await records.secrets.get(stack.name, identityName);
    const before = known ?? emptySecretRecord(stack.name, identityName);
    await records.secrets.put({ ...before, rotator: identityRotator, rotatedAt: now, downtimeMs: 0 });
    const next = nextKeyOf(run);
    const all = [...(await files.readPresent()), ...(await files.readPrevious())];
    const digestOf = (key: string) => {
      const found = all.find((one) => one.key === key);
      return found === undefined ? undefined : engine.digest(identityName, found.secret);
    };
    const [first, last] = [digestOf(former), digestOf(next)];
    await recordIdentityAction(run, "done", {
      ...(first === undefined ? {} : { before: first }),
      ...(last === undefined ? {} : { after: last }),
      detail: {
        next,
        proof: progress.text("proof") ?? "tried",
        tried: Number(progress.fact("tried") ?? 0),
        due: exposure?.secrets.length ?? 0,
      },
    });
  });
  await note(run, "record", { settled: "done" });
}

/** Takes back everything of before the commit, journalled like the way forward. */
export async function undo(run: IdentityRun, because: string): Promise<void> {
  const { former, progress, age } = run;
  if (!progress.undoing) await note(run, "undo", { undoing: true, because });
  const next = progress.text("next") ?? (await run.files.readNext())?.[0]?.key;
  if (next !== undefined) {
    await step(run, "undo-rules", "take the next public key out of .sops.yaml", () =>
      changeRules(run, leaveFormer(former, next)),
    );
    await step(run, "undo-files", "encrypt SOPS files for the former identity alone", async () => {
      const identities = await identitiesOf(await run.files.readPresent());
      await changeSops(
        run,
        ({ keys }) => keys.includes(next),
        (file, context) => removeRecipient(file, next, identities, context),
      );
    });
    await step(run, "undo-age", "encrypt the stack's age files for the former identity alone", async () => {
      await age.remove(next, run.engine.surroundings.now());
      await age.forgetDeparture(next);
    });
  }
  await step(run, "undo-generate", "forget the next identity", () => run.files.removeNext());
  const told = progress.text("because") ?? because;
  await recordIdentityAction(run, "failed", { detail: { because: told } }).catch((error: unknown) => {
    const text = `The ledger was not told of the failure: ${failureText(error)}`;
    run.engine.surroundings.tell({ kind: "step-progress", step: "ledger", text });
  });
  await note(run, "undo", { settled: "undone" });
}

function scan(run: IdentityRun): Promise<Scan> {
  const next = run.progress.text("next");
  return scanRepository(run.engine.stackFolder, next === undefined ? [run.former] : [run.former, next]);
}

async function comingIdentity(run: IdentityRun): Promise<OwnIdentity> {
  const found = (await run.files.readNext())?.find(({ key }) => key === nextKeyOf(run));
  if (found === undefined) throw notInPlace(run);
  return found;
}

function notInPlace({ files }: IdentityRun): RingwallError {
  return new RingwallError("secret-missing", `The identity that was made is not at ${files.next} any more.`, {
    hint: "Somebody removed it while the identity was being rotated: put it back from where it was moved to.",
  });
}

async function demandOpened(run: IdentityRun, found: Scan, identity: OwnIdentity, who: string): Promise<void> {
  const keys = [run.former, identity.key];
  const identities = await identitiesOf([identity]);
  const closed: string[] = [...found.damaged];
  for (const file of found.sops) {
    if (!file.inside || !file.keys.some((key) => keys.includes(key))) continue;
    try {
      await decryptSops(file, identities);
    } catch (error) {
      if (!(error instanceof RingwallError)) throw error;
      closed.push(`${file.path}: ${error.describe()}`);
    }
  }
  if (await run.age.isFor(identity.key)) {
    for (const name of await run.age.list()) {
      if (!(await run.age.opens(name, identity))) closed.push(`${name}.age is not opened by it`);
    }
  }
  if (closed.length === 0) return;
  throw new RingwallError("unreadable", `${who} does not open everything:`, { details: closed });
}

async function changeRules(run: IdentityRun, change: KeyChange): Promise<void> {
  for (const { full, path } of (await scan(run)).rules) {
    await exchange(run, full, path, async (text) => changeKey(path, text, change));
  }
}

async function changeSops(
  run: IdentityRun,
  concerns: (file: FoundSops) => boolean,
  change: (file: SopsFile, context: SopsContext) => Promise<string>,
): Promise<void> {
  const { now, random } = run.engine.surroundings;
  const context: SopsContext = { now, random };
  for (const file of (await scan(run)).sops) {
    if (!file.inside || !concerns(file)) continue;
    await exchange(run, file.full, file.path, (text) =>
      change({ path: file.path, format: file.format, text }, context),
    );
  }
}

/** Exchanges a file as a whole for what is made of it; what somebody else wrote meanwhile is never lost. */
async function exchange(
  run: IdentityRun,
  full: string,
  path: string,
  change: (text: string) => Promise<string>,
): Promise<void> {
  await withFileLock(join(run.engine.state.path, "sops.lock"), async () => {
    for (let round = 0; round < 5; round++) {
      const before = await readTextFile(full, path, largest);
      if (before === undefined) return;
      const after = await change(before);
      if (after === before) return;
      if ((await readTextFile(full, path, largest)) !== before) continue;
      const { mode, uid, gid } = metadataOf(full);
      const owner = process.getuid?.() === 0 ? { owner: { uid, gid } } : {};
      await writeFileAtomic(full, after, { mode, ...owner });
      return;
    }
    throw new RingwallError("conflict", `${path} is changed all the time by somebody else.`, {
      hint: "See what else writes it, then run the command again.",
    });
  });
  await written(run, full);
}

async function written(run: IdentityRun, path: string): Promise<void> {
  await run.engine.afterWrite?.(path);
}
