/**
 * Downloads that a script stores, and runs later without a look at what came: `curl -o x URL; sh x`.
 *
 * A checksum or signature that is verified in between ends it: of the files that the command names, else of all.
 */
import { leadsToItself } from "../../lib/own-address.ts";
import type { SimpleCommand } from "./command.ts";
import { interpreters, keyRisk, runOf, shells } from "./downloads.ts";
import { addressOf, fetchers, storedBy } from "./fetched.ts";
import type { FoundRisk } from "./risks.ts";

/** The state of one script; its pipelines are handed to it in their order. Time grows with their words. */
export class StoredDownloads {
  /** By the file that holds it, without `./`. */
  readonly #files = new Map<string, SimpleCommand>();
  /** By the file's name alone: the files that have it. */
  readonly #byName = new Map<string, Set<string>>();
  /** The names that one download is stored under. */
  readonly #names = new Map<SimpleCommand, string[]>();
  /** Programs that are found by their names, with their files. */
  readonly #inPath = new Map<string, string>();

  /** What of a pipeline runs a stored download that nothing has verified. */
  follow(pipeline: readonly SimpleCommand[]): readonly FoundRisk[] {
    if (this.#files.size > 0) this.#verify(pipeline);
    const found = this.#files.size === 0 ? [] : pipeline.flatMap((command) => this.#runs(command));
    if (this.#files.size > 0) for (const command of pipeline) this.#moves(command);
    this.#stores(pipeline);
    return found;
  }

  #runs(command: SimpleCommand): readonly FoundRisk[] {
    const { file, by } = this.#whatRuns(command) ?? {};
    const fetcher = file === undefined ? undefined : this.#files.get(file);
    if (file === undefined || by === undefined || fetcher === undefined) return [];
    // One download is told once, under whichever names it is run.
    for (const other of this.#names.get(fetcher) ?? []) if (this.#files.get(other) === fetcher) this.#forget(other);
    const key = by === "apt-key" ? keyRisk(fetcher, true) : undefined;
    const how = `is stored, not verified, and ${/^(?:dpkg|apt|apt-get)$/.test(by) ? "installed" : "run"} by`;
    return [key ?? runOf(fetcher, by, fetcher.command, how)];
  }

  /** The stored file that a command runs, and who runs it. */
  #whatRuns(command: SimpleCommand): { readonly file: string; readonly by: string } | undefined {
    const { name, arguments: words } = command;
    const program = programOf(command);
    const own = plainPath(program);
    // A name alone is looked up in the folders for programs.
    const file = program.includes("/") ? own : this.#inPath.get(program);
    if (file !== undefined && this.#files.has(file)) return { file, by: "its own name" };
    const texts = words.map(({ text }) => text);
    const given = operandFor(name, texts)
      .map(plainPath)
      .find((path) => this.#files.has(path));
    return given === undefined ? undefined : { file: given, by: name === "." ? "the shell" : name };
  }

  /** `mv`, `cp`, `install` and `ln` give it another name; what is written over holds something else. */
  #moves({ name, arguments: words, command }: SimpleCommand): void {
    for (const { text } of command.writes) this.#forget(plainPath(text));
    if (!/^(?:mv|cp|install|ln)$/.test(name)) return;
    const operands = words.map(({ text }) => text).filter((text) => !text.startsWith("-"));
    const target = operands.at(-1);
    if (target === undefined || operands.length < 2) return;
    const sources = operands.slice(0, -1).filter((text) => this.#files.has(plainPath(text)));
    for (const source of sources) this.#move(plainPath(source), target, name === "mv");
  }

  #move(source: string, target: string, isGone: boolean): void {
    const fetcher = this.#files.get(source);
    if (fetcher === undefined) return;
    const name = nameOf(source);
    const isFolder = target.endsWith("/") || /(?:^|\/)s?bin$/.test(target);
    if (isGone) this.#forget(source);
    this.#add(plainPath(isFolder ? `${target.replace(/\/$/, "")}/${name}` : target), fetcher);
  }

  /** The download of a pipeline, as its own options store it or as what stands behind it writes. */
  #stores(pipeline: readonly SimpleCommand[]): void {
    const at = pipeline.findIndex(({ name, arguments: words }) => fetchers.has(name) && words.length > 0);
    const fetcher = pipeline[at];
    const address = fetcher === undefined ? undefined : addressOf(fetcher);
    if (fetcher === undefined || (address !== undefined && leadsToItself(address.host))) return;
    const written = pipeline
      .slice(at)
      .flatMap(({ name, arguments: words, command }) => [
        ...command.writes,
        ...(name === "tee" ? words.filter(({ text }) => !text.startsWith("-")) : []),
      ]);
    for (const file of [...storedBy(fetcher), ...written.map(({ text }) => text)]) this.#add(plainPath(file), fetcher);
  }

  #add(file: string, fetcher: SimpleCommand): void {
    if (isNoFile.test(file)) return;
    this.#files.set(file, fetcher);
    const names = this.#names.get(fetcher);
    if (names === undefined) this.#names.set(fetcher, [file]);
    else names.push(file);
    if (isInPath.test(file)) this.#inPath.set(nameOf(file), file);
    const name = nameOf(file);
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, new Set([file]));
    else known.add(file);
  }

  #forget(file: string): void {
    if (!this.#files.delete(file)) return;
    const name = nameOf(file);
    const known = this.#byName.get(name);
    known?.delete(file);
    if (known?.size === 0) this.#byName.delete(name);
  }

  #verify(pipeline: readonly SimpleCommand[]): void {
    const verifiers = pipeline.filter(isVerifier);
    if (verifiers.length === 0) return;
    // `echo "SUM  file" | sha256sum -c` names it before.
    const words = pipeline.flatMap(({ arguments: given }) => given.map(({ text }) => text));
    const inputs = pipeline.flatMap(({ command }) => command.inputs.map(({ text }) => text));
    const named = [...words, ...inputs].flatMap((text) => text.split(/[\s*]+/)).flatMap((text) => this.#namesOf(text));
    const signed = named.filter(
      (file) => !/(?:sums?|\.(?:asc|sig|sign|minisig|pem|crt|bundle|sha\d*|txt))$/i.test(file),
    );
    if (signed.length > 0) for (const file of named) this.#forget(file);
    else {
      this.#files.clear();
      this.#byName.clear();
    }
  }

  /** The stored files of a name, whatever folder they are called from. */
  #namesOf(text: string): readonly string[] {
    const name = nameOf(text);
    return name === "" ? [] : [...(this.#byName.get(name) ?? [])];
  }
}

