/**
 * The engine's API over plain TCP takes orders from whoever can send them.
 *
 * Reads:  container.environment, container.command, container.entrypoint, image.reference
 * Passes: no order goes to an engine over TCP without TLS but to a socket proxy of the same system, and an engine that it
 *         runs itself takes none so.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Container, EnvironmentVariable, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbidAny } from "../judge.ts";
import { openEngineAddress } from "../knowledge/engine-address.ts";
import { productOf } from "../knowledge/products.ts";
import { namesOf } from "../knowledge/relations.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

const longestAddress = 1_024;
const plainAddress = /\btcp:\/\/(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]+):(\d+)/;
const engineVariable =
  /^(?:DOCKER_HOST|CONTAINER_HOST|DOCKER_ENDPOINT|DOCKER_URL|PODMAN_HOST)$|_DOCKER_(?:HOST|URL|ENDPOINT)$|PROVIDERS_DOCKER_ENDPOINT$/i;

export const engineConnectionProtected = defineControl({
  id: "workload.engine-connection-protected",
  on: "container",
  severity: "high",
  title: "Orders to the engine are filtered or encrypted",
  claim:
    "No container speaks to an engine's API over plain TCP, but through a filtering proxy beside it, and none opens its own engine so.",
  threat:
    "An engine that listens on TCP without TLS asks nobody who they are: every neighbour on that network is root on the host.",
  remedy:
    "Give the engine's API to a filtering socket proxy on an internal network of its own (`DOCKER_HOST: tcp://socket-proxy:2375`), or use TLS with client certificates (`tcp://…:2376` with `DOCKER_TLS_VERIFY=1`), or `ssh://`.",
  remedies: {
    kubernetes:
      "Build and run what needs an engine where there is one of its own, or speak to it with TLS and client certificates (`tcp://…:2376` with `DOCKER_TLS_VERIFY=1`); an engine in the same pod listens on `localhost` only.",
  },
  judged:
    "Fails for `tcp://` addresses of an engine (`DOCKER_HOST` and its like) whose host is no service of the same system, without TLS; low for one in the same pod, which may listen on the loopback alone. Fails for a container that runs Docker itself and has it listen on more than the loopback without TLS (`--host=tcp://0.0.0.0:2375`, or `docker:dind` with an empty `DOCKER_TLS_CERTDIR`). Unknown when the address cannot be resolved.",
  limits:
    "What an engine is told in a `daemon.json` is judged by network.engine-api-verified; a script that starts one is not read.",
  frameworks: { cisDocker: ["2.7"], owaspDocker: ["D03"], nistCsf: ["PR.DS-02"], coverage: ["N7"] },

  check(container, system) {
    const protectedByTls = container.environment.items.some(usesTls);
    const orders = forbidAny(
      container.environment,
      (variable) =>
        engineVariable.test(variable.name) ? judge(variable, protectedByTls, container, system) : undefined,
      { what: "the environment", none: "no order goes to an engine over plain TCP" },
    );
    return all(orders, judgeOwnEngine(container, system));
  },
});

/** An engine that the container runs itself. */
function judgeOwnEngine(container: Container, system: System): readonly Judgement[] {
  const address = openEngineAddress(container, system);
  const extras = { place: address.place, detail: "own engine" };
  if (address.kind === "unknown")
    return [cannotTell("whether its engine takes orders over plain TCP", address.why, { ...extras, severity: "low" })];
  if (address.kind === "unstated") return [];
  const remedy = `Let it listen on its socket or on \`tcp://127.0.0.1:2375\` only, where what uses it shares its ${
    container.platform === "kubernetes" ? "pod" : "network"
  }; else leave \`DOCKER_TLS_CERTDIR\` as the image sets it, and give the clients its certificates (\`tcp://…:2376\` with \`DOCKER_TLS_VERIFY=1\`).`;
  return [
    fail(`its own engine takes orders on ${address.value} without TLS, from whoever reaches it`, { ...extras, remedy }),
  ];
}

function usesTls({ name, value }: EnvironmentVariable): boolean {
  if (name !== "DOCKER_TLS_VERIFY" && name !== "DOCKER_TLS") return false;
  const text = knownValue(value)?.reveal() ?? "";
  return text !== "" && text !== "0" && text !== "false";
}

function judge(
  variable: EnvironmentVariable,
  protectedByTls: boolean,
  container: Container,
  system: System,
): Judgement | undefined {
  const { name, value, place } = variable;
  const extras = { place, detail: name };
  const unseen = unseenValue(variable);
  if (unseen !== undefined)
    return cannotTell(`the engine that ${name} names`, unseen.why, { ...extras, ...unseen.extras });
  const match = plainAddress.exec((knownValue(value)?.reveal() ?? "").slice(0, longestAddress));
  if (match === null || protectedByTls || match[2] === "2376") return undefined;
  const host = match[1] ?? "";
  const workload = byName(system).get(host.toLowerCase());
  if (workload !== undefined && workload.ref.name !== system.workloadOf(container)?.ref.name) {
    const { roles, doubt } = productOf(workload, system);
    if (roles.has("socket-proxy")) return undefined;
    if (doubt !== undefined) return cannotTell(`whether ${host} filters what it passes on`, doubt, extras);
  }
  const message = `${name} sends orders to an engine at ${host}:${match[2]} over plain TCP`;
  // The containers of a pod have one loopback, which nobody else reaches.
  const beside = container.platform === "kubernetes" && isLoopback(host);
  return fail(message, beside ? { ...extras, severity: "low" } : extras);
}

/** The first workload that answers under a name. */
const byName = oncePerSystem((system) => {
  const found = new Map<string, Workload>();
  for (const workload of system.all("workload")) {
    for (const name of namesOf(workload)) if (!found.has(name)) found.set(name, workload);
  }
  return found;
});
