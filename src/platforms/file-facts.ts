/**
 * What files say by themselves, whatever program reads them: secrets in their texts, what SOPS made of them, certificates
 * and public keys.
 */
import { complete, type FactList, stated, unknown, unstated } from "../facts/fact.ts";
import type { SecretInText } from "../facts/secrets-in-files.ts";
import { Sensitive } from "../facts/sensitive.ts";
import type { AnySubject, Certificate, RepositoryFile } from "../facts/subjects.ts";
import { System } from "../facts/system.ts";
import { RulesOfRepository } from "../formats/sops/rules-of-repository.ts";
import { sopsStateOf } from "../formats/sops/state.ts";
import { type Place, placeAt, type Source, wholeFile } from "../lib/place.ts";
import { certificateInBytes, certificatesIn } from "../repository/certificates.ts";
import { candidateOf } from "../repository/file-roles.ts";
import type { TextFile } from "../repository/files.ts";
import { readRepositoryFile, readRepositoryFiles } from "../repository/read-repository-files.ts";
import type { Repository } from "../repository/repository.ts";
import { type ScanDepth, secretsIn } from "../repository/secret-scan/scan.ts";
import { isExample, isWorthScanning } from "../repository/secret-scan/worth-scanning.ts";
import { unignoredKinds } from "../repository/unignored.ts";

/** Files of these roles are secrets as a whole, and judged as such; what stands in them is no further finding. */
const secretAsWhole: ReadonlySet<RepositoryFile["role"]> = new Set(["environment", "private-key", "secret", "state"]);

type Owner = Pick<System, "name" | "lens" | "platform">;

/** What of a file goes onto its subject. */
type FileSays = Pick<RepositoryFile, "secretsInText" | "sops">;

export class FileFacts {
  readonly #repository: Repository;
  readonly #now: Date | undefined;
  #rules: RulesOfRepository | undefined;

  /** `now` is the moment by which dates of certificates are judged. */
  constructor(repository: Repository, now: Date | undefined) {
    this.#repository = repository;
    this.#now = now;
  }

