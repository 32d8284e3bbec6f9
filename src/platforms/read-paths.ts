import { realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type InputProblem, System } from "../facts/system.ts";
import { DeclarationErrors, RingwallError } from "../lib/error.ts";
import { describePlace, type Source } from "../lib/place.ts";
import type { Profile } from "../lib/profile.ts";
import { codeOf } from "../lib/system-error.ts";
import { candidateOf } from "../repository/file-roles.ts";
import type { TextFile } from "../repository/files.ts";
import type { FolderView } from "../repository/folder-view.ts";
import { openRepository, type Repository } from "../repository/repository.ts";
import { unjudgedKind } from "../repository/unjudged-files.ts";
import { composeReader, mayBeCompose } from "./compose/index.ts";
import { configurationReader } from "./configuration-reader.ts";
import { FileFacts } from "./file-facts.ts";
import { gitlabReader } from "./gitlab-reader.ts";
import { incusReader } from "./incus/index.ts";
import { kubernetesReader, readRendered } from "./kubernetes/index.ts";
import { linkSignIns } from "./link-sign-ins.ts";
import type { Discovery, FoundProject, PlatformReader } from "./reader.ts";
import { ReadingFiles } from "./reading-files.ts";
import { workflowReader } from "./workflow-reader.ts";

/**
 * Every reader, one line for a new platform. What an earlier one takes, the later ones leave alone; configuration files
 * come last, for the platforms take those that their workloads mount.
 */
const readers: readonly PlatformReader[] = [
  kubernetesReader,
  // Before Compose, which has an `include:` too.
  gitlabReader,
  composeReader,
  incusReader,
  workflowReader,
  configurationReader,
];

/** What a program has made of templates: manifests as one text, with the name that places give it. */
export interface RenderedText {
  readonly name: string;
  readonly text: string;
}

export interface ReadPathsOptions {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Phases: `find`, `read`, `parse`, `facts`, `secrets` (what texts say whatever program reads them). */
  readonly profile?: Profile;
  /** Does not fail when there is nothing to read: what is judged comes from elsewhere too. */
  readonly mayBeEmpty?: boolean;
  /** The moment by which dates (of certificates) are judged; without, they cannot be. */
  readonly now?: Date;
  /**
   * Called with each system as soon as its facts are out. With it `systems` stays empty, so that a system can be judged
   * and dropped before the next is read.
   */
  /** With what stands for its name in fingerprints, where that is the name of the folder that is checked. */
  readonly onSystem?: (system: System, inFingerprints: string | undefined) => void;
  /** Called with each text that is read, for what stands in its comments; more than once when a text is read again. */
  readonly onText?: (file: TextFile) => void;
  /** Called with each folder that is opened. */
  readonly onRepository?: (repository: Repository) => void;
  /** What is in a folder (absolute, without links), where that is not what lies on the disk. */
  readonly view?: (folder: string) => FolderView | undefined;
  /** Readers that come before those of the platforms: what they take, the others leave alone. */
  readonly first?: readonly PlatformReader[];
  /** Manifests beside the files, each a system of its own. */
  readonly rendered?: readonly RenderedText[];
}

export interface ReadResult {
  readonly systems: readonly System[];
  /** What belongs to no system: folders that cannot be listed, projects of which nothing could be read. */
  readonly problems: readonly InputProblem[];
  /** Files that facts were taken from. */
  readonly filesSeen: number;
  /** Lines of those, and of the further files that were searched for secrets. */
  readonly linesRead: number;
}

/**
 * Reads everything that a person named, folders as a whole and files alone, and gives the facts of every project in it.
 * One unreadable project among others is a problem. Fails when nothing that was named could be read: `not-found` when
 * there is nothing, else the reason why what is there cannot be read.
 */
export function readPaths(paths: readonly string[], options: ReadPathsOptions): ReadResult {
  const run = new Reading(options, paths.length > 1);
  for (const path of paths) run.path(path);
  for (const rendered of options.rendered ?? []) run.rendered(rendered);
  return run.result(paths);
}

