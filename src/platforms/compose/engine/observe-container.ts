import { complete, defaulted, type Fact, type FactList, stated, unstated } from "../../../facts/fact.ts";
import { Sensitive } from "../../../facts/sensitive.ts";
import type { Container, EnvironmentVariable, HealthCheck, UserIdentity } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import { containerRef, imageRef, workloadRef } from "../refs.ts";
import { observeSecurity } from "./observe-security.ts";
import type { EngineContainer, EngineDescription, EngineImage } from "./schemas.ts";

/** One container as the engine runs it. `image` tells what of it the image gave rather than the author. */
export function observeContainer(
  system: string,
  name: string,
  container: EngineContainer,
  image: EngineImage | undefined,
  info: EngineDescription,
  place: Place,
): Container {
  const { Config: config, HostConfig: host } = container;
  const capabilities = (names: readonly string[]) =>
    complete(
      names.map((text) => ({ name: text.toUpperCase().replace(/^CAP_/, ""), place })),
      place,
    );
  return {
    kind: "container",
    ref: containerRef(system, name),
    lens: "running",
    platform: "compose",
    place,
    workload: workloadRef(system, name),
    image: imageRef(system, name),
    user: userFact(config.User, image?.Config?.User, place),
    supplementaryGroups: complete(host.GroupAdd, place),
    privileged: flagFact(host.Privileged, place),
    addedCapabilities: capabilities(host.CapAdd),
    droppedCapabilities: capabilities(host.CapDrop),
    ...observeSecurity(container, info, place),
    readOnlyRoot: flagFact(host.ReadonlyRootfs, place),
    memoryLimit: limitFact(host.Memory, place),
    cpuLimit: limitFact(cpusOf(host), place),
    pidsLimit: limitFact(host.PidsLimit, place),
    healthCheck: healthFact(config.Healthcheck?.Test, image?.Config?.Healthcheck?.Test, place),
    environment: environmentOf(config.Env, image?.Config?.Env ?? [], place),
    command: argumentsFact(config.Cmd, image?.Config?.Cmd, place),
    entrypoint: argumentsFact(config.Entrypoint, image?.Config?.Entrypoint, place),
    devices: complete(
      host.Devices.map((device) => ({ source: device.PathOnHost, permissions: device.CgroupPermissions, place })),
      place,
    ),
    sysctls: complete(
      Object.entries(host.Sysctls).map(([sysctl, value]) => ({ name: sysctl, value, place })),
      place,
    ),
    ulimits: complete(
      host.Ulimits.map((limit) => ({ name: limit.Name, soft: limit.Soft, hard: limit.Hard, place })),
      place,
    ),
    logDriver: logFact(container, place),
  };
}

/** The engine's own answer is the truth for what runs: no user means root. */
function userFact(text: string, imageUser: string | undefined, place: Place): Fact<UserIdentity> {
  if (text === "") return defaulted({ text: "0", uid: 0, gid: 0 }, "image", place);
  const identity = parseUser(text);
  return text === imageUser ? defaulted(identity, "image", place) : stated(identity, place);
}

function parseUser(text: string): UserIdentity {
  const [user = "", group] = text.split(":");
  return {
    text,
    ...(/^\d+$/.test(user) ? { uid: Number(user) } : user === "root" ? { uid: 0, name: user } : { name: user }),
    ...(group !== undefined && /^\d+$/.test(group) ? { gid: Number(group) } : {}),
  };
}

function flagFact(value: boolean, place: Place): Fact<boolean> {
  return value ? stated(true, place) : defaulted(false, "platform", place);
}

/** The engine says 0 or -1 for no limit. */
function limitFact(value: number, place: Place): Fact<number> {
  return value > 0 ? stated(value, place) : unstated(place);
}

function cpusOf(host: EngineContainer["HostConfig"]): number {
  if (host.NanoCpus > 0) return host.NanoCpus / 1e9;
  return host.CpuQuota > 0 ? host.CpuQuota / (host.CpuPeriod > 0 ? host.CpuPeriod : 100_000) : 0;
}

function healthFact(
  test: readonly string[] | undefined,
  imageTest: readonly string[] | undefined,
  place: Place,
): Fact<HealthCheck> {
  if (test === undefined || test.length === 0) return unstated(place);
  const check: HealthCheck = test[0] === "NONE" ? { kind: "disabled" } : { kind: "command", command: test.slice(1) };
  return sameTexts(test, imageTest) ? defaulted(check, "image", place) : stated(check, place);
}

function environmentOf(
  texts: readonly string[],
  ofImage: readonly string[],
  place: Place,
): FactList<EnvironmentVariable> {
  const inherited = new Set(ofImage);
  return complete(
    texts.map((text): EnvironmentVariable => {
      const at = text.indexOf("=");
      const value = new Sensitive(at === -1 ? "" : text.slice(at + 1));
      return {
        name: at === -1 ? text : text.slice(0, at),
        value: inherited.has(text) ? defaulted(value, "image", place) : stated(value, place),
        interpolates: [],
        place,
      };
    }),
    place,
  );
}

function argumentsFact(
  texts: readonly string[],
  ofImage: readonly string[] | undefined,
  place: Place,
): Fact<readonly Sensitive[]> {
  if (texts.length === 0) return unstated(place);
  const values = texts.map((text) => new Sensitive(text));
  return sameTexts(texts, ofImage) ? defaulted(values, "image", place) : stated(values, place);
}

function sameTexts(a: readonly string[], b: readonly string[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((text, index) => text === b[index]);
}

function logFact(container: EngineContainer, place: Place): Container["logDriver"] {
  const log = container.HostConfig.LogConfig;
  if (log === null || log === undefined || log.Type === "") return unstated(place);
  return stated({ driver: log.Type, options: log.Config }, place);
}
