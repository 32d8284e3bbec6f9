import { complete, defaulted, type Fact, type FactList, stated, unknown, unstated } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Container, EnvironmentVariable, Image, ImageReference } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { containerRef, imageRef, workloadRef } from "./refs.ts";
import type { ResourceIndex } from "./resource-facts-index.ts";
import type { ComposeService } from "./resources.ts";

/** The one container of a service, and its image. */
export function containerFacts(
  index: ResourceIndex,
  service: ComposeService,
  place: Place,
): readonly (Container | Image)[] {
  return [containerFact(index, service, place), imageFact(index, service, place)];
}

function containerFact(index: ResourceIndex, service: ComposeService, place: Place): Container {
  const { system } = index;
  const profile = defaulted({ kind: "default" } as const, "platform", place);
  const named = (names: readonly string[]) =>
    complete(
      names.map((name) => ({ name, place })),
      place,
    );
  return {
    kind: "container",
    ref: containerRef(system, service.name),
    lens: "declared",
    platform: "compose",
    place,
    workload: workloadRef(system, service.name),
    image: imageRef(system, service.name),
    user: stated({ text: `${service.uid}:${service.gid}`, uid: service.uid, gid: service.gid }, place),
    supplementaryGroups: complete([], place),
    privileged: defaulted(false, "platform", place),
    addedCapabilities: named(service.addedCapabilities),
    droppedCapabilities: named(["ALL"]),
    noNewPrivileges: stated(true, place),
    seccomp: profile,
    appArmor: profile,
    seLinux: profile,
    readOnlyRoot: stated(service.readOnlyRoot, place),
    memoryLimit: limit(service.memoryBytes, place),
    cpuLimit: limit(service.cpus, place),
    pidsLimit: limit(service.pids, place),
    healthCheck:
      service.health === undefined
        ? unstated(place)
        : stated({ kind: "command", command: ["CMD", ...service.health.command] }, place),
    environment: environmentFacts(index, service, place),
    command: argumentFacts(service.command, place),
    entrypoint: argumentFacts(service.entrypoint, place),
    devices: complete([], place),
    sysctls: complete([], place),
    ulimits: complete(
      service.ulimits.map((ulimit) => ({ ...ulimit, place })),
      place,
    ),
    logDriver: stated({ driver: service.log.driver, options: service.log.options }, place),
  };
}

function limit(value: number, place: Place): Fact<number> {
  return value > 0 ? stated(value, place) : unstated(place);
}

/** Plain settings, and the names of the secrets that come by the environment, whose values are not known here. */
function environmentFacts(index: ResourceIndex, service: ComposeService, place: Place): FactList<EnvironmentVariable> {
  const plain = Object.entries(service.environment).map(
    ([name, value]): EnvironmentVariable => ({
      name,
      value: stated(new Sensitive(value), place),
      interpolates: [],
      place,
    }),
  );
  const file = index.environmentFiles.get(service.name);
  const delivered = (file?.variables ?? []).map(
    ({ name, secret }): EnvironmentVariable => ({
      name,
      value: unknown(`the value of the secret ${secret} is delivered by \`up\``, place),
      from: file?.path ?? "",
      interpolates: [],
      place,
    }),
  );
  return complete([...plain, ...delivered], place);
}

function argumentFacts(words: readonly string[] | undefined, place: Place): Container["command"] {
  if (words === undefined) return unstated(place);
  return stated(
    words.map((word) => new Sensitive(word)),
    place,
  );
}

function imageFact({ system, declared }: ResourceIndex, service: ComposeService, place: Place): Image {
  const standsInFor = declared.get(service.name)?.image.standsInFor;
  return {
    kind: "image",
    ref: imageRef(system, service.name),
    lens: "declared",
    platform: "compose",
    place,
    usedBy: containerRef(system, service.name),
    reference: stated(referenceParts(service.image), place),
    built: false,
    ...(standsInFor === undefined ? {} : { likelyRepository: referenceParts(standsInFor).repository }),
    pullPolicy: stated(service.pullPolicy, place),
  };
}

/** Splits `registry/repository:tag@digest` by the rules of Docker's references. */
function referenceParts(text: string): ImageReference {
  const [named = "", digest] = text.split("@");
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const name = tagged ? named.slice(0, colon) : named;
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const hosted = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  const registry = hosted && first !== "index.docker.io" ? first : "docker.io";
  const path = hosted ? name.slice(slash + 1) : name;
  return {
    text,
    registry,
    repository: registry === "docker.io" && !path.includes("/") ? `library/${path}` : path,
    ...(tagged ? { tag: named.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}
