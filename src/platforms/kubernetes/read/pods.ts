import type { KubernetesContainerRole } from "../../../facts/extensions-kubernetes.ts";
import { complete, defaulted, type FactList, knownValue, unstated } from "../../../facts/fact.ts";
import type { AnySubject, Attachment } from "../../../facts/subjects.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { KubernetesObject } from "../objects.ts";
import type { ClusterContext } from "./context.ts";
import { readContainer } from "./pods/container.ts";
import type { PodContainer, PodContext, PodsContext } from "./pods/context.ts";
import { DataObjects, readDataObjects } from "./pods/data-objects.ts";
import { HostVolumes } from "./pods/host-volumes.ts";
import { readImage } from "./pods/images.ts";
import { namespaceLimits } from "./pods/limits.ts";
import { readListeners } from "./pods/listeners.ts";
import { readMounts } from "./pods/mounts.ts";
import { madeByAnother } from "./pods/owners.ts";
import { members } from "./pods/scalars.ts";
import { readSecretReferences } from "./pods/secret-references.ts";
import { readSecurityContext } from "./pods/security.ts";
import { podTemplateOf } from "./pods/template.ts";
import { volumeSources } from "./pods/volumes.ts";
import { flag, operatingSystemOf, readWorkload } from "./pods/workload.ts";

/** The networks that the pods of one object are on. */
export type AttachmentsOf = (object: KubernetesObject) => FactList<Attachment>;

/** Workloads with their containers, images, mounts, ports and secrets, of everything that makes pods; and what Secrets hold. */
export function readPods(
  cluster: ClusterContext,
  attachmentsOf: AttachmentsOf = (object) => complete([], object.place),
): readonly AnySubject[] {
  const shared: PodsContext = {
    cluster,
    data: new DataObjects(cluster),
    hostVolumes: new HostVolumes(cluster),
    limitsOf: namespaceLimits(cluster),
  };
  const isMade = madeByAnother(cluster);
  const pods = cluster.manifests.objects.flatMap((object) => {
    const pod = contextOf(shared, object, isMade);
    return pod === undefined ? [] : subjectsOf(pod, attachmentsOf(object));
  });
  return [...pods, ...readDataObjects(cluster, shared.data)];
}

function contextOf(
  shared: PodsContext,
  object: KubernetesObject,
  isMade: (object: KubernetesObject) => boolean,
): PodContext | undefined {
  const template = podTemplateOf(object);
  const { cluster } = shared;
  if (template === undefined || isMade(object)) return undefined;
  const { spec } = template;
  return {
    ...shared,
    object,
    namespace: cluster.namespaceOf(object),
    workload: cluster.workloadRef(object),
    template,
    security: readSecurityContext(spec.fields("securityContext")),
    hostNetwork: flag(spec, "hostNetwork", false),
    windows: knownValue(operatingSystemOf(spec)) === "windows",
    containers: containersOf(shared, object, spec),
  };
}

function subjectsOf(pod: PodContext, attachments: FactList<Attachment>): readonly AnySubject[] {
  const volumes = volumeSources(pod.template, (claim) => pod.hostVolumes.behind(pod.namespace, claim));
  const containers = pod.containers.map((container) => readContainer(pod, container));
  const images = pod.containers.map((container) => readImage(pod, container));
  return [
    readWorkload(pod, attachments),
    ...containers,
    ...images,
    ...pod.containers.flatMap((container) => readMounts(pod, container, volumes)),
    ...readListeners(pod, images),
    ...readSecretReferences(pod, containers),
  ];
}

/** What stays comes first: a pod is what its containers are, not what prepared it. */
function containersOf(shared: PodsContext, object: KubernetesObject, spec: Fields): readonly PodContainer[] {
  const lists = [
    ["containers", "main"],
    ["initContainers", "init"],
    ["ephemeralContainers", "ephemeral"],
  ] as const;
  const seen = new Set<string>();
  return lists.flatMap(([key, role]) =>
    members(spec, key).items.map((fields, index): PodContainer => {
      const written = knownValue(fields.fact("name", asText, "a text", unstated));
      const name = written === undefined || seen.has(written) ? `${key}[${index}]` : written;
      seen.add(name);
      const ref = shared.cluster.containerRef(object, name);
      return { name, role: roleOf(role, fields), ref, fields, place: fields.place };
    }),
  );
}

/** An init container that restarts is a sidecar: it stays beside the others. */
function roleOf(role: KubernetesContainerRole, fields: Fields): KubernetesContainerRole {
  if (role !== "init") return role;
  const restart = fields.fact("restartPolicy", asText, "a text", (at) => defaulted("", "platform", at));
  return knownValue(restart) === "Always" ? "sidecar" : "init";
}
