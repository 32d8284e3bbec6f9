/**
 * Authelia where it is told which files to read: they are read as the one configuration that they come to. Where nothing
 * tells it, its files are read as those of every other program.
 */
import { startWords } from "../facts/command-words.ts";
import { type Fact, knownValue, unstated } from "../facts/fact.ts";
import { repositoryOf } from "../facts/image-repository.ts";
import { gatekeeperOfImage } from "../facts/knowledge/gatekeepers.ts";
import type { Sensitive } from "../facts/sensitive.ts";
import type { Container, PlatformName, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { autheliaSubject } from "../formats/authelia/index.ts";
import { mergedConfiguration, type SeenFiles, type StartPath, startPaths } from "../formats/authelia/several-files.ts";
import { wrongValues } from "../formats/authelia/wrong-values.ts";
import type { ConfigFacts } from "../formats/config-format.ts";
import type { Repository } from "../repository/repository.ts";
import type { InlineFile, MountedFile } from "./mounted-files.ts";
import { inFile } from "./text-in-file.ts";
import { environmentVariable } from "./workload-environment.ts";

/** One Authelia with the paths that it is started with. */
export interface AutheliaStart {
  readonly workload: Workload;
  readonly container: Container;
  /** In their order; undefined for one that is not known. */
  readonly paths: readonly StartPath[];
}

export function autheliaStarts(system: System): readonly AutheliaStart[] {
  return system.all("image").flatMap((image): readonly AutheliaStart[] => {
    const repository = repositoryOf(image);
    if (repository === undefined || gatekeeperOfImage(repository, "")?.name !== "Authelia") return [];
    const container = system.get(image.usedBy);
    if (container?.kind !== "container") return [];
    const workload = system.workload(container.workload);
    const { words, seen } = startWords(container);
    const each =
      words.kind === "unknown" ? seen : (knownValue(words) ?? []).map((text) => ({ text, place: words.place }));
    const paths = startPaths(each, variableOf(container));
    return workload === undefined || paths === undefined ? [] : [{ workload, container, paths }];
  });
}

function variableOf({ environment, place }: Container): Fact<Sensitive> {
  return environment.items.findLast(({ name }) => name === "X_AUTHELIA_CONFIG")?.value ?? unstated(place);
}

/** What its files say; undefined where none of them is seen. The subject is named after the first. */
export function readStarted(
  { workload, paths }: AutheliaStart,
  seen: SeenFiles,
  system: System,
  platform: PlatformName = system.platform,
): (ConfigFacts & { readonly main: string }) | undefined {
  const merged = mergedConfiguration(paths, seen);
  if (merged === undefined) return undefined;
  const { root, files, problems } = merged;
  const [file] = files;
  const environment = (name: string) => environmentVariable(name, workload, system);
  const subject = autheliaSubject(root, {
    file,
    path: file.path,
    system: system.name,
    lens: system.lens,
    platform,
    owner: workload,
    environment,
  });
  const wrong = wrongValues(root, { environment });
  return {
    subjects: [subject],
    problems: [...problems, ...wrong],
    sources: files.map(({ source }) => source),
    main: file.path,
  };
}

/** A system's Authelias that are told what to read, and who they are: none of their other files counts. */
export function linkAuthelia(
  system: System,
  repository: Repository,
  mounted: readonly MountedFile[],
  inline: readonly InlineFile[],
): { readonly facts: readonly ConfigFacts[]; readonly owners: ReadonlySet<Workload> } {
  const owners = new Set<Workload>();
  const facts = autheliaStarts(system).flatMap((start): readonly ConfigFacts[] => {
    const { workload } = start;
    const own = new Map(mounted.flatMap(({ owner, path, inside }) => (owner === workload ? [[inside, path]] : [])));
    const held = new Map(inline.flatMap((each) => (each.service === workload.ref.name ? [[each.inside, each]] : [])));
    const open = (path: string) => {
      const text = held.get(path)?.file;
      const file = text ?? repository.files.read(own.get(path) ?? path);
      return file.ok ? file : undefined;
    };
    const paths = [...own.keys(), ...held.keys()];
    const found = readStarted(
      start,
      { paths, open: (path) => (paths.includes(path) ? open(path) : undefined) },
      system,
    );
    if (found === undefined) return [];
    owners.add(workload);
    return [placed(found, [...held.values()])];
  });
  return { facts, owners };
}

/** Places in texts that stand inside of a Compose file are told there. */
function placed(facts: ConfigFacts, held: readonly InlineFile[]): ConfigFacts {
  if (held.length === 0) return facts;
  const [subject] = facts.subjects;
  return inFile(facts, subject?.ref.name ?? "", (place) => {
    const inside = held.find(({ file }) => place.kind === "file" && place.source === file.source);
    return inside === undefined ? place : inside.placeOf(place);
  });
}