/** Whether a file is read too where its folder is, and not only when it is named itself. */
export function isFoundInFolder(path: string, first: readonly PlatformReader[] = []): boolean {
  const name = basename(path);
  if (candidateOf(name) !== undefined) return true;
  const repository = openRepository(dirname(path), { only: [name] });
  const nothingDone = () => false;
  return [...first, ...readers].some((reader) => {
    const { projects, owned = [] } = reader.discover(repository, nothingDone);
    return owned.includes(name) || projects.some(({ files }) => files.includes(name));
  });
}

/** The name of the system that holds the files which belong to no project. */
const repositorySystem = "repository";

class Reading {
  readonly #options: ReadPathsOptions;
  readonly #several: boolean;
  readonly #systems: System[] = [];
  readonly #problems: InputProblem[] = [];
  /** The problems as errors, for when nothing could be read. */
  readonly #errors: RingwallError[] = [];
  readonly #names = new Set<string>();
  /** What stands in fingerprints for the names of systems that the root gave its own. */
  readonly #ofRoot = new Map<string, string>();
  readonly #seen = new Map<string, number>();
  readonly #searched = new Map<string, number>();
  #count = 0;

  constructor(options: ReadPathsOptions, several: boolean) {
    this.#options = options;
    this.#several = several;
  }

