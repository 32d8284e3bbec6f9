import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeFolder, writeFileAtomic } from "../../../lib/atomic-write.ts";
import type { Secret } from "../../../secrets/secret.ts";
import { redactor } from "../../deploy/redact.ts";
import { nextName, previousName } from "../engine.ts";
import { note, phase, type SecretRun } from "../secret-run.ts";
import { loginLines } from "./login-lines.ts";

/** How far back is looked where no rotation is recorded. */
const longestAgoMs = 90 * 86_400_000;

interface Gathered {
  readonly file: string;
  readonly service: string;
  readonly lines: number;
  readonly sha256: string;
}

/**
 * Opens an incident after an emergency rotation: what the issuer and the consumers wrote of logins since the last
 * rotation, each file 0600 and with its digest in the record, all values of the stack hidden. What cannot be read is said
 * in the record and stops nothing.
 */
export function openIncident(run: SecretRun): Promise<void> {
  return phase(run, "incident", "open an incident, and gather what could show misuse", async (report) => {
    const { engine, operation, secret } = run;
    const id = `${operation.id}-${secret.name}`;
    const folder = join(engine.state.path, "incidents", id);
    await makeFolder(join(engine.state.path, "incidents"), 0o700);
    await makeFolder(folder, 0o700);
    const now = engine.surroundings.now();
    const since = sinceOf(run, now);
    const gathered = await gather(run, since, folder);
    const text = recordText(run, id, now, since, gathered);
    await writeFileAtomic(join(folder, "incident.json"), text, { mode: 0o600, tag: operation.id });
    await engine.ledger.append({
      principal: engine.principal,
      action: "incident.open",
      target: { kind: "incident", name: id },
      stack: engine.stack.name,
      operation: operation.id,
      outcome: "done",
      before: null,
      after: `sha256:${sha256(text)}`,
      detail: { secret: secret.name, files: gathered.files.length },
    });
    await note(run, "incident", { incident: folder });
    for (const missing of gathered.missing) report(missing);
    report(folder);
  });
}

function sinceOf({ progress }: SecretRun, now: Date): Date {
  const last = Date.parse(progress.text("lastRotatedAt") ?? "");
  const earliest = now.getTime() - longestAgoMs;
  return new Date(Number.isNaN(last) ? earliest : Math.min(Math.max(last, earliest), now.getTime()));
}

interface GatheredLogs {
  readonly files: readonly Gathered[];
  readonly missing: readonly string[];
}

function recordText(run: SecretRun, id: string, now: Date, since: Date, gathered: GatheredLogs): string {
  const { engine, operation, secret } = run;
  const record = {
    version: 1,
    id,
    stack: engine.stack.name,
    secret: secret.name,
    operation: operation.id,
    openedAt: now.toISOString(),
    openedBy: `${engine.principal.kind} ${engine.principal.name}`,
    state: "open",
    why: "The secret was replaced in an emergency.",
    logsSince: since.toISOString(),
    ...gathered,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

async function gather(run: SecretRun, since: Date, folder: string): Promise<GatheredLogs> {
  const { engine, operation, progress } = run;
  const files: Gathered[] = [];
  const missing: string[] = [];
  const redact = await redactorOfAll(run);
  const accounts = [progress.text("previousAccount"), progress.text("account")].flatMap((one) => one ?? []);
  for (const service of servicesOf(run)) {
    const lines = await engine.logs?.(service, since).catch(() => undefined);
    if (lines === undefined) {
      missing.push(`The logs of ${service} could not be read.`);
      continue;
    }
    const told = loginLines(lines, accounts).map((line) => `${redact(line)}\n`);
    const file = `${service}.log`;
    await writeFileAtomic(join(folder, file), told.join(""), { mode: 0o600, tag: operation.id });
    files.push({ file, service, lines: told.length, sha256: sha256(told.join("")) });
  }
  return { files, missing };
}

function servicesOf({ outline, consumers }: SecretRun): readonly string[] {
  return [...new Set([...(outline.issuer === undefined ? [] : [outline.issuer]), ...consumers])];
}

/** A log may show any secret of the stack, not only the one that was replaced. */
async function redactorOfAll({ engine: { store, stack }, secret }: SecretRun) {
  const names = [...stack.secrets.map(({ name }) => name), nextName(secret.name), previousName(secret.name)];
  const found = await Promise.all(names.map((name) => store.get(name).catch(() => undefined)));
  return redactor(found.filter((value): value is Secret => value !== undefined));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