  /** The system with what the files that it was read from say by themselves. The same system where they say nothing. */
  withFiles(system: System, sources: readonly Source[]): System {
    if (system.lens !== "written") return system;
    const subjects = system.all("repository-file");
    const own = new Map(subjects.filter((file) => !isWithin(file)).map((file) => [file.path, file]));
    const parts = Map.groupBy(subjects.filter(isWithin), ({ path }) => path);
    const added: AnySubject[] = [];
    const replaced = new Map<AnySubject, AnySubject>();
    for (const path of new Set(sources.map((source) => source.path))) {
      const within = this.#repository.pathOf(path);
      const file = isWorthScanning(within) ? this.#repository.files.read(within) : undefined;
      if (file?.ok !== true) continue;
      for (const part of parts.get(path) ?? []) replaced.set(part, { ...part, ...this.#git(part, within) });
      const known = own.get(path);
      const says = this.#says(file, within, known?.role, system);
      added.push(...this.#certificates(file.text, file.source, within, system));
      if (known !== undefined) replaced.set(known, { ...known, ...this.#git(known, within), ...says });
      else added.push(...this.#unnamed(within, says, system));
    }
    if (added.length === 0 && replaced.size === 0) return system;
    const { name, lens, platform, problems } = system;
    const all = [...system.subjects.map((subject) => replaced.get(subject) ?? subject), ...added];
    return new System({ name, lens, platform, problems, subjects: all });
  }

  /** The subjects of files that no system was read from. `onFile` is told of each text that was read. */
  ofOthers(paths: readonly string[], system: string, onFile: (source: Source) => void): readonly AnySubject[] {
    const owner: Owner = { name: system, lens: "written", platform: "files" };
    const found = paths.flatMap((path) => {
      const subjects = this.#ofOther(path, owner, onFile);
      this.#repository.files.forget();
      return subjects;
    });
    return this.#withUnignored(found, owner);
  }

  /** What Git would take of the tools in use, told at the topmost `.gitignore`, which need not be there. */
  #withUnignored(subjects: readonly AnySubject[], { name: system, lens, platform }: Owner): readonly AnySubject[] {
    const file = subjects.find((one) => one.kind === "repository-file" && one.ref.name === ".gitignore");
    const place: Place = file?.place ?? { kind: "object", locator: this.#repository.nameOf(".gitignore") };
    const kinds = unignoredKinds(this.#repository, place);
    const unignored = complete(kinds, place);
    if (file?.kind === "repository-file") return subjects.map((one) => (one === file ? { ...file, unignored } : one));
    if (kinds.length === 0) return subjects;
    const missing: RepositoryFile = {
      kind: "repository-file",
      ref: { kind: "repository-file", system, name: ".gitignore" },
      lens,
      platform,
      place,
      path: this.#repository.nameOf(".gitignore"),
      role: "gitignore",
      mode: unstated(place),
      ignored: unstated(place),
      tracked: unstated(place),
      secretNames: complete([], place),
      unignored,
    };
    return [...subjects, missing];
  }

  #ofOther(path: string, owner: Owner, onFile: (source: Source) => void): readonly AnySubject[] {
    const [named] =
      candidateOf(path) === undefined
        ? []
        : readRepositoryFiles(this.#repository, { system: owner.name, paths: [path] });
    if (!isWorthScanning(path)) return [...(named === undefined ? [] : [named]), ...this.#binary(path, owner)];
    const file = this.#repository.files.read(path);
    if (!file.ok) {
      const binary = file.reason === "binary" ? this.#binary(path, owner) : [];
      return named === undefined ? binary : [named, ...binary];
    }
    onFile(file.source);
    const says = this.#says(file, path, named?.role, owner);
    const certificates = this.#certificates(file.text, file.source, path, owner);
    if (named !== undefined) return [{ ...named, ...says }, ...certificates];
    return saysAnything(says) ? [...this.#subject(path, says, owner), ...certificates] : certificates;
  }

  #says(file: TextFile, path: string, role: RepositoryFile["role"] | undefined, system: System | Owner): FileSays {
    this.#rules ??= new RulesOfRepository(this.#repository.paths, this.#repository.files);
    const sops = sopsStateOf(file, path, this.#rules);
    if (role !== undefined && secretAsWhole.has(role)) return sops === undefined ? {} : { sops };
    const secrets = this.#secrets(file, path, sops !== undefined, system);
    const secretsInText = complete(secrets, secrets[0]?.place ?? wholeFile(file.source));
    return sops === undefined ? { secretsInText } : { secretsInText, sops };
  }

  #secrets(file: TextFile, path: string, ofSops: boolean, system: System | Owner): readonly SecretInText[] {
    const { source, text } = file;
    const example = isExample(path);
    // The environment of a Compose service is judged with the service, by all that is known of it; what services mount is not.
    const withService = system.platform === "compose" && (isEnvironmentFile(path) || isComposeFile(text));
    const depth: ScanDepth = ofSops || withService ? "issued" : "all";
    const found: SecretInText[] = secretsIn(text, path, depth).map(({ what, by, offset, end }) => ({
      what,
      by,
      example,
      place: placeAt(source, offset, end),
    }));
    if (found.length === 0 || !(system instanceof System)) return found;
    const known = new KnownSecrets(system);
    return found.filter(({ place }) => !known.cover(place));
  }

  #certificates(text: string, source: Source, path: string, owner: Owner): readonly Certificate[] {
    if (isExample(path) || !(text.includes("-----BEGIN CERTIFICATE-----") || text.includes("AAAA"))) return [];
    return certificatesIn(text, source, {
      system: owner.name,
      lens: owner.lens,
      platform: owner.platform,
      path,
      now: this.#now,
    });
  }

  #binary(path: string, { name: system, lens, platform }: Owner): readonly Certificate[] {
    if (!/\.(?:der|cer|crt)$/i.test(path) || isExample(path)) return [];
    const raw = this.#repository.files.bytes(path);
    const named = this.#repository.nameOf(path);
    return raw.ok ? certificateInBytes(raw.bytes, { system, lens, platform, path: named, now: this.#now }) : [];
  }

  /** A file that its reader made no subject of: one whose name says what it is, or whose text says something. */
  #unnamed(path: string, says: FileSays, system: System): readonly RepositoryFile[] {
    const { name, lens, platform } = system;
    const [named] = readRepositoryFiles(this.#repository, { system: name, lens, platform, paths: [path] });
    if (named === undefined) return saysAnything(says) ? this.#subject(path, says, system) : [];
    return secretAsWhole.has(named.role) ? [named] : [{ ...named, ...says }];
  }

  #subject(path: string, says: FileSays, { name: system, lens, platform }: Owner): readonly RepositoryFile[] {
    const file = readRepositoryFile(this.#repository, path, "other", { system, lens, platform });
    return file === undefined ? [] : [{ ...file, ...says }];
  }

  /** What Git knows of a file whose reader could not tell. */
  #git(file: RepositoryFile, path: string): Partial<RepositoryFile> {
    if (file.ignored.kind !== "unstated" || file.tracked.kind !== "unstated") return {};
    const git = this.#repository.gitStateOf(path);
    if (git === undefined) return {};
    const { place } = file;
    if ("why" in git) return { ignored: unknown(git.why, place), tracked: unknown(git.why, place) };
    const { tracked } = git;
    return {
      ignored: stated(git.ignored, place),
      tracked: typeof tracked === "boolean" ? stated(tracked, place) : unknown(tracked.why, place),
    };
  }
}

/** An object of a cluster, or a text in one: one file holds many, and none of them is the file. */
function isWithin({ configuration, isPart, platform }: RepositoryFile): boolean {
  return isPart === true || (platform === "kubernetes" && configuration !== undefined);
}

function saysAnything({ secretsInText, sops }: FileSays): boolean {
  return sops !== undefined || (secretsInText?.items.length ?? 0) > 0;
}

/** Where a system's own facts have a value that may be a secret: those are judged by it. */
class KnownSecrets {
  readonly #lines = new Set<string>();
  readonly #values: { readonly path: string; readonly from: number; readonly to: number }[] = [];

  constructor(system: System) {
    for (const subject of system.subjects) {
      const data = subject.kind === "repository-file" ? subject.configuration : undefined;
      // Of a file in a ConfigMap its own name is judged, not what stands in it.
      if (data?.software === "kubernetes" && data.kind === "ConfigMap") {
        for (const { place } of data.values.items) this.#addLine(place);
        continue;
      }
      this.#visit(subject, 0);
      if (subject.kind === "secret-reference") this.#add(subject.place);
    }
  }

  /** Whether a place lies on the line of such a value, or within it where it has several lines. */
  cover(place: Place): boolean {
    if (place.kind !== "file") return false;
    const { source, offset } = place;
    if (this.#lines.has(lineKey(source, offset))) return true;
    return this.#values.some(({ path, from, to }) => path === source.path && from <= offset && offset < to);
  }

  #addLine(place: Place): void {
    if (place.kind === "file") this.#lines.add(lineKey(place.source, place.offset));
  }

  #add(place: Place): void {
    if (place.kind !== "file") return;
    this.#addLine(place);
    if (place.end !== undefined) this.#values.push({ path: place.source.path, from: place.offset, to: place.end });
  }

  #visit(node: unknown, depth: number): void {
    if (typeof node !== "object" || node === null || node instanceof Sensitive || depth > 8) return;
    if (Array.isArray(node)) {
      for (const item of node) this.#visit(item, depth + 1);
      return;
    }
    if (Object.getPrototypeOf(node) !== Object.prototype) return;
    const { value, place } = node as { readonly value?: unknown; readonly place?: Place };
    const holds = value instanceof Sensitive || (Array.isArray(value) && value.some((one) => one instanceof Sensitive));
    if (holds && place !== undefined) this.#add(place);
    for (const [key, inner] of Object.entries(node)) {
      if (key === "place" || key === "ref") continue;
      if (key === "openSecrets")
        for (const { place: open } of (inner as FactList<{ place: Place }>).items) this.#add(open);
      this.#visit(inner, depth + 1);
    }
  }
}

function isEnvironmentFile(path: string): boolean {
  return /(?:^|[/.])env(?:\.[^/]*)?$/i.test(path);
}

function isComposeFile(text: string): boolean {
  return /^services[ \t]*:/m.test(text);
}

function lineKey(source: Source, offset: number): string {
  return `${source.path}:${source.locate(offset).line}`;
}
