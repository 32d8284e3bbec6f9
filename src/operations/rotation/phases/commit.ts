import { RingwallError } from "../../../lib/error.ts";
import { Secret } from "../../../secrets/secret.ts";
import { nextName, previousName } from "../engine.ts";
import { putRecord } from "../put-record.ts";
import { note, obeySignal, phase, type SecretRun } from "../secret-run.ts";

/**
 * Makes the new value the present one in the store, and keeps the former one beside it. From when this begins the only
 * way is forward; every order of a crash within it leaves both values in the store.
 */
export async function commit(run: SecretRun): Promise<void> {
  if (!run.progress.committing) obeySignal(run);
  await phase(run, "commit", "keep the new value as the present one", async () => {
    const { engine, secret, progress } = run;
    const { store, surroundings } = engine;
    if (progress.text("committedAt") === undefined) {
      await note(run, "commit", { committedAt: surroundings.now().toISOString() });
    }
    const next = await store.get(nextName(secret.name));
    // It is removed last: without it, all of this was done before the interruption.
    if (next !== undefined) await exchange(run, next);
    await putRecord(run, { account: progress.text("account") ?? null });
    await store.remove(nextName(secret.name));
  });
}

async function exchange(run: SecretRun, next: Secret): Promise<void> {
  const { store } = run.engine;
  const { name } = run.secret;
  const present = await store.get(name);
  if (present?.expose() === next.expose()) return;
  const expected = await demandUntouched(run);
  if (present !== undefined) await store.set(new Secret(previousName(name), present.expose()));
  await store.set(new Secret(name, next.expose()), expected === undefined ? {} : { expectVersion: expected });
}

/**
 * The version that the store must still have; throws when somebody has set the secret since the rotation began. The same
 * value counts as untouched: it was encrypted anew for other recipients, or put back by a person.
 */
async function demandUntouched({
  engine: { store, digest },
  secret: { name },
  progress,
}: SecretRun): Promise<string | undefined> {
  const expected = progress.text("storeVersion");
  if (store.versionOf === undefined || expected === undefined) return undefined;
  const version = await store.versionOf(name);
  if (version === expected) return expected;
  const value = await store.get(name);
  if (value !== undefined && digest(name, value) === progress.text("storeDigest")) return version;
  throw new RingwallError(
    "conflict",
    `Somebody changed "${name}" in ${store.description} while it was being rotated.`,
    {
      hint: "Services use the rotation's new value. Put the former value back in the store, then run `ringwall rotate --resume`.",
    },
  );
}
