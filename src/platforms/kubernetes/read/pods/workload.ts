import type { KubernetesWorkloadExtension } from "../../../../facts/extensions-kubernetes.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  mapFact,
  unstated,
} from "../../../../facts/fact.ts";
import type { Attachment, Label, NetworkMode, RestartPolicy, Workload } from "../../../../facts/subjects.ts";
import { asText, type Fields, type ScalarParser, scalarFact } from "../../../../formats/fields.ts";
import { appArmorAnnotation } from "./container.ts";
import type { PodContext } from "./context.ts";
import { onlyWaits } from "./pause.ts";
import { asWhole, flagFact, members } from "./scalars.ts";
import { readServiceAccount } from "./service-account.ts";
import { sysctlsIn } from "./sysctls.ts";
import { readVolumes } from "./volumes.ts";

/** What an object's pods share: namespaces, networks, restarts. Its replicas are one subject. */
export function readWorkload(pod: PodContext, attachments: FactList<Attachment>): Workload {
  const { template, object, workload, hostNetwork } = pod;
  const { spec } = template;
  return {
    kind: "workload",
    ref: workload,
    lens: pod.cluster.lens,
    platform: "kubernetes",
    place: object.place,
    containers: pod.containers.map(({ ref }) => ref),
    networkMode: mapFact(hostNetwork, (host): NetworkMode => (host ? { kind: "host" } : { kind: "networks" })),
    attachments,
    hostPid: flag(spec, "hostPID", false),
    hostIpc: flag(spec, "hostIPC", false),
    hostUts: defaulted(false, "platform", spec.place),
    hostUsers: flag(spec, "hostUsers", true),
    cgroupParent: unstated(spec.place),
    restart: spec.fact("restartPolicy", asRestart, "a restart policy", (at) =>
      defaulted({ kind: "always" }, "platform", at),
    ),
    isolation: readIsolation(spec),
    onlyWith: [],
    labels: readLabels(template.metadata),
    replicas: template.ownerSpec.fact("replicas", asWhole, "a whole number", (at) => defaulted(1, "platform", at)),
    dependsOn: [],
    kubernetes: readExtension(pod),
  };
}

function readExtension(pod: PodContext): KubernetesWorkloadExtension {
  const { template, object, namespace } = pod;
  const { spec } = template;
  const names = containerNames(pod);
  return {
    objectKind: object.kind,
    name: object.name,
    namespace,
    containerNames: names,
    operatingSystem: operatingSystemOf(spec),
    runsToCompletion: template.runsToCompletion,
    hostNetwork: pod.hostNetwork,
    ...(names.complete && onlyWaits(pod) ? { opensNoPort: true } : {}),
    sharesProcesses: flag(spec, "shareProcessNamespace", false),
    security: pod.security,
    sysctls: sysctlsIn(spec, false),
    volumes: readVolumes(template),
    appArmorAnnotations: appArmorAnnotations(template.metadata),
    ...readServiceAccount(pod),
  };
}

/** True or false with what its absence means. */
export function flag(fields: Fields, key: string, otherwise: boolean): Fact<boolean> {
  return flagFact(fields, key, (at) => defaulted(otherwise, "platform", at));
}

export function operatingSystemOf(spec: Fields): Fact<string> {
  return spec.fields("os").fact("name", asText, "a text", unstated);
}

function containerNames({ template: { spec }, containers, object }: PodContext): FactList<string> {
  const names = containers.map(({ name }) => name);
  for (const key of ["containers", "initContainers", "ephemeralContainers"]) {
    const list = members(spec, key);
    if (!list.complete) return incomplete(names, list.why, list.place);
  }
  return complete(names, object.place);
}

const restarts: ReadonlyMap<string, RestartPolicy> = new Map(
  Object.entries({
    Always: { kind: "always" },
    OnFailure: { kind: "on-failure" },
    Never: { kind: "no" },
  }),
);

const asRestart: ScalarParser<RestartPolicy> = (node) => restarts.get(asText(node) ?? "");

/** Runtime classes by which Kata Containers are usually known; gVisor is no virtual machine. */
function readIsolation(spec: Fields): Fact<"container" | "vm"> {
  return spec.fact(
    "runtimeClassName",
    (node) => (/^kata\b|^krun/.test(asText(node) ?? "") ? "vm" : "container"),
    "a text",
    (at) => defaulted("container", "platform", at),
  );
}

function readLabels(metadata: Fields): FactList<Label> {
  return metadata.list("labels", (node, name) =>
    name === undefined
      ? { why: "`labels` is not a mapping" }
      : { value: { name, value: scalarFact(node, asText, "the label is not a text"), place: node.place } },
  );
}

function appArmorAnnotations(metadata: Fields): KubernetesWorkloadExtension["appArmorAnnotations"] {
  return metadata.list("annotations", (node, name) => {
    if (name?.startsWith(appArmorAnnotation) !== true) return "nothing";
    const profile = scalarFact(node, asText, "the annotation is not a text");
    if (profile.kind !== "stated") return { why: profile.kind === "unknown" ? profile.why : "it is not stated" };
    return { value: { container: name.slice(appArmorAnnotation.length), profile: profile.value, place: node.place } };
  });
}
