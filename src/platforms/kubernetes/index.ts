import { RingwallError } from "../../lib/error.ts";
import type { Repository } from "../../repository/repository.ts";
import { linkClusterFiles } from "../link-cluster-files.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "../reader.ts";
import { loadFiles, loadText } from "./load/load.ts";
import { planClusters } from "./load/plan.ts";
import { LoadSession } from "./load/session.ts";
import type { KubernetesManifests } from "./objects.ts";
import { readCluster } from "./read/index.ts";

/** Kubernetes manifests, kustomizations and Flux clusters in the files of a repository. */
export const kubernetesReader: PlatformReader = { name: "kubernetes", discover, read };

/** How each project that was found is loaded: what discovery had to find out is not found out again. */
const loaders = new WeakMap<FoundProject, () => KubernetesManifests>();

function discover(repository: Repository): Discovery {
  const { clusters, problems, owned } = planClusters(repository);
  for (const { project, load } of clusters) loaders.set(project, load);
  return { projects: clusters.map(({ project }) => project), problems, owned };
}

function read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError {
  const load =
    loaders.get(project) ?? (() => loadFiles(new LoadSession(repository.files), repository.name, project.files));
  const textOf = (path: string) => {
    const file = repository.files.read(repository.pathOf(path));
    return file.ok ? file.text : undefined;
  };
  return factsOf(load(), options, textOf, repository);
}

/** Whether objects are called after the folder that is checked, and not after one in it. */
function isNamedByRoot(name: string, { name: root, paths }: Repository): boolean {
  return name === root && !paths.some((path) => path.startsWith(`${name}/`));
}

function factsOf(
  manifests: KubernetesManifests,
  { name, profile }: Pick<ReadProjectOptions, "name" | "profile">,
  textOf: (path: string) => string | undefined,
  repository?: Repository,
): ReadProject {
  const facts = () => {
    const isOfRoot = repository !== undefined && isNamedByRoot(manifests.name, repository);
    const { system, cluster } = readCluster(manifests, { systemName: name(manifests.name, isOfRoot) });
    return linkClusterFiles(system, cluster, textOf);
  };
  return { system: profile === undefined ? facts() : profile.time("facts", facts), sources: manifests.sources };
}

/**
 * The facts of a text that a program has made of manifests: `helm template`, `kubectl kustomize`, `flux build`. `name` is
 * how places name it. An error when it holds no object.
 */
export function readRendered(
  name: string,
  text: string,
  options: Pick<ReadProjectOptions, "name" | "profile">,
): ReadProject | RingwallError {
  const manifests = loadText(name, text);
  const [problem] = manifests.problems;
  if (manifests.objects.length > 0) return factsOf(manifests, options, (path) => (path === name ? text : undefined));
  if (problem !== undefined) return new RingwallError("invalid", problem.message, { place: problem.place });
  return new RingwallError("invalid", `${name} holds no Kubernetes object.`, {
    hint: "Give the output of `helm template`, `kubectl kustomize` or `flux build`.",
  });
}
