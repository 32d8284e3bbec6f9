/**
 * Which repositories that Applications name hold the files of this cluster. Nothing in a folder says where it was fetched
 * from: a path of a repository that files here lie under does, and speaks for all else that is taken from there.
 */
import { type Fact, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import { asText, Fields } from "../../../../formats/fields.ts";
import { folderOf } from "../../../../lib/folder-of.ts";
import { repositoryName } from "../../../../lib/repository-name.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn } from "../context.ts";
import { appliesThisFolder, isAmongFiles, pathWithin, waysTo } from "./own-paths.ts";

export class OwnRepositories {
  readonly #context: ClusterContext;
  /** Repositories of which a path is here for certain. */
  readonly #own = new Set<string>();
  /** Those of which one part alone is: it may be there by chance. */
  readonly #likely = new Map<string, Set<string>>();
  /** For each of them where files lie that name it themselves: a folder of Applications that are taken from where it is. */
  readonly #naming = new Map<string, Set<string>>();
  readonly #waysTo = new Map<string, ReadonlySet<string>>();

  constructor(applications: readonly KubernetesObject[], context: ClusterContext) {
    this.#context = context;
    for (const application of applications) this.#note(application);
    for (const application of applications)
      for (const source of sourcesOf(application)) this.#learn(source, folderOfObject(application));
  }

  #note(application: KubernetesObject): void {
    const folder = folderOfObject(application);
    if (folder === "") return;
    for (const source of sourcesOf(application)) {
      const address = addressKey(source);
      if (address === undefined) continue;
      this.#naming.set(address, (this.#naming.get(address) ?? new Set<string>()).add(folder));
    }
  }

  #learn(source: Fields, from: string): void {
    const address = addressKey(source);
    const path = textIn(source, "path");
    if (address === undefined || path === undefined) return;
    if (appliesThisFolder(path, this.#context)) this.#own.add(address);
    else if (isAmongFiles(path, this.#context)) {
      const paths = this.#likely.get(address) ?? new Set();
      this.#likely.set(address, paths.add(pathWithin(path)));
      // Two of them by chance is too much of it, and so is one whose own files say that they are of that repository.
      const isOutside = !waysTo(from).includes(pathWithin(path));
      if (paths.size > 1 || (isOutside && this.#isNamedIn(pathWithin(path), address))) this.#own.add(address);
    }
  }

  #isNamedIn(path: string, address: string): boolean {
    const known = this.#waysTo.get(address) ?? new Set([...(this.#naming.get(address) ?? [])].flatMap(waysTo));
    this.#waysTo.set(address, known);
    return known.has(path);
  }

  /** Whether a source of an Application is the repository of these files; a chart of a registry never is. */
  isOwn(source: Fields): Fact<boolean> {
    const { place } = source;
    if (source.node("chart") !== undefined) return stated(false, place);
    const address = addressKey(source);
    if (address === undefined) return unknown("the address of its repository is not resolved", place);
    if (this.#own.has(address)) return stated(true, place);
    const path = source.fact("path", asText, "a path", unstated);
    if (path.kind === "unknown") return path;
    const within = pathWithin(knownValue(path) ?? "");
    if (within === "") return unknown("a repository's root tells nothing of whether these files are in it", place);
    if (isTemplated(within)) return unknown("Argo CD fills in its path from a generator", path.place);
    if (this.#likely.has(address))
      return unknown("of its paths only one folder's name is known here, which may be by chance", path.place);
    return stated(false, place);
  }
}

/** Empty where it is not told. */
function folderOfObject({ place }: KubernetesObject): string {
  return place.kind === "file" ? folderOf(place.source.path) : "";
}

/** The sources of an Application, or of what an ApplicationSet makes. Where `sources` is there, `source` does not count. */
export function sourcesOf(application: KubernetesObject): readonly Fields[] {
  return sourcesIn(specOf(application));
}

export function sourcesIn(spec: Fields): readonly Fields[] {
  const many = itemsIn(spec, "sources");
  if (many.length > 0) return many;
  const one = spec.node("source");
  return one === undefined ? [] : [Fields.of(one, one.place, "source")];
}

/** Undefined for an address that is not known. */
function addressKey(source: Fields): string | undefined {
  const address = textIn(source, "repoURL")?.trim();
  return address === undefined || address === "" || isTemplated(address) ? undefined : repositoryName(address);
}

export function isTemplated(text: string): boolean {
  return text.includes("{{");
}
