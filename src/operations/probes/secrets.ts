import type { ResolvedSecretUse } from "../../contracts/resolved.ts";
import { complete, type Fact, type FactList, incomplete, stated, unknown } from "../../facts/fact.ts";
import type { Ref, SecretReference } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { Secret } from "../../secrets/secret.ts";
import { statInContainer } from "./container-files.ts";
import { type ExposedText, exposedTexts, type SecretDelivery } from "./exposed-texts.ts";
import type { RunningService } from "./running.ts";

/** One running service, with the secrets that it is declared to have. */
export interface ExposureSource extends RunningService {
  readonly uses: readonly ResolvedSecretUse[];
}

/**
 * Looks for the value of each secret where it must not be: what the engine tells of *every* service, arguments and
 * environment of every process, logs, and files given to services that do not declare it. The values are compared in
 * memory and leave no trace; what comes back are names of places.
 *
 * One reference for each declared use, and one for each service that has a secret which it does not declare. `values`
 * lacks a secret that the store could not give; its exposure is then unknown.
 */
export function measureSecrets(
  sources: readonly ExposureSource[],
  values: ReadonlyMap<string, Secret>,
  options: { readonly system: string; readonly platform: SecretReference["platform"] },
): SecretReference[] {
  const texts = sources.map((source) => ({ source, texts: exposedTexts(source) }));
  return texts.flatMap(({ source, texts }) => [
    ...source.uses.map((use) => declaredReference(source, use, texts, values.get(use.secret), options)),
    ...[...values.values()]
      .filter((secret) => !source.uses.some((use) => use.secret === secret.name))
      .flatMap((secret) => strayReference(source, texts, secret, options) ?? []),
  ]);
}

type Options = Parameters<typeof measureSecrets>[2];

function shared(source: ExposureSource, secret: string, options: Options) {
  const place: Place = { kind: "object", locator: `probe of secret ${secret} in ${source.service}` };
  const name = `${source.service}/${secret}`;
  const ref: Ref<"secret-reference"> = { kind: "secret-reference", system: options.system, name };
  return {
    kind: "secret-reference",
    ref,
    lens: "measured",
    platform: options.platform,
    place,
    owner: { kind: "workload", system: options.system, name: source.service },
    secret,
    plaintextSource: stated("none", place),
  } as const;
}

function declaredReference(
  source: ExposureSource,
  use: ResolvedSecretUse,
  texts: readonly ExposedText[],
  secret: Secret | undefined,
  options: Options,
): SecretReference {
  const common = shared(source, use.secret, options);
  const { place } = common;
  const expected = (text: ExposedText) =>
    text.target === use.target || (use.delivery === "environment" && text.as === "environment");
  return {
    ...common,
    // A variable is named by its own name, as the declared facts have it.
    ref: use.delivery === "environment" ? { ...common.ref, name: `${source.service}/${use.target}` } : common.ref,
    delivery: stated(use.delivery, place),
    target: stated(use.target, place),
    ...fileFacts(source, use, place),
    exposedIn:
      secret === undefined
        ? incomplete([], `the value of ${use.secret} is not in the store, so it cannot be looked for`, place)
        : exposures(
            texts.filter((text) => !expected(text)),
            secret,
            place,
          ),
  };
}

/** Undefined when the service has nothing of the secret, which it does not declare. */
function strayReference(
  source: ExposureSource,
  texts: readonly ExposedText[],
  secret: Secret,
  options: Options,
): SecretReference | undefined {
  const found = texts.find((text) => text.text !== undefined && secret.occursIn(text.text));
  if (found === undefined) return undefined;
  const common = shared(source, secret.name, options);
  const { place } = common;
  const why = "it was not to be there at all";
  return {
    ...common,
    delivery: stated<SecretDelivery>(found.as, place),
    target: unknown(why, place),
    mode: unknown(why, place),
    uid: unknown(why, place),
    exposedIn: exposures(texts, secret, place),
  };
}

function exposures(texts: readonly ExposedText[], secret: Secret, place: Place): FactList<string> {
  const found = texts.filter(({ text }) => text !== undefined && secret.occursIn(text)).map(({ where }) => where);
  const unseen = [...new Set(texts.filter(({ text }) => text === undefined).map(({ where }) => where))];
  const items = [...new Set(found)];
  return unseen.length === 0
    ? complete(items, place)
    : incomplete(items, `${unseen.join(", ")} could not be read`, place);
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
  const status = statInContainer(source.pid, use.target);
  if (status?.isFile() === true) return { mode: stated(status.mode & 0o7777, place), uid: stated(status.uid, place) };
  const why = `no file can be seen at ${use.target} in ${source.service}`;
  return { mode: unknown(why, place), uid: unknown(why, place) };
}