/** Nothing is stored there, or a function's caller says where. */
const isNoFile = /^(?:-|\/dev\/.*|\$\{?[\d@*#].*|.*\/)?$/s;
const isInPath = /(?:^|\/)s?bin\/[^/]+$/;

function plainPath(path: string): string {
  return path.replace(/^(?:\.\/+)+/, "");
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The program as it is written, with its folder. */
function programOf({ command, arguments: words }: SimpleCommand): string {
  return command.words[command.words.length - words.length - 1]?.text ?? "";
}

/** The words that may be a file which a program runs, or installs with its scripts. */
function operandFor(name: string, texts: readonly string[]): readonly string[] {
  const first = (options: RegExp): readonly string[] => {
    const at = texts.findIndex((text) => !options.test(text));
    return at === -1 ? [] : [texts[at] ?? ""];
  };
  if (name === "source" || name === ".") return texts.slice(0, 1);
  if (shells.has(name)) return texts.some((text) => /^-[a-z]*[cs]$/.test(text)) ? [] : first(/^[-+]/);
  if (interpreters.test(name)) return first(/^-/);
  switch (name) {
    case "java":
      return texts.slice(texts.indexOf("-jar") + 1, texts.includes("-jar") ? texts.indexOf("-jar") + 2 : 0);
    case "dpkg":
      return texts.some((text) => /^(?:-i|--install)$/.test(text)) ? texts.filter(isPackage) : [];
    case "apt":
    case "apt-get":
      return texts.includes("install") ? texts.filter(isPackage) : [];
    case "apt-key":
      return texts[0] === "add" ? texts.slice(1) : [];
    default:
      return [];
  }
}

function isPackage(text: string): boolean {
  return text.endsWith(".deb");
}

const sums =
  /^(?:sha\d{0,3}|md5|b[23]|ck|r)sum$|^(?:shasum|sha256|sha512|rhash|gpgv|minisign|signify|signify-openbsd|slsa-verifier|Get-FileHash)$/;
/** What a word says that somebody else is to run. */
const inWord = /\b(?:sha\d{1,3}|md5|b[23])sum\b|\bshasum\b|\bgpgv\b|hashlib|createHash/;
/** A function of the script's own. */
const byItsName = /verif|check_?-?sum|signature|integrity/i;

/** Whether a command verifies a checksum or a signature, as far as can be told of it. */
function isVerifier({ name, arguments: words }: SimpleCommand): boolean {
  if (sums.test(name) || byItsName.test(name)) return true;
  const texts = words.map(({ text }) => text);
  switch (name) {
    case "gpg":
    case "gpg2":
      return texts.some((text) => /^--(?:verify|decrypt)|^-[a-z]*d$/.test(text));
    case "openssl":
      return /^(?:dgst|sha\d{1,3}|cms|smime|pkeyutl)$/.test(texts[0] ?? "");
    case "rpm":
      return texts.some((text) => /^(?:-K|--checksig)$/.test(text));
    case "cosign":
    case "gh":
    case "notation":
      return texts.some((text) => /^verify/.test(text));
    case "echo":
    case "printf":
      return false;
    default:
      return texts.some((text) => inWord.test(text) || /(?:^|\s)--verify\b/.test(text));
  }
}
