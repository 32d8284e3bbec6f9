import { statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type SopsFormatName, sopsFormatOf } from "../../../formats/sops/document/formats.ts";
import { kindsOf } from "../../../formats/sops/document/metadata.ts";
import { describeSops, keysOfSops, type SopsFile } from "../../../formats/sops/document/operations.ts";
import { encryptedFormat, readEncrypted } from "../../../formats/sops/read-encrypted.ts";
import { isRulesFile } from "../../../formats/sops/rules.ts";
import { RulesOfRepository } from "../../../formats/sops/rules-of-repository.ts";
import { RingwallError } from "../../../lib/error.ts";
import { ConfinedFiles, type TextFile } from "../../../repository/files.ts";
import { enclosingGitRoot } from "../../../repository/git-view.ts";
import { openRepository, type Repository } from "../../../repository/repository.ts";
import { type FluxDecryption, fluxDecryptionsIn } from "./flux.ts";
import { ageKeysOf } from "./sops-recipients.ts";

/** SOPS reads files as a whole too; larger ones are none of its. */
const largest = 16 * 1024 * 1024;

/** A file that SOPS encrypted. */
export interface FoundSops extends SopsFile {
  /** As a person in the stack's folder would name it. */
  readonly path: string;
  readonly full: string;
  readonly keys: readonly string[];
  /** Kinds of keys besides age. */
  readonly kinds: readonly string[];
  /** Whether it lies in the stack's folder or below. */
  readonly inside: boolean;
}

export interface FoundRules {
  readonly path: string;
  readonly full: string;
  readonly text: string;
}

/** What a repository has to do with public keys. */
export interface Scan {
  /** The working tree that the stack lies in, or the stack's folder where Git does not know it. */
  readonly repository: Repository;
  readonly sops: readonly FoundSops[];
  /** `.sops.yaml` that name one of the keys: those below the stack's folder, and those above it. */
  readonly rules: readonly FoundRules[];
  /** Sentences about files that should be for one of the keys and cannot be read. */
  readonly damaged: readonly string[];
  /** Other files that name one of the keys, as a README does. */
  readonly named: readonly string[];
  readonly flux: readonly FluxDecryption[];
  nameOf(path: string): string;
}

/** Looks through the repository of a stack. Nothing is written, no link is followed and Git is not run. */
export async function scanRepository(stackFolder: string, keys: readonly string[]): Promise<Scan> {
  const folder = await realpath(stackFolder);
  const root = enclosingGitRoot(folder)?.root ?? folder;
  const open = (path: string) => new ConfinedFiles(path, { bytes: largest });
  const repository = openRepository(root, { open });
  const scanner = new Scanner(repository, folder, keys);
  for (const path of repository.paths) scanner.look(path);
  return scanner.result();
}

class Scanner {
  readonly #repository: Repository;
  readonly #folder: string;
  readonly #keys: readonly string[];
  readonly #rulesOf: RulesOfRepository;
  readonly #sops: FoundSops[] = [];
  readonly #rules: FoundRules[] = [];
  readonly #damaged: string[] = [];
  readonly #named: string[] = [];
  readonly #flux: FluxDecryption[] = [];

  constructor(repository: Repository, folder: string, keys: readonly string[]) {
    this.#repository = repository;
    this.#folder = folder;
    this.#keys = keys;
    this.#rulesOf = new RulesOfRepository(repository.paths, repository.files);
  }

  result(): Scan {
    return {
      repository: this.#repository,
      sops: this.#sops,
      rules: this.#rules,
      damaged: this.#damaged,
      named: this.#named,
      flux: this.#flux,
      nameOf: (path) => this.#nameOf(path),
    };
  }

  look(path: string): void {
    const { files } = this.#repository;
    const file = files.read(path);
    files.forget();
    if (!file.ok) {
      if (file.reason === "unreadable" && isNamedForSops(path)) this.#damaged.push(file.message);
      return;
    }
    const names = this.#keys.some((key) => file.text.includes(key));
    if (isRulesFile(path)) {
      if (names && this.#concernsStack(path)) this.#rules.push({ ...this.#placeOf(path), text: file.text });
      return;
    }
    const encrypted = file.text.includes("sops") ? this.#encrypted(file, names) : undefined;
    if (encrypted !== undefined) this.#sops.push(encrypted);
    else if (names) this.#named.push(this.#nameOf(path));
    if (encrypted === undefined && this.#isCutOff(path, file.text)) {
      this.#damaged.push(
        `${this.#nameOf(path)} has encrypted values, but not what SOPS writes at the end of a file: it is cut off.`,
      );
    }
    if (/\.ya?ml$/.test(path)) this.#flux.push(...fluxDecryptionsIn(file.text, this.#nameOf(path)));
  }

  #encrypted(file: TextFile, names: boolean): FoundSops | undefined {
    if (readEncrypted(file.source, file.text) === undefined) return undefined;
    const placed = this.#placeOf(file.path);
    try {
      const sops = { ...placed, format: formatOf(file), text: file.text };
      const { groups } = describeSops(sops);
      const kinds = [...new Set(groups.flatMap(kindsOf))];
      return { ...sops, keys: ageKeysOf({ groups }), kinds, inside: isBelow(placed.full, this.#folder) };
    } catch (error) {
      if (!(error instanceof RingwallError)) throw error;
      if (names) this.#damaged.push(error.describe());
      return undefined;
    }
  }

  /** Values without the metadata that opens them; only where such a file is expected, for manuals show them too. */
  #isCutOff(path: string, text: string): boolean {
    if (!text.includes("ENC[AES256_GCM,data:") || encryptedFormat(text) !== undefined) return false;
    if (!isBelow(join(this.#repository.folder, path), this.#folder)) return false;
    return isNamedForSops(path) || this.#rulesOf.ruleFor(path)?.rule.path !== undefined;
  }

  /** Rules below the stack's folder, or above it: those beside it are for others. */
  #concernsStack(path: string): boolean {
    const full = join(this.#repository.folder, path);
    return isBelow(full, this.#folder) || isBelow(this.#folder, join(full, ".."));
  }

  #placeOf(path: string): { readonly path: string; readonly full: string } {
    return { path: this.#nameOf(path), full: join(this.#repository.folder, path) };
  }

  #nameOf(path: string): string {
    return relative(this.#folder, join(this.#repository.folder, path)).split(sep).join("/");
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function isNamedForSops(path: string): boolean {
  return /(?:^|[._-])(?:sops|enc)\.[a-z]+$/i.test(path);
}

/** By its name, as SOPS does; a name that tells nothing leaves it to the text. */
function formatOf({ path, text, source }: TextFile): SopsFormatName {
  const named = sopsFormatOf(path);
  const found = encryptedFormat(text);
  if (named !== "binary" || found === undefined) return named;
  if (found !== "json") return found;
  const keys = keysOfSops({ path: source.path, format: "json", text });
  return keys.every((key) => key === "data" || key === "sops") ? "binary" : "json";
}

/** Permission bits and owner of a file, for what replaces it. */
export function metadataOf(path: string): { readonly mode: number; readonly uid: number; readonly gid: number } {
  const { mode, uid, gid } = statSync(path);
  return { mode: mode & 0o777, uid, gid };
}
