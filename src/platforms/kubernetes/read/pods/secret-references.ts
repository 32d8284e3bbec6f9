import { defaulted, type Fact, knownValue, mapFact, stated, unknown, unstated } from "../../../../facts/fact.ts";
import { classifySecret, namesSecretFile } from "../../../../facts/secret-like.ts";
import type { Container, SecretReference } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { PodContainer, PodContext } from "./context.ts";
import { asWhole, members } from "./scalars.ts";

type SecretFacts = Omit<SecretReference, "kind" | "ref" | "lens" | "platform" | "owner">;

/**
 * Every secret that a pod receives, once for each way of delivery: Secrets that its environment takes, Secrets that it
 * mounts, and values that are written into its environment.
 */
export function readSecretReferences(pod: PodContext, containers: readonly Container[]): readonly SecretReference[] {
  const found = new Map<string, SecretFacts>();
  const all = [
    ...pod.containers.flatMap((container) => fromEnvironment(pod, container)),
    ...fromVolumes(pod),
    ...containers.flatMap(writtenOut),
  ];
  for (const facts of all) {
    const key = `${facts.secret}/${knownValue(facts.delivery)}`;
    if (!found.has(key)) found.set(key, facts);
  }
  return [...found].map(([key, facts]) => ({
    kind: "secret-reference",
    ref: { kind: "secret-reference", system: pod.workload.system, name: `${pod.workload.name}/${key}` },
    lens: pod.cluster.lens,
    platform: "kubernetes",
    owner: pod.workload,
    ...facts,
  }));
}

function fromEnvironment(pod: PodContext, { fields }: PodContainer): readonly SecretFacts[] {
  const single = members(fields, "env").items.flatMap((entry) => {
    const reference = entry.fields("valueFrom").fields("secretKeyRef");
    const target = entry.fact("name", asText, "a text", unstated);
    return entry.fields("valueFrom").node("secretKeyRef") === undefined
      ? []
      : delivered(pod, reference, "name", "environment", target, entry.place);
  });
  const whole = members(fields, "envFrom").items.flatMap((entry) =>
    entry.node("secretRef") === undefined
      ? []
      : delivered(pod, entry.fields("secretRef"), "name", "environment", unstated(entry.place), entry.place),
  );
  return [...single, ...whole];
}

function delivered(
  pod: PodContext,
  reference: Fields,
  key: string,
  delivery: "environment" | "file",
  target: Fact<string>,
  place: Place,
  mode: Fact<number> = unstated(place),
): readonly SecretFacts[] {
  const name = reference.fact(key, asText, "a text", unstated);
  if (name.kind === "unstated") return [];
  return [
    {
      secret: knownValue(name) ?? "?",
      place,
      delivery: stated(delivery, place),
      mode,
      uid: delivery === "file" ? defaulted(0, "platform", place) : unstated(place),
      target,
      plaintextSource: keptAt(pod, name),
    },
  ];
}

/** The file that holds the Secret in the clear, `none` for one that is encrypted. */
function keptAt(pod: PodContext, name: Fact<string>): Fact<string | "none"> {
  if (name.kind === "unknown") return name;
  const found = pod.data.find("Secret", pod.namespace, knownValue(name) ?? "");
  if (found === undefined) return unknown("the Secret is not among these files", name.place);
  const { place } = found.object;
  if (found.values.items.every(({ encrypted }) => encrypted)) return stated("none", place);
  return place.kind === "file" ? stated(place.source.path, place) : unknown("the Secret has no file", place);
}

function fromVolumes(pod: PodContext): readonly SecretFacts[] {
  return members(pod.template.spec, "volumes").items.flatMap((volume) => {
    const target = targetOf(pod, volume);
    const secret = volume.fields("secret");
    if (volume.node("secret") !== undefined) {
      return delivered(pod, secret, "secretName", "file", target, volume.place, modeOf(secret, secret));
    }
    const projected = volume.fields("projected");
    return members(projected, "sources").items.flatMap((source) =>
      source.node("secret") === undefined
        ? []
        : delivered(
            pod,
            source.fields("secret"),
            "name",
            "file",
            target,
            source.place,
            modeOf(projected, source.fields("secret")),
          ),
    );
  });
}

/** Where the first container that mounts the volume finds it. */
function targetOf({ containers }: PodContext, volume: Fields): Fact<string> {
  const name = knownValue(volume.fact("name", asText, "a text", unstated));
  for (const { fields } of containers) {
    for (const mount of members(fields, "volumeMounts").items) {
      if (knownValue(mount.fact("name", asText, "a text", unstated)) === name) {
        return mount.fact("mountPath", asText, "a path", unstated);
      }
    }
  }
  return unstated(volume.place);
}

/** The widest mode among those that are asked for; 0644 where none is. */
function modeOf(withDefault: Fields, withItems: Fields): Fact<number> {
  const base = withDefault.fact("defaultMode", asWhole, "a mode", (at) => defaulted(0o644, "platform", at));
  const single = members(withItems, "items").items.map((item) => item.fact("mode", asWhole, "a mode", unstated));
  const doubtful = single.find((mode) => mode.kind === "unknown");
  if (doubtful !== undefined) return doubtful;
  const widest = single.reduce((bits, mode) => bits | (knownValue(mode) ?? 0), 0);
  if (widest === 0) return base;
  const all = single.every((mode) => mode.kind === "stated");
  return all ? stated(widest, withItems.place) : mapFact(base, (mode) => mode | widest);
}

/** Values that look like secrets and stand in the pod itself. */
function writtenOut({ environment }: Container): readonly SecretFacts[] {
  return environment.items.flatMap(({ name, value, from, suppliedBy, place }): readonly SecretFacts[] => {
    if (from !== undefined || suppliedBy !== undefined || value.kind !== "stated") return [];
    const base = { secret: name, place, mode: unstated<number>(place), uid: unstated<number>(place) };
    if (namesSecretFile(name)) {
      const target = stated(value.value.reveal(), place);
      return [{ ...base, delivery: stated("file", place), target, plaintextSource: stated("none", place) }];
    }
    const kind = classifySecret(name, value.value);
    if (kind === "none") return [];
    const kept: Fact<string> =
      kind === "reference" || place.kind !== "file"
        ? unknown("the value names another place", place)
        : stated(place.source.path, place);
    const target = stated(name, place);
    return [{ ...base, delivery: stated("environment", place), target, plaintextSource: kept }];
  });
}
