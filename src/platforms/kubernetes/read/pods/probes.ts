import type { KubernetesContainerExtension } from "../../../../facts/extensions-kubernetes.ts";
import {
  complete,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../../facts/fact.ts";
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
  const handlers = [
    ...probes.map((key) => [key, container.fields(key)] as const),
    ...hooks.map((key) => [`lifecycle.${key}`, container.fields("lifecycle").fields(key)] as const),
  ];
  const lists = handlers.flatMap(([field, handler]) =>
    (["httpGet", "tcpSocket"] as const).map((way) => hostOf(handler.fields(way), `${field}.${way}.host`)),
  );
  const items = lists.flatMap((list) => list.items);
  const why = lists.find((list) => !list.complete);
  return why?.complete === false ? incomplete(items, why.why, container.place) : complete(items, container.place);
}

type ProbeHosts = KubernetesContainerExtension["probeHosts"];

function hostOf(way: Fields, field: string): ProbeHosts {
  const host: Fact<string> = way.fact("host", asText, "a text", unstated);
  if (host.kind === "unknown") return incomplete([], host.why, host.place) satisfies FactList<never>;
  const known = knownValue(host);
  return complete(known === undefined || known === "" ? [] : [{ host: known, field, place: host.place }], way.place);
}
