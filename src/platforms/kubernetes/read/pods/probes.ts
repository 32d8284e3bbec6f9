import type { KubernetesContainerExtension } from "../../../../facts/extensions-kubernetes.ts";
import { complete, type Fact, incomplete, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { HealthCheck } from "../../../../facts/subjects.ts";
import { asText, type Fields, textItem } from "../../../../formats/fields.ts";

const probes = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const hooks = ["postStart", "preStop"] as const;

/** The first probe that there is; a startup probe alone checks health once. */
export function readHealthCheck(container: Fields): Fact<HealthCheck> {
  for (const key of probes) {
    const probe = container.fields(key);
    if (container.node(key) === undefined) continue;
    if (probe.hidden !== undefined) return unknown(probe.hidden, probe.place);
    const place = container.keyPlace(key);
    if (probe.node("httpGet") !== undefined) return stated({ kind: "request", by: "HTTP" }, place);
    if (probe.node("tcpSocket") !== undefined) return stated({ kind: "request", by: "TCP" }, place);
    if (probe.node("grpc") !== undefined) return stated({ kind: "request", by: "gRPC" }, place);
    const command = probe.fields("exec").list(
      "command",
      textItem((value) => ({ value })),
    );
    if (probe.node("exec") !== undefined) return stated({ kind: "command", command: command.items }, place);
  }
  return container.hidden === undefined ? unstated(container.place) : unknown(container.hidden, container.place);
}

/**
 * Every `host` that a probe or lifecycle hook names: the kubelet of the node connects there, whoever wrote the pod.
 * Source: pod-security-admission `check_hostProbesAndhostLifecycle.go`, v1.37.
 */
export function readProbeHosts(container: Fields): KubernetesContainerExtension["probeHosts"] {
  const lifecycle = container.fields("lifecycle");
  const lists = [
    ...probes.flatMap((key) => hostsOf(container, key, key)),
    ...hooks.flatMap((key) => hostsOf(lifecycle, key, `lifecycle.${key}`)),
  ];
  const items = lists.flatMap((list) => list.items);
  const unclear = lists.find((list) => !list.complete);
  const why = unclear?.complete === false ? unclear.why : (container.hidden ?? lifecycle.hidden);
  return why === undefined ? complete(items, container.place) : incomplete(items, why, container.place);
}

type ProbeHosts = KubernetesContainerExtension["probeHosts"];

/** The hosts that one probe or hook names; none where it is not there. */
function hostsOf(parent: Fields, key: string, field: string): readonly ProbeHosts[] {
  if (parent.node(key) === undefined) return [];
  const handler = parent.fields(key);
  if (handler.hidden !== undefined) return [incomplete([], handler.hidden, handler.place)];
  return (["httpGet", "tcpSocket"] as const)
    .filter((way) => handler.node(way) !== undefined)
    .map((way) => hostOf(handler.fields(way), `${field}.${way}.host`));
}

function hostOf(way: Fields, field: string): ProbeHosts {
  const host: Fact<string> = way.fact("host", asText, "a text", unstated);
  if (host.kind === "unknown") return incomplete([], host.why, host.place);
  const known = knownValue(host);
  return complete(known === undefined || known === "" ? [] : [{ host: known, field, place: host.place }], way.place);
}
