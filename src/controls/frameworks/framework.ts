import type { FrameworkReferences } from "../../contracts/control.ts";
import type { PlatformName } from "../../facts/subjects.ts";
import { cisDockerItems } from "./cis-docker.ts";
import { cisKubernetesItems } from "./cis-kubernetes.ts";
import type { FrameworkItem } from "./item.ts";
import { nistCsfItems } from "./nist-csf.ts";
import { nsaKubernetesItems } from "./nsa-kubernetes.ts";
import { owaspDockerItems } from "./owasp-docker.ts";
import { owaspKubernetesItems } from "./owasp-kubernetes.ts";
import { podSecurityItems } from "./pod-security.ts";
import { zeroTrustItems } from "./zero-trust.ts";

/** A list of requirements that somebody else wrote, and what of it is judged here. */
export interface Framework {
  /** As `check --framework` takes it: `cis-docker`. */
  readonly name: string;
  readonly title: string;
  /** Which edition the numbers are of, and what of it is listed. A sentence. */
  readonly edition: string;
  /** Where a control refers to its items. */
  readonly references: keyof FrameworkReferences;
  readonly items: readonly FrameworkItem[];
  /** What it says something about; everything where absent. What was judged elsewhere answers none of its items. */
  readonly platforms?: readonly PlatformName[];
}

/** Build files, pipelines and files of programs are `files`, whatever runs them. */
const ofDocker: readonly PlatformName[] = ["compose", "files"];
const ofKubernetes: readonly PlatformName[] = ["kubernetes", "files"];

/** Every framework that is reported on. */
export const frameworks: readonly Framework[] = [
  {
    name: "cis-docker",
    title: "CIS Docker Benchmark",
    edition:
      "Numbers as of v1.6.0, sections 2, 4 and 5; the other sections are about the host and its files. Titles are ours.",
    references: "cisDocker",
    items: cisDockerItems,
    platforms: ofDocker,
  },
  {
    name: "cis-kubernetes",
    title: "CIS Kubernetes Benchmark",
    edition: "Numbers as of v1.10, as kube-bench has them (cfg/cis-1.10), all sections. Titles are ours.",
    references: "cisKubernetes",
    items: cisKubernetesItems,
    platforms: ofKubernetes,
  },
  {
    name: "pod-security",
    title: "Pod Security Standards",
    edition: "The checks of the levels baseline and restricted as of Kubernetes 1.37.",
    references: "podSecurity",
    items: podSecurityItems,
    platforms: ofKubernetes,
  },
  {
    name: "nsa-kubernetes",
    title: "NSA and CISA Kubernetes Hardening Guide",
    edition: "Version 1.2 of August 2022. The guide numbers nothing: the names are ours, in its order.",
    references: "nsaKubernetes",
    items: nsaKubernetesItems,
    platforms: ofKubernetes,
  },
  {
    name: "owasp-docker",
    title: "OWASP Docker Top 10",
    edition: "The list of the project's repository.",
    references: "owaspDocker",
    items: owaspDockerItems,
    platforms: ofDocker,
  },
  {
    name: "owasp-kubernetes",
    title: "OWASP Kubernetes Top 10",
    edition: "The edition of 2025.",
    references: "owaspKubernetes",
    items: owaspKubernetesItems,
    platforms: ofKubernetes,
  },
  {
    name: "nist-csf",
    title: "NIST Cybersecurity Framework",
    edition: "Version 2.0 of February 2024, all 106 subcategories. Titles are ours.",
    references: "nistCsf",
    items: nistCsfItems,
  },
  {
    name: "zero-trust",
    title: "Tenets of zero trust",
    edition: "NIST SP 800-207, section 2.1. Wording is ours.",
    references: "zeroTrust",
    items: zeroTrustItems,
  },
];
