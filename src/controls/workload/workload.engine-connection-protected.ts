/**
 * The engine's API over plain TCP takes orders from whoever can send them.
 *
 * Reads:  container.environment, container.command
 * Passes: no order goes to an engine over TCP without TLS but to a socket proxy of the same system.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny } from "../judge.ts";
import { productOf } from "../knowledge/products.ts";
import { namesOf } from "../knowledge/relations.ts";

const longestAddress = 1_024;
const plainAddress = /\btcp:\/\/\[?([A-Za-z0-9_.:-]+?)\]?:(\d+)/;
const engineVariable =
  /^(?:DOCKER_HOST|CONTAINER_HOST|DOCKER_ENDPOINT|DOCKER_URL|PODMAN_HOST)$|_DOCKER_(?:HOST|URL|ENDPOINT)$|PROVIDERS_DOCKER_ENDPOINT$/i;

export const engineConnectionProtected = defineControl({
  id: "workload.engine-connection-protected",
  on: "container",
  severity: "high",
  title: "Orders to the engine are filtered or encrypted",
  claim: "No container speaks to an engine's API over plain TCP, but through a filtering proxy beside it.",
  threat:
    "An engine that listens on TCP without TLS asks nobody who they are: every neighbour on that network is root on the host.",
  remedy:
    "Give the engine's API to a filtering socket proxy on an internal network of its own (`DOCKER_HOST: tcp://socket-proxy:2375`), or use TLS with client certificates (`tcp://…:2376` with `DOCKER_TLS_VERIFY=1`), or `ssh://`.",
  remedies: {
    kubernetes:
      "Build and run what needs an engine where there is one of its own, or speak to it with TLS and client certificates (`tcp://…:2376` with `DOCKER_TLS_VERIFY=1`); an engine in the same pod listens on `localhost` only.",
  },
  judged:
    "Fails for `tcp://` addresses of an engine (`DOCKER_HOST` and its like) whose host is no service of the same system, without TLS; low for one in the same pod, which may listen on the loopback alone. Unknown when the address cannot be resolved.",
  frameworks: { cisDocker: ["5.32"], owaspDocker: ["D03"], nistCsf: ["PR.DS-02"], coverage: ["N7"] },

  check(container, system) {
    const protectedByTls = container.environment.items.some(usesTls);
    return forbidAny(
      container.environment,
      (variable) =>
        engineVariable.test(variable.name) ? judge(variable, protectedByTls, container, system) : undefined,
      { what: "the environment", none: "no order goes to an engine over plain TCP" },
    );
  },
});

function usesTls({ name, value }: EnvironmentVariable): boolean {
  if (name !== "DOCKER_TLS_VERIFY" && name !== "DOCKER_TLS") return false;
  const text = knownValue(value)?.reveal() ?? "";
  return text !== "" && text !== "0" && text !== "false";
}

function judge(
  { name, value, place }: EnvironmentVariable,
  protectedByTls: boolean,
  container: Container,
  system: System,
): Judgement | undefined {
  const extras = { place, detail: name };
  if (value.kind === "unknown") return cannotTell(`the engine that ${name} names`, value.why, extras);
  const match = plainAddress.exec((knownValue(value)?.reveal() ?? "").slice(0, longestAddress));
  if (match === null || protectedByTls || match[2] === "2376") return undefined;
  const host = match[1] ?? "";
  const workload = system.all("workload").find((candidate) => namesOf(candidate).has(host.toLowerCase()));
  if (workload !== undefined && workload.ref.name !== system.workloadOf(container)?.ref.name) {
    const { roles, doubt } = productOf(workload, system);
    if (roles.has("socket-proxy")) return undefined;
    if (doubt !== undefined) return cannotTell(`whether ${host} filters what it passes on`, doubt, extras);
  }
  const message = `${name} sends orders to an engine at ${host}:${match[2]} over plain TCP`;
  // The containers of a pod have one loopback, which nobody else reaches.
  const beside = container.platform === "kubernetes" && /^(?:localhost|127\.\d+\.\d+\.\d+)$/.test(host);
  return fail(message, beside ? { ...extras, severity: "low" } : extras);
}
