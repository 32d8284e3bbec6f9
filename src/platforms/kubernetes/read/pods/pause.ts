/** Pods that only wait, once the containers before have set up the node: they open no port. */
import { knownValue, unstated } from "../../../../facts/fact.ts";
import { parseImageReference } from "../../../../facts/image-reference.ts";
import { asText } from "../../../../formats/fields.ts";
import type { PodContainer, PodContext } from "./context.ts";

/**
 * Kubernetes' own image, which waits for signals and for nothing else, and its copies.
 * Source: kubernetes v1.34, `build/pause/linux/pause.c`.
 */
const pauseImages: ReadonlySet<string> = new Set([
  "registry.k8s.io/pause",
  "k8s.gcr.io/pause",
  "gcr.io/google-containers/pause",
  "gcr.io/google_containers/pause",
  "gke.gcr.io/pause",
  "mcr.microsoft.com/oss/kubernetes/pause",
  "public.ecr.aws/eks-distro/kubernetes/pause",
  "docker.io/rancher/mirrored-pause",
]);

/** Whether no container of the pod runs on but `pause`; its containers are known to be all. */
export function onlyWaits({ containers }: PodContext): boolean {
  const lasting = containers.filter(({ role }) => role !== "init");
  return lasting.length > 0 && lasting.every((each) => isPause(each));
}

function isPause({ fields }: PodContainer): boolean {
  const own = ["command", "args", "ports"].some((key) => fields.node(key) !== undefined);
  const image = knownValue(fields.fact("image", asText, "a text", unstated));
  const reference = image === undefined ? undefined : parseImageReference(image.trim());
  if (own || reference === undefined) return false;
  const name = `${reference.registry}/${reference.repository.replace(/-(?:amd64|arm64|arm|ppc64le|s390x)$/, "")}`;
  return pauseImages.has(name);
}
