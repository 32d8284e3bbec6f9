/**
 * Which services a plain `docker compose up` leaves out: those whose profiles nobody starts, and those without replicas.
 *
 * Source: the Compose specification, "Profiles": a service is passed over when none of its profiles is active, and a model in
 * which an active service needs it is invalid; `depends_on` with `required: false` needs nobody.
 */
import { knownValue, unstated } from "../../facts/fact.ts";
import type { Dormancy } from "../../facts/subjects-workload.ts";
import { asBoolean, asInteger, asText, type Fields, type Item, textItem } from "../../formats/fields.ts";
import type { ActiveProfiles } from "./project.ts";

/**
 * Services that do not start, each with the reason. What nobody can be sure of starts: profiles that are not known, what a
 * service that starts needs, and everything where each service has a profile, for then whoever starts it chooses.
 */
export function readDormancy(services: Fields, active: ActiveProfiles): ReadonlyMap<string, Dormancy> {
  const all = services.entries.map(({ key }) => [key, services.fields(key)] as const);
  const dormant = new Map<string, Dormancy>();
  for (const [name, service] of all) {
    const left = withoutProfile(service, active);
    if (left !== undefined) dormant.set(name, left);
  }
  const starting = all.flatMap(([name]) => (dormant.has(name) ? [] : [name]));
  if (starting.length === 0) dormant.clear();
  for (const name of starting) {
    for (const needed of neededBy(services.fields(name))) if (dormant.delete(needed)) starting.push(needed);
  }
  for (const [name, service] of all) {
    const none = withoutReplicas(service);
    if (none !== undefined) dormant.set(name, none);
  }
  return dormant;
}

function withoutProfile(service: Fields, { names, maybe }: ActiveProfiles): Dormancy | undefined {
  const profiles = service.list(
    "profiles",
    textItem((value) => ({ value })),
  );
  if (!profiles.complete || profiles.items.length === 0) return undefined;
  const isActive = (name: string) => [...names, ...maybe].some((each) => each === "*" || each === name);
  if (profiles.items.some(isActive)) return undefined;
  const by = "a plain `docker compose up` does not start";
  return {
    why: `${by} it (${named(profiles.items)})`,
    which: `which ${by}`,
    place: profiles.place,
  };
}

/** Their names; what is none may be a password of a line that is indented too far, and is not told. */
function named(profiles: readonly string[]): string {
  const several = profiles.length > 1 ? "profiles" : "profile";
  const isName = (text: string) => /^[A-Za-z0-9][\w.-]*$/.test(text);
  return profiles.every(isName) ? `${several} ${profiles.join(", ")}` : `its ${several}`;
}

function withoutReplicas(service: Fields): Dormancy | undefined {
  const replicas = [
    service.fields("deploy").fact("replicas", asInteger, "a whole number", unstated),
    service.fact("scale", asInteger, "a whole number", unstated),
  ].find(({ kind }) => kind !== "unstated");
  if (replicas === undefined || knownValue(replicas) !== 0) return undefined;
  return { why: "it has no replicas", which: "which has no replicas", place: replicas.place };
}

/** The services without which Compose refuses to start this one. */
function neededBy(service: Fields): readonly string[] {
  const depends = service.list("depends_on", (node, key): Item<string> => {
    if (key === undefined) return "nothing";
    const required = node.kind === "mapping" ? node.entries.get("required")?.value : undefined;
    return required?.kind === "scalar" && asBoolean(required) === false ? "nothing" : { value: key };
  });
  const shared = ["network_mode", "pid", "ipc"].flatMap((key) => {
    const mode = knownValue(service.fact(key, asText, "a text", unstated));
    return mode?.startsWith("service:") ? [mode.slice("service:".length)] : [];
  });
  const named = ["links", "volumes_from"].flatMap(
    (key) =>
      service.list(
        key,
        textItem((text) => ({ value: text.split(":")[0] ?? text })),
      ).items,
  );
  return [...depends.items, ...shared, ...named];
}
