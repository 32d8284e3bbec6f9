import { type Fact, type FactList, stated, unknown, unstated } from "../../facts/fact.ts";
import type { RestartPolicy, Ulimit } from "../../facts/subjects.ts";
import {
  asDecimal,
  asInteger,
  type asText,
  type Fields,
  type ItemParser,
  type ScalarParser,
} from "../../formats/fields.ts";
import type { Place } from "../../lib/place.ts";

export interface Limits {
  readonly memory: Fact<number>;
  readonly cpus: Fact<number>;
  readonly pids: Fact<number>;
}

/** `deploy.resources.limits`, which wins, and the older keys beside it. No limit, or one of zero or less, is unstated. */
export function readLimits(service: Fields): Limits {
  const deployed = service.fields("deploy").fields("resources").fields("limits");
  return {
    memory: firstLimit([
      deployed.fact("memory", asBytes, "a size", unstated),
      service.fact("mem_limit", asBytes, "a size", unstated),
    ]),
    cpus: firstLimit([
      deployed.fact("cpus", asDecimal, "a number", unstated),
      service.fact("cpus", asDecimal, "a number", unstated),
      quotaOf(service),
    ]),
    pids: firstLimit([
      deployed.fact("pids", asInteger, "a whole number", unstated),
      service.fact("pids_limit", asInteger, "a whole number", unstated),
    ]),
  };
}

const byteUnits: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes, from a number or from a text such as `512m`, `1.5g`, `1GiB` (all powers of 1024, as Docker takes them). */
const asBytes: ScalarParser<number> = (node) => {
  if (typeof node.value === "number") return Number.isFinite(node.value) ? node.value : undefined;
  const match = typeof node.value === "string" ? /^(-?\d+(?:\.\d+)?) ?(?:([kmgt])i?)?b?$/i.exec(node.value) : null;
  if (match === null) return undefined;
  return Math.floor(Number(match[1]) * (byteUnits[(match[2] ?? "").toLowerCase()] ?? 1));
};

/** The first that is written decides, resolved or not; a limit of zero or less is none. */
function firstLimit(candidates: readonly Fact<number>[]): Fact<number> {
  for (const fact of candidates) {
    if (fact.kind === "unstated") continue;
    if (fact.kind === "unknown" || fact.value > 0) return fact;
    return unstated(fact.place);
  }
  return candidates[0] ?? unknown("no limit was looked for", { kind: "nowhere", why: "nothing was read" });
}

const defaultCpuPeriod = 100_000;

function quotaOf(service: Fields): Fact<number> {
  const quota = service.fact("cpu_quota", asInteger, "a whole number", unstated);
  if (quota.kind !== "stated") return quota;
  const period = service.fact("cpu_period", asInteger, "a whole number", unstated);
  if (period.kind === "unknown") return period;
  const length = period.kind === "unstated" || period.value <= 0 ? defaultCpuPeriod : period.value;
  return stated(quota.value / length, quota.place);
}

/** `restart`, or `deploy.restart_policy` where that alone is written. */
export function readRestart(service: Fields): Fact<RestartPolicy> {
  const plain = service.fact("restart", parseRestart, "a restart policy", unstated);
  if (plain.kind !== "unstated") return plain;
  const policy = service.fields("deploy").fields("restart_policy");
  const condition = policy.fact("condition", parseCondition, "a restart condition", unstated);
  if (condition.kind !== "stated" || condition.value.kind !== "on-failure") {
    // A restart policy without a condition means "any".
    return condition.kind === "unstated" && policy.entries.length > 0
      ? stated({ kind: "always" }, policy.place)
      : condition;
  }
  const attempts = policy.fact("max_attempts", asInteger, "a whole number", unstated);
  return attempts.kind === "stated"
    ? stated({ kind: "on-failure", attempts: attempts.value }, condition.place)
    : condition;
}

function parseRestart(node: Parameters<typeof asText>[0]): RestartPolicy | undefined {
  if (node.value === false) return { kind: "no" };
  const [kind, attempts, rest] = String(node.value ?? "").split(":");
  if (rest !== undefined) return undefined;
  switch (kind) {
    case "no":
    case "always":
    case "unless-stopped":
      return attempts === undefined ? { kind } : undefined;
    case "on-failure":
      if (attempts === undefined) return { kind };
      return /^\d+$/.test(attempts) ? { kind, attempts: Number(attempts) } : undefined;
    default:
      return undefined;
  }
}

function parseCondition(node: Parameters<typeof asText>[0]): RestartPolicy | undefined {
  switch (node.value) {
    case "any":
    case "always":
      return { kind: "always" };
    case "unless-stopped":
      return { kind: "unless-stopped" };
    case "on-failure":
      return { kind: "on-failure" };
    case "none":
    case "no":
      return { kind: "no" };
    default:
      return undefined;
  }
}

/** `ulimits`: one number for both, or `soft` and `hard`. */
export function readUlimits(service: Fields): FactList<Ulimit> {
  return service.list("ulimits", parseUlimit);
}

const parseUlimit: ItemParser<Ulimit> = (node, name) => {
  if (name === undefined) return { why: "`ulimits` is not a mapping" };
  if (node.kind === "scalar") return ulimitOf(name, asIntegerOrWhy(node), asIntegerOrWhy(node), node.place);
  if (node.kind !== "mapping") return { why: `the ulimit \`${name}\` is not a number` };
  const soft = node.entries.get("soft")?.value;
  const hard = node.entries.get("hard")?.value;
  return ulimitOf(name, asIntegerOrWhy(soft), asIntegerOrWhy(hard), node.place);
};

function ulimitOf(name: string, soft: number | string, hard: number | string, place: Place) {
  if (typeof soft === "string") return { why: soft };
  if (typeof hard === "string") return { why: hard };
  return { value: { name, soft, hard, place } };
}

function asIntegerOrWhy(node: Parameters<ItemParser<number>>[0] | undefined): number | string {
  if (node?.kind !== "scalar") return "a ulimit is not a number";
  if (node.unresolved !== undefined) return node.unresolved;
  return asInteger(node) ?? "a ulimit is not a number";
}