  path(path: string): void {
    try {
      const { repository, named } = this.#open(path);
      // A file that came later was nothing then, and no fault.
      if (named !== undefined && this.#options.view?.(repository.folder)?.whole?.files.includes(named) === false)
        return;
      this.#repository(repository, named);
    } catch (error) {
      if (!(error instanceof RingwallError)) throw error;
      this.#fail(error, path);
    }
  }

  rendered({ name, text }: RenderedText): void {
    const { profile } = this.#options;
    const answer = this.#time("parse", () =>
      readRendered(name, text, { name: (own) => this.#distinct(own, own), profile }),
    );
    if (answer instanceof RingwallError) {
      this.#fail(answer, name);
      return;
    }
    for (const source of answer.sources) {
      this.#options.onText?.({ ok: true, path: source.path, text, source, mode: undefined });
      this.#seen.set(source.path, source.lines);
    }
    this.#add(linkSignIns(answer.system, undefined));
  }

  result(paths: readonly string[]): ReadResult {
    if (this.#count === 0 && (this.#options.mayBeEmpty !== true || this.#errors.length > 0)) this.#nothing(paths);
    return {
      systems: this.#systems,
      problems: worstOfEach(this.#problems),
      filesSeen: this.#seen.size,
      linesRead: [...new Map([...this.#searched, ...this.#seen]).values()].reduce((sum, lines) => sum + lines, 0),
    };
  }

  #nothing(paths: readonly string[]): never {
    const [first, second] = this.#errors;
    if (first !== undefined) throw second === undefined ? first : new DeclarationErrors(this.#errors);
    throw new RingwallError(
      "not-found",
      `There is nothing to check in ${paths.join(", ")}: no file of a kind that Ringwall reads.`,
      {
        hint: "Name a folder that holds a compose.yaml, Kubernetes manifests or OpenTofu files, or the file itself.",
      },
    );
  }

  /** A folder is walked; of a file's folder only the file is looked at, which `named` then is. */
  #open(path: string): { readonly repository: Repository; readonly named: string | undefined } {
    const full = resolve(this.#options.cwd, path);
    const kind = kindOf(full, path);
    const root = kind === "folder" ? full : dirname(realpathSync(full));
    const prefix = this.#several ? asPrefix(kind === "folder" ? path : dirname(path)) : "";
    const { profile, onText } = this.#options;
    const view = this.#options.view?.(realpathSync(root));
    const open = (folder: string) => new ReadingFiles(folder, prefix, { profile, onText, view });
    const named = kind === "folder" ? undefined : basename(realpathSync(full));
    const only = named === undefined ? {} : { only: [named] };
    return { repository: this.#time("find", () => openRepository(root, { open, prefix, view, ...only })), named };
  }

  #repository(repository: Repository, named: string | undefined): void {
    this.#options.onRepository?.(repository);
    this.#note(repository.problems);
    const claimed = new Set<string>();
    const taken = new Set<string>();
    const texts = new FileFacts(repository, this.#options.now);
    for (const reader of [...(this.#options.first ?? []), ...readers]) {
      const isDone = (path: string): boolean => taken.has(path) || (reader.leavesClaimed === true && claimed.has(path));
      const found: Discovery = this.#time("find", () => reader.discover(repository, isDone));
      this.#note(found.problems);
      const free = found.projects.filter(({ files }) => !files.some(isDone));
      for (const project of free) this.#project(repository, reader, project, claimed, texts);
      for (const path of [...free.flatMap(({ files }) => files), ...(found.owned ?? [])]) taken.add(path);
    }
    const before = this.#count;
    this.#leftOver(repository, claimed, texts);
    if (named !== undefined && !taken.has(named) && candidateOf(named) === undefined && this.#count === before)
      this.#namedAlone(named, repository, claimed, texts);
    if (this.#count === 0) this.#unreadable(repository);
    repository.files.forgetAll();
  }

  /** Where nothing was found, a file that is too large to be read may be what was to be checked. */
  #unreadable({ paths, files }: Repository): void {
    for (const path of paths) {
      const file = /\.(?:ya?ml|json)$/i.test(path) ? files.glance(path) : undefined;
      if (file?.ok !== false || file.reason !== "too-large") continue;
      this.#errors.push(
        new RingwallError(file.code, file.message, { hint: "Split it, or check a part of it by itself." }),
      );
      return;
    }
  }

  /** A file that no reader took and that says nothing: as Compose it is taken at its word, so that reading it says what is wrong. */
  #namedAlone(named: string, repository: Repository, claimed: Set<string>, texts: FileFacts): void {
    const error = ofNoKind(named, repository);
    if (error === undefined) this.#project(repository, composeReader, { files: [named] }, claimed, texts);
    else this.#fail(error, named);
  }

  #project(
    repository: Repository,
    reader: PlatformReader,
    project: FoundProject,
    claimed: Set<string>,
    texts: FileFacts,
  ): void {
    const first = project.files[0] ?? "?";
    // Variants of one Compose project begin with the same file, and the last tells them apart.
    const own = reader === composeReader ? (project.files.at(-1) ?? first) : first;
    const answer = this.#time("parse", () =>
      reader.read(repository, project, {
        name: (name, ofRoot = false) => this.#named(name, own, ofRoot),
        claimed,
        profile: this.#options.profile,
      }),
    );
    if (answer instanceof RingwallError) {
      this.#fail(answer, first);
      return;
    }
    if (isHopeless(answer.system)) {
      this.#note(answer.system.problems);
      return;
    }
    for (const source of answer.sources) {
      claimed.add(repository.pathOf(source.path));
      this.#seen.set(source.path, source.lines);
    }
    for (const { path } of answer.system.all("repository-file")) claimed.add(repository.pathOf(path));
    const system = this.#time("facts", () => linkSignIns(answer.system, repository));
    this.#add(this.#time("secrets", () => texts.withFiles(system, answer.sources)));
    repository.files.forget();
  }

  /** Keys, environment files and the like that no project names, and what stands in all other texts. */
  #leftOver(repository: Repository, claimed: ReadonlySet<string>, texts: FileFacts): void {
    const system = this.#distinct(repositorySystem, repository.name, false);
    const paths = repository.paths.filter((path) => !claimed.has(path));
    const searched = (source: Source) => this.#searched.set(source.path, source.lines);
    const subjects = this.#time("secrets", () => texts.ofOthers(paths, system, searched));
    if (subjects.length === 0) return;
    this.#names.add(system);
    for (const { place } of subjects) if (place.kind === "file") this.#seen.set(place.source.path, place.source.lines);
    this.#add(new System({ name: system, lens: "written", platform: "files", subjects }));
  }

  #add(system: System): void {
    this.#count += 1;
    if (this.#options.onSystem === undefined) this.#systems.push(system);
    else this.#options.onSystem(system, this.#ofRoot.get(system.name));
  }

  /** The same, and what stands in fingerprints for the name of the folder that is checked. */
  #named(own: string, first: string, ofRoot: boolean): string {
    const name = this.#distinct(own, first);
    // Of several folders each keeps its name, which tells them apart.
    if (ofRoot && !this.#several) this.#ofRoot.set(name, this.#ofRoot.size === 0 ? "." : `. (${first})`);
    return name;
  }

  /** A name that no other system has: the project's own, or with a file of it behind it. */
  #distinct(own: string, first: string, claim = true): string {
    let name = this.#names.has(own) ? `${own} (${first})` : own;
    for (let next = 2; this.#names.has(name); next++) name = `${own} (${first}, ${next})`;
    if (claim) this.#names.add(name);
    return name;
  }

  #note(problems: readonly InputProblem[]): void {
    for (const problem of problems) {
      const { message, hint } = problem;
      this.#problems.push(problem);
      // What is no place in a file is named by the message already.
      const place = problem.place.kind === "file" ? { place: problem.place } : {};
      const shared = hint === undefined ? place : { ...place, hint };
      this.#errors.push(new RingwallError("unreadable", message, shared));
    }
  }

  #fail(error: RingwallError, path: string): void {
    if (error instanceof DeclarationErrors) {
      for (const problem of error.problems) this.#fail(problem, path);
      return;
    }
    const { code, hint, message, template } = error;
    const place = error.place?.kind === "file" ? error.place : undefined;
    const shared = hint === undefined ? {} : { hint };
    // A file that was not read has no place in it; the message names the file.
    this.#errors.push(new RingwallError(code, message, place === undefined ? shared : { ...shared, place }));
    const shown = place ?? { kind: "object" as const, locator: path };
    this.#problems.push({ severity: "error", message, place: shown, ...shared, ...(template ? { template } : {}) });
  }

  #time<T>(phase: string, run: () => T): T {
    const { profile } = this.#options;
    return profile === undefined ? run() : profile.time(phase, run);
  }
}

/** What is said of a file that is named alone and is of no kind that is read; undefined where it may be Compose, or cannot be read at all. */
function ofNoKind(named: string, repository: Repository): RingwallError | undefined {
  const file = repository.files.read(named);
  if (!file.ok || mayBeCompose(named, file)) return undefined;
  const shown = repository.nameOf(named);
  if (file.text.trim() === "") return new RingwallError("invalid", `${shown} is empty.`);
  const kind = unjudgedKind(repository.files, named);
  const what =
    kind === undefined
      ? "is no kind of file that Ringwall reads"
      : `is a ${kind}, in which Ringwall looks for nothing but secrets`;
  return new RingwallError("invalid", `${shown} ${what}.`, {
    hint: "docs/formats.md lists what is read. Most files are told by their names; one with another name is read where a service mounts it, so name the folder that holds both.",
  });
}

/** Whether errors left nothing that runs: a text of another kind, or one that is broken at its root. */
function isHopeless(system: System): boolean {
  // Of a cluster also what runs nothing itself matters: who may do what, which traffic is let in.
  const matters = system.platform === "kubernetes" ? system.subjects : system.all("workload");
  return (
    system.platform !== "files" &&
    matters.length === 0 &&
    system.problems.some((problem) => problem.severity === "error")
  );
}

function kindOf(full: string, asNamed: string): "folder" | "file" {
  try {
    return statSync(full).isDirectory() ? "folder" : "file";
  } catch (error) {
    const denied = codeOf(error) === "EACCES";
    if (denied) throw new RingwallError("permission", `${asNamed} cannot be read: this user has no permission.`);
    throw new RingwallError("not-found", `${asNamed} is not there.`, { hint: "Name a folder or a file that exists." });
  }
}

/** What places begin with where several paths are checked: `stacks/app` as `stacks/app/`; the current folder as nothing. */
export function asPrefix(named: string): string {
  const path = named
    .replaceAll("\\", "/")
    .replace(/^(?:\.\/)+/, "")
    .replace(/\/+$/, "");
  return path === "." || path === "" ? "" : `${path}/`;
}

/** Each sentence once, as bad as the worst who said it: several readers look at a file that none can read. */
function worstOfEach(problems: readonly InputProblem[]): readonly InputProblem[] {
  const worst = new Map<string, InputProblem>();
  for (const problem of problems) {
    const key = `${problem.message}\0${describePlace(problem.place)}`;
    const known = worst.get(key);
    if (known === undefined || (known.severity === "warning" && problem.severity === "error")) worst.set(key, problem);
  }
  return [...worst.values()];
}
