/**
 * A socket proxy that lets orders through is the socket with a longer name.
 *
 * Reads:  container.environment, image.reference
 * Passes: the proxy lets only reading calls through.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { EnvironmentVariable } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import { productOf } from "../knowledge/products.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

/** Switches of tecnativa/docker-socket-proxy and those made after it; what each lets through. */
const switches: ReadonlyMap<string, string> = new Map([
  ["POST", "every call that changes something"],
  ["EXEC", "commands inside every container"],
  ["SECRETS", "the swarm's secrets"],
  ["AUTH", "logins at registries"],
  ["BUILD", "building images"],
  ["COMMIT", "making images of containers"],
  ["SWARM", "the swarm's keys"],
  ["PLUGINS", "installing plugins"],
]);
const changing = /\b(?:POST|PUT|DELETE|PATCH)\b/;

export const engineProxyFilters = defineControl({
  id: "workload.engine-proxy-filters",
  on: "container",
  severity: "high",
  title: "Socket proxies let only reading through",
  claim: "Every socket proxy refuses calls that change something.",
  threat:
    "A consumer that may create containers, or run commands in them, owns the host as if it held the socket itself.",
  remedy:
    "Remove `POST: 1`, `EXEC: 1` and their like, and allow the sections that the consumer reads (`CONTAINERS: 1`, `NETWORKS: 1`). Give a consumer that must start and stop containers a proxy of its own with exactly those calls (`ALLOW_START: 1`, `ALLOW_STOP: 1`; cetusguard's rules).",
  judged:
    "For images that are socket proxies: fails for switches that let changing calls, commands, secrets or builds through, and for cetusguard's rules with changing methods, at medium, for they may name single calls. Unknown when a switch cannot be resolved.",
  frameworks: { owaspDocker: ["D03", "D04"], nistCsf: ["PR.AA-05"], coverage: ["N7"] },
  fix: {
    changesBehaviour: "Whoever uses the proxy can no longer start, stop or change what the switch was for.",
    onlyNamed: true,
    edits: (_container, _system, { place, detail = "" }) =>
      switches.has(detail.toUpperCase())
        ? valueAt(place, /["']?[A-Z_]{3,40}["']?(?:=|:[ \t]*["']?)(1|true)\b/, "0")
        : undefined,
  },

  check(container, system) {
    const workload = system.workloadOf(container);
    if (workload === undefined) return notApplicable("it belongs to no service");
    const { roles, doubt } = productOf(workload, system);
    if (!roles.has("socket-proxy")) {
      return doubt === undefined
        ? notApplicable("not a socket proxy")
        : cannotTell("whether this is a socket proxy", doubt, { severity: "info" });
    }
    return forbidAny(container.environment, judge, {
      what: "the environment",
      none: "the proxy lets only reading calls through",
    });
  },
});

function judge(variable: EnvironmentVariable): Judgement | undefined {
  const { name, value, place } = variable;
  const extras = { place, detail: name };
  const isRules = /^CETUSGUARD_RULES/.test(name);
  const lets = switches.get(name.toUpperCase());
  if (lets === undefined && !isRules) return undefined;
  const unseen = unseenValue(variable);
  if (unseen !== undefined) return cannotTell(`what ${name} lets through`, unseen.why, { ...extras, ...unseen.extras });
  const text = knownValue(value)?.reveal().trim() ?? "";
  if (isRules) {
    return changing.test(text)
      ? fail(`${name} lets changing calls through`, { ...extras, severity: "medium" })
      : undefined;
  }
  return /^(?:1|true|yes|on)$/i.test(text) ? fail(`${name} is on: it lets ${lets} through`, extras) : undefined;
}
