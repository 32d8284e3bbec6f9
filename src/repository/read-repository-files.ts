import { complete, type Fact, type FactList, incomplete, stated, unknown, unstated } from "../facts/fact.ts";
import { classifySecret } from "../facts/secret-like.ts";
import type { Lens, PlatformName, RepositoryFile } from "../facts/subjects.ts";
import { type Place, placeAt, Source, wholeFile } from "../lib/place.ts";
import { assignmentsIn } from "./assignments.ts";
import { encryptedBy } from "./encrypted-text.ts";
import { type Candidate, candidateOf, type FileRole, privateKeyIn } from "./file-roles.ts";
import type { Repository } from "./repository.ts";

export interface RepositoryFilesOptions {
  /** The system that the subjects are named in. */
  readonly system: string;
  readonly lens?: Lens;
  readonly platform?: PlatformName;
  /** Look at these paths instead of all that the repository has. */
  readonly paths?: readonly string[];
}

/**
 * The files that matter by being there: environment files, private keys, age identities, Terraform variables and state,
 * stored credentials, `.gitignore`. A name that promises a key is believed only when the text holds one.
 */
export function readRepositoryFiles(
  repository: Repository,
  options: RepositoryFilesOptions,
): readonly RepositoryFile[] {
  const subjects: RepositoryFile[] = [];
  for (const path of options.paths ?? repository.paths) {
    const candidate = candidateOf(path);
    if (candidate === undefined) continue;
    const subject = readFile(repository, path, candidate, options);
    if (subject !== undefined) subjects.push(subject);
  }
  return subjects;
}

/** One file under a role that is already known, such as the `env_file` of a service under a name of its own. */
export function readRepositoryFile(
  repository: Repository,
  path: string,
  role: FileRole,
  options: RepositoryFilesOptions,
): RepositoryFile | undefined {
  return readFile(repository, path, { role }, options);
}

function readFile(
  repository: Repository,
  path: string,
  { role: named, confirm }: Candidate,
  { system, lens = "written", platform = "files" }: RepositoryFilesOptions,
): RepositoryFile | undefined {
  const file = repository.files.read(path);
  const place = wholeFile(file.ok ? file.source : new Source(path, ""));
  // A certificate has a key's ending and is no key; what may not be read is taken for what its name says.
  const confirmed = file.ok ? confirm?.(file.text) : file.code === "permission";
  if (confirm !== undefined && confirmed !== true) return undefined;
  const role = isEncrypted(repository, path, file) && secretRoles.has(named) ? "other" : named;
  return {
    kind: "repository-file",
    ref: { kind: "repository-file", system, name: path },
    lens,
    platform,
    place,
    path: place.kind === "file" ? place.source.path : path,
    role,
    mode: modeFact((file.ok ? file.mode : undefined) ?? repository.modeOf(path), place),
    ...gitFacts(repository, path, place),
    secretNames: file.ok ? secretNames(role, file.text, file.source) : incomplete([], clause(file.message), place),
  };
}

const secretRoles: ReadonlySet<FileRole> = new Set(["secret", "state", "private-key", "environment"]);

/** Whether a file was encrypted before it came here, as a whole or value by value: then it may be seen. */
function isEncrypted(repository: Repository, path: string, file: ReturnType<Repository["files"]["read"]>): boolean {
  if (file.ok) return encryptedBy(file.text) !== undefined;
  if (file.reason !== "binary") return false;
  const raw = repository.files.bytes(path);
  return raw.ok && encryptedHeads.some((head) => raw.bytes.subarray(0, head.length).equals(head));
}

/** How files begin that git-crypt and age encrypted (git-crypt's crypto.hpp; C2SP, age.md). */
const encryptedHeads = ["\0GITCRYPT\0", "age-encryption.org/v1\n"].map((head) => Buffer.from(head, "latin1"));

function modeFact(mode: number | undefined, place: Place): Fact<number> {
  return mode === undefined ? unknown("the file system keeps no permissions", place) : stated(mode, place);
}

function gitFacts(repository: Repository, path: string, place: Place): Pick<RepositoryFile, "ignored" | "tracked"> {
  const git = repository.gitStateOf(path);
  if (git === undefined) return { ignored: unstated(place), tracked: unstated(place) };
  if ("why" in git) return { ignored: unknown(git.why, place), tracked: unknown(git.why, place) };
  return {
    ignored: stated(git.ignored, place),
    tracked: typeof git.tracked === "boolean" ? stated(git.tracked, place) : unknown(git.tracked.why, place),
  };
}

/** Names whose values look like real secrets, and `private key` for one in the text itself. */
function secretNames(role: FileRole, text: string, source: Source): FactList<string> {
  const place = wholeFile(source);
  const key = privateKeyIn(text) === "plain" ? ["private key"] : [];
  if (role === "compose") return incomplete([], "its variables are judged with the services that get them", place);
  if (role !== "environment" && role !== "secret" && role !== "other") return complete(key, place);
  const found = assignmentsIn(text).filter(({ name, value }) => classifySecret(name, value) === "literal-secret");
  const first = found[0];
  const names = [...new Set([...key, ...found.map(({ name }) => name)])];
  return complete(names, first === undefined ? place : placeAt(source, first.offset));
}

function clause(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
