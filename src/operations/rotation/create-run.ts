import type { ResolvedSecret } from "../../contracts/resolved.ts";
import type { Credential, HostProgram, RotationOutline, RotationTools, Rotator } from "../../contracts/rotator.ts";
import { RingwallError } from "../../lib/error.ts";
import { Secret } from "../../secrets/secret.ts";
import { nextName, previousName, type RotationEngine, secretOf } from "./engine.ts";
import { measureDowntime } from "./measure-downtime.ts";
import type { OpenOperation } from "./open-operation.ts";
import { SecretProgress, stepId } from "./progress.ts";
import { readRetiring } from "./retiring.ts";
import type { SecretRun } from "./secret-run.ts";
import { findUnfinishedRotations } from "./unfinished.ts";

/** The rotator that a secret has, and what it would do; undefined when nobody knows how it is replaced. */
export function rotatorOf(
  engine: Pick<RotationEngine, "rotators" | "stack">,
  secret: ResolvedSecret,
): { readonly rotator: Rotator; readonly outline: RotationOutline } | undefined {
  if (secret.derived !== undefined) return undefined;
  for (const rotator of engine.rotators) {
    const outline = rotator.outline(secret, engine.stack);
    if (outline !== undefined) return { rotator, outline };
  }
  return undefined;
}

/** Puts together what the phases of one secret share, for a rotation that begins or goes on. */
export async function createRun(
  engine: RotationEngine,
  operation: OpenOperation,
  name: string,
  options: { readonly retires: boolean },
): Promise<SecretRun> {
  const { secret, rotator, outline } = demandRotator(engine, operation, name);
  const progress = operation.progress.get(name) ?? new SecretProgress(name);
  operation.progress.set(name, progress);
  const record = await engine.records.secrets.get(engine.stack.name, name);
  const noted = progress.fact("previousAccount");
  const account =
    noted === undefined ? (record?.account ?? undefined) : (progress.text("previousAccount") ?? undefined);
  const logProgram: LogProgram = (pid, started) =>
    operation.log({ kind: "program", step: stepId(name, "program"), pid, started });
  const tools = toolsOf(engine, operation.id, secret, account, logProgram);
  const run: SecretRun = {
    engine,
    operation,
    secret,
    outline,
    rotation: rotator.begin(secret, engine.stack, tools),
    progress,
    consumers: consumersOf(engine, progress, outline),
    retires: options.retires,
    downtime: measureDowntime(engine, () => run),
  };
  return run;
}

function demandRotator(engine: RotationEngine, operation: OpenOperation, name: string) {
  const secret = secretOf(engine.stack, name);
  const found = secret === undefined ? undefined : rotatorOf(engine, secret);
  const began = operation.progress.get(name)?.text("rotator");
  if (secret !== undefined && found !== undefined && (began === undefined || began === found.rotator.name)) {
    return { secret, ...found };
  }
  throw new RingwallError(
    "conflict",
    began === undefined
      ? `Nothing knows how "${name}" is rotated.`
      : `The rotation of "${name}" began with the rotator ${began}, and the declaration says otherwise now.`,
    { hint: "Put the declaration back as it was when the rotation began, then run `ringwall rotate --resume`." },
  );
}

/** Those that it began with, and are still declared; the outline's own when it has not begun. */
function consumersOf(engine: RotationEngine, progress: SecretProgress, outline: RotationOutline): readonly string[] {
  const noted = progress.text("consumers");
  if (noted === undefined) return outline.consumers;
  const declared = new Set(engine.stack.services.map(({ name }) => name));
  return noted.split(",").filter((consumer) => declared.has(consumer));
}

/** Keeps that a program of this host was started. */
type LogProgram = (pid: number, started: string | null) => Promise<void>;

/** What a rotator works with. */
export function toolsOf(
  engine: RotationEngine,
  operation: string,
  secret: ResolvedSecret,
  account: string | undefined,
  logProgram: LogProgram,
): RotationTools {
  const { now, sleep, random, tell, signal } = engine.surroundings;
  const report = (text: string) => tell({ kind: "step-progress", step: stepId(secret.name, "rotator"), text });
  return {
    id: operation,
    services: engine.services,
    now,
    sleep,
    random,
    report,
    signal,
    other: (name) => engine.store.get(name),
    valid: (name) => validCredentials(engine, name),
    ask: (question) => engine.ask(secret.name, question),
    account,
    run: hostProgram(engine, logProgram),
  };
}

/** Every credential of a secret that may work now: of the present, of a former one in its overlap, of one that is staged. */
export async function validCredentials(engine: RotationEngine, name: string): Promise<readonly Credential[]> {
  const { store, records, stack, state } = engine;
  const issued = secretOf(stack, name)?.issuedBy?.account;
  const record = await records.secrets.get(stack.name, name);
  const retiring = (await readRetiring(state)).find(({ secret }) => secret === name);
  const open = (await findUnfinishedRotations(state.journals)).flatMap((rotation) => rotation.open);
  const progress = open.find(({ secret }) => secret === name);
  const former = retiring?.previousAccount ?? progress?.text("previousAccount") ?? issued;
  const present = progress?.committing === true ? progress.text("account") : record?.account;
  const candidates = [
    { key: name, account: present ?? issued },
    { key: previousName(name), account: former },
    { key: nextName(name), account: progress?.text("account") ?? issued },
  ];
  const found: Credential[] = [];
  for (const { key, account } of candidates) {
    const value = await store.get(key);
    const known = found.some((one) => one.account === account || one.value.expose() === value?.expose());
    if (value !== undefined && !known) found.push({ account, value: new Secret(name, value.expose()) });
  }
  return found;
}

/** Programs of this host; each is journalled when it starts, since it may outlive this process. */
function hostProgram(engine: RotationEngine, logProgram: LogProgram): HostProgram {
  const { run, processes, signal } = engine.surroundings;
  return async (command, args, options = {}) => {
    let noted: Promise<void> = Promise.resolve();
    const noteProgram = async (pid: number) => {
      await logProgram(pid, (await processes.started(pid)) ?? null);
    };
    const result = await run(command, args, {
      ...(options.stdin === undefined ? {} : { input: options.stdin.expose() }),
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      timeout: options.timeoutMs ?? 60_000,
      ...(signal === undefined ? {} : { signal }),
      onStart: (pid) => {
        noted = noteProgram(pid);
        // The failure is thrown below; until then it must not count as unheard.
        noted.catch(() => undefined);
      },
    });
    await noted;
    return { code: result.code ?? 255, stdout: result.stdout, stderr: result.stderr };
  };
}
