import { RingwallError } from "../../lib/error.ts";
import type { Repository } from "../../repository/repository.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "../reader.ts";
import { loadManifests } from "./load/load.ts";
import { readKubernetes } from "./read/index.ts";

/** Kubernetes manifests, kustomizations and Flux clusters in the files of a repository. */
export const kubernetesReader: PlatformReader = { name: "kubernetes", discover, read };

function discover(repository: Repository): Discovery {
  const paths = repository.paths.filter((path) => /\.ya?ml$/i.test(path) && looksLikeObjects(repository, path));
  return { projects: paths.length === 0 ? [] : [{ files: paths }], problems: [] };
}

function looksLikeObjects(repository: Repository, path: string): boolean {
  const file = repository.files.read(path);
  return file.ok && /^apiVersion:/m.test(file.text) && /^kind:/m.test(file.text);
}

function read(repository: Repository, project: FoundProject, options: ReadProjectOptions): ReadProject | RingwallError {
  const manifests = loadManifests(repository, project);
  if (manifests instanceof RingwallError) return manifests;
  const facts = () => readKubernetes(manifests, { systemName: options.name(manifests.name) });
  const system = options.profile === undefined ? facts() : options.profile.time("facts", facts);
  return { system, sources: manifests.sources };
}
