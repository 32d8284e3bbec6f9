import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { ResolvedSecretUse } from "../../contracts/resolved.ts";
import { complete, type Fact, type FactList, incomplete, stated, unknown } from "../../facts/fact.ts";
import type { Ref, SecretReference } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Secret } from "../../secrets/secret.ts";

/** One running service, with the texts in which a secret could show. */
export interface ExposureSource {
  readonly service: string;
  readonly pid: number;
  /** What the engine's API tells of the container, as JSON text. */
  readonly inspect: string;
  /** Its log, whole or the newest part. */
  readonly log: string | undefined;
  readonly uses: readonly ResolvedSecretUse[];
}

/**
 * Looks for the value of each secret where it must not be: the engine's description of *every* service, arguments and
 * environment of every process, logs, and files given to services that do not declare it. The values are compared in
 * memory and leave no trace; what comes back are names of places.
 *
 * `values` lacks a secret that the store could not give; its exposure is then unknown.
 */
export function measureSecrets(
  sources: readonly ExposureSource[],
  values: ReadonlyMap<string, Secret>,
  options: { readonly system: string; readonly platform: SecretReference["platform"] },
): SecretReference[] {
  const texts = sources.flatMap(exposedTexts);
  return sources.flatMap((source) =>
    source.uses.map((use): SecretReference => {
      const place: Place = { kind: "object", locator: `probe of secret ${use.secret} in ${source.service}` };
      return {
        kind: "secret-reference",
        ref: referenceRef(options.system, source.service, use.secret),
        lens: "measured",
        platform: options.platform,
        place,
        owner: { kind: "workload", system: options.system, name: source.service },
        secret: use.secret,
        delivery: stated(use.delivery, place),
        target: stated(use.target, place),
        plaintextSource: stated("none", place),
        ...fileFacts(source, use, place),
        exposedIn: exposures(use, source.service, values.get(use.secret), texts, place),
      };
    }),
  );
}

function referenceRef(system: string, service: string, secret: string): Ref<"secret-reference"> {
  return { kind: "secret-reference", system, name: `${service}/${secret}` };
}

interface ExposedText {
  readonly service: string;
  readonly where: string;
  /** Undefined when it could not be read. */
  readonly text: string | undefined;
  /** A place where a declared delivery by environment is expected to show. */
  readonly environment: boolean;
}

function exposedTexts(source: ExposureSource): ExposedText[] {
  const { service } = source;
  const processes = processesIn(source.pid);
  return [
    { service, where: `the engine's description of ${service}`, text: source.inspect, environment: true },
    { service, where: `the log of ${service}`, text: source.log, environment: false },
    ...processes.flatMap((pid): ExposedText[] =>
      // A health check may have ended since the list was made; what no longer runs shows nothing.
      !existsSync(`/proc/${pid}`)
        ? []
        : [
            {
              service,
              where: `the arguments of a process of ${service}`,
              text: read(`/proc/${pid}/cmdline`),
              environment: false,
            },
            {
              service,
              where: `the environment of a process of ${service}`,
              text: read(`/proc/${pid}/environ`),
              environment: true,
            },
          ],
    ),
    ...otherSecretFiles(source),
  ];
}

/** Files under /run/secrets that the service was not declared to have. */
function otherSecretFiles(source: ExposureSource): ExposedText[] {
  const folder = `/proc/${source.pid}/root/run/secrets`;
  const declared = new Set(source.uses.map((use) => use.target));
  try {
    return readdirSync(folder).flatMap((name): ExposedText[] =>
      declared.has(`/run/secrets/${name}`)
        ? []
        : [
            {
              service: source.service,
              where: `the file /run/secrets/${name} of ${source.service}, which does not declare it`,
              text: read(`${folder}/${name}`),
              environment: false,
            },
          ],
    );
  } catch {
    return [];
  }
}

function exposures(
  use: ResolvedSecretUse,
  service: string,
  secret: Secret | undefined,
  texts: readonly ExposedText[],
  place: Place,
): FactList<string> {
  if (secret === undefined)
    return incomplete([], `the value of ${use.secret} is not in the store, so it cannot be looked for`, place);
  const expected = (text: ExposedText): boolean =>
    use.delivery === "environment" && text.environment && text.service === service;
  const found = texts
    .filter((text) => !expected(text) && text.text !== undefined && secret.occursIn(text.text))
    .map((text) => text.where);
  const unseen = texts.filter((text) => text.text === undefined).map((text) => text.where);
  const items = [...new Set(found)];
  return unseen.length === 0
    ? complete(items, place)
    : incomplete(items, `${[...new Set(unseen)].join(", ")} could not be read`, place);
}

function fileFacts(
  source: ExposureSource,
  use: ResolvedSecretUse,
  place: Place,
): { mode: Fact<number>; uid: Fact<number> } {
  if (use.delivery === "environment") {
    const why = "it is delivered in the environment, which has no mode";
    return { mode: unknown(why, place), uid: unknown(why, place) };
  }
  try {
    const status = statSync(`/proc/${source.pid}/root${use.target}`);
    return { mode: stated(status.mode & 0o7777, place), uid: stated(status.uid, place) };
  } catch (error) {
    const why = `${use.target} cannot be seen in ${source.service} (${error instanceof Error && "code" in error ? String(error.code) : "unreadable"})`;
    return { mode: unknown(why, place), uid: unknown(why, place) };
  }
}

/** All processes that share a container's process namespace, as the host numbers them. */
function processesIn(pid: number): number[] {
  const namespace = namespaceOf(pid);
  if (namespace === undefined) return [pid];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => namespaceOf(one) === namespace);
}

function namespaceOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}/ns/pid`).ino;
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
