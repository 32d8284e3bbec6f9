/**
 * An image is as good as the one who may publish under its name.
 *
 * Reads:  image.reference, image.built
 * Passes: the registry is one that is run by a known house.
 */
import { hostOf, isLoopback, isPrivateAddress } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

const trusted: ReadonlySet<string> = new Set([
  "docker.io",
  "index.docker.io",
  "ghcr.io",
  "quay.io",
  "gcr.io",
  "mcr.microsoft.com",
  "public.ecr.aws",
  "registry.k8s.io",
  "registry.gitlab.com",
  "lscr.io",
  "codeberg.org",
  "cgr.dev",
  "docker.elastic.co",
  "docker.n8n.io",
  "docker.redpanda.com",
  "docker.dragonflydb.io",
  "container-registry.oracle.com",
  "registry.access.redhat.com",
  "registry.redhat.io",
  "registry.suse.com",
  "registry.opensuse.org",
  "nvcr.io",
  "icr.io",
  "dhi.io",
]);

export const registryTrusted = defineControl({
  id: "supply-chain.registry-trusted",
  on: "image",
  severity: "low",
  title: "Images come from known registries",
  claim: "Every image comes from a registry that is run by a known house.",
  threat: "Whoever runs, or takes over, an unknown registry decides what runs on your host.",
  remedy:
    "Use the publisher's image on a registry that you know, or copy the image to your own. A registry of your own is an exception to record.",
  judged:
    "Fails for registries that are not in Ringwall's list of public ones (Docker Hub, GHCR, Quay, GitLab, Microsoft, AWS, …). A registry at a private address or on the host itself passes: it is your own.",
  limits: "Who publishes under a name on a public registry is not judged.",
  frameworks: {
    cisDocker: ["4.2"],
    owaspDocker: ["D08"],
    nsaKubernetes: ["trusted-registries"],
    nistCsf: ["GV.SC-07"],
    coverage: ["V3"],
  },
  exposureMatters: false,

  check(image) {
    const { reference } = image;
    if (reference.kind === "unknown")
      return cannotTell("the registry", reference.why, { place: reference.place, severity: "info" });
    if (image.built) return notApplicable("it is built from files here");
    if (reference.kind === "unstated") return cannotTell("the registry", "no image is stated");
    const { registry, text } = reference.value;
    const host = registry.toLowerCase();
    const known =
      trusted.has(host) ||
      host.endsWith(".dkr.ecr.amazonaws.com") ||
      host.endsWith(".pkg.dev") ||
      host.endsWith(".azurecr.io");
    if (known) return pass(`${text} comes from ${registry}`, reference.place);
    if (isLoopback(hostOf(host)) || isPrivateAddress(hostOf(host)))
      return pass(`${text} comes from a registry of your own`, reference.place);
    return fail(`the image ${text} comes from ${registry}, which is no known registry`, { place: reference.place });
  },
});
