import type { Credential } from "../../../contracts/rotator.ts";
import { RingwallError } from "../../../lib/error.ts";
import { nextName, previousName } from "../engine.ts";
import { recordAction } from "../record-action.ts";
import { currentOf, describeVantage, note, obeySignal, phase, type SecretRun, vantagesOf } from "../secret-run.ts";
import { tryUntil } from "../try-credential.ts";

/** Looks whether the rotation can work, before anything is changed. */
export function preflight(run: SecretRun): Promise<void> {
  return phase(run, "preflight", "look whether it can be replaced", async (report) => {
    obeySignal(run);
    await noteBeginning(run);
    const current = await currentOf(run);
    await demandStore(run);
    await demandServices(run);
    await run.rotation.preflight(current);
    if (current !== undefined) await demandAccepted(run, current, report);
    await recordAction(run, "begun", {});
  });
}

async function noteBeginning(run: SecretRun): Promise<void> {
  const { engine, secret, outline, consumers } = run;
  const record = await engine.records.secrets.get(engine.stack.name, secret.name);
  // Before the value: what is written in between then has another version than the noted one.
  const version = await engine.store.versionOf?.(secret.name);
  const value = await engine.store.get(secret.name);
  await note(run, "preflight", {
    rotator: outline.rotator,
    consumers: consumers.join(","),
    had: value !== undefined,
    previousAccount: record?.account ?? secret.issuedBy?.account ?? null,
    lastRotatedAt: record?.rotatedAt ?? null,
    storeVersion: version ?? null,
    storeDigest: value === undefined ? null : engine.digest(secret.name, value),
  });
}

async function demandStore({ engine: { store }, secret: { name } }: SecretRun): Promise<void> {
  if (store.readOnly === true) {
    throw new RingwallError("unsupported", `${store.description} cannot be written, so "${name}" cannot be rotated.`, {
      hint: "Move the secret to a store that can: `ringwall secrets move`.",
    });
  }
  for (const beside of [nextName(name), previousName(name)]) {
    if ((await store.get(beside)) === undefined) continue;
    throw new RingwallError("conflict", `${store.description} has ${beside} of a rotation that no journal tells of.`, {
      hint: "`ringwall rotate --orphans` shows what was left behind, and removes it.",
    });
  }
}

async function demandServices({ engine: { services }, consumers, outline, secret }: SecretRun): Promise<void> {
  const needed = [...new Set([...(outline.issuer === undefined ? [] : [outline.issuer]), ...consumers])];
  const stopped: string[] = [];
  for (const service of needed) if (!(await services.isRunning(service))) stopped.push(service);
  if (stopped.length === 0) return;
  throw new RingwallError(
    "engine-failed",
    `"${secret.name}" cannot be rotated: ${stopped.join(", ")} ${stopped.length === 1 ? "does" : "do"} not run.`,
    { hint: "Bring the stack up first: `ringwall up`." },
  );
}

/** A store and an issuer that disagree are a fault that a rotation would hide. After a compromise it may be the attack. */
async function demandAccepted(run: SecretRun, current: Credential, report: (text: string) => void): Promise<void> {
  for (const vantage of vantagesOf(run)) {
    const check = await tryUntil(run, current, vantage, "accepted");
    if (check.outcome === "accepted") continue;
    const where = describeVantage(vantage);
    if (run.operation.emergency) {
      report(`the present value is not accepted from ${where}: ${check.detail}`);
      continue;
    }
    throw new RingwallError(
      "engine-failed",
      `The present value of "${run.secret.name}" does not work from ${where} (${check.outcome}): ${check.detail}`,
      {
        hint: "Store and issuer disagree; nothing was changed. Set the value that works (`ringwall secrets set`), or replace it all the same with --emergency.",
      },
    );
  }
}
