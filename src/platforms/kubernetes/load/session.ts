import type { InputProblem } from "../../../facts/system.ts";
import { relocate } from "../../../formats/relocate.ts";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import { parseYaml } from "../../../formats/yaml/parse.ts";
import { describePlace, type Place, placeAt, Source } from "../../../lib/place.ts";
import type { FileFailure } from "../../../repository/file-failure.ts";
import { type ConfinedFiles, normalise, type TextFile } from "../../../repository/files.ts";
import type { ChartRelease, UnseenObjects } from "../objects.ts";
import { locator } from "./inline.ts";
import type { Text } from "./nodes.ts";
import { sealed } from "./sealed.ts";
import { templateKind } from "./templates.ts";

/** A text as trees, with what reads it: `kubectl` knows more words for true and false than kustomize does. */
export type Reader = "kubectl" | "kustomize";

/**
 * What is common to the reading of one cluster's files: each is parsed once, what is wrong is said once, and what went
 * into it is remembered.
 */
export class LoadSession {
  readonly files: ConfinedFiles;
  readonly problems: InputProblem[] = [];
  readonly unseen: UnseenObjects[] = [];
  /** Folders here that hold charts which something installs. */
  readonly chartFolders: string[] = [];
  /** The charts of kustomizations whose values tell something. */
  readonly charts: ChartRelease[] = [];
  /** What kustomizations change of objects that are not seen: parts of objects, with their names. */
  readonly changes: MappingNode[] = [];
  readonly #sources = new Map<string, TextFile>();
  readonly #texts = new Map<Source, string>();
  readonly #documents = new Map<string, readonly TreeNode[]>();
  readonly #said = new Set<string>();

  constructor(files: ConfinedFiles) {
    this.files = files;
  }

  get sources(): readonly Source[] {
    return [...this.#sources.values()].map(({ source }) => source);
  }

  /** A file as it is, and noted as one that went into the cluster. */
  text(path: string): TextFile | FileFailure {
    const file = this.files.read(path);
    if (file.ok) {
      this.#sources.set(file.path, file);
      this.#texts.set(file.source, file.text);
    }
    return file;
  }

  /** A file whose content becomes data: it is no manifest, and others may have more to say of it. */
  data(path: string): TextFile | FileFailure {
    const file = this.files.read(path);
    if (file.ok) this.#texts.set(file.source, file.text);
    return file;
  }

  /**
   * The documents of a YAML or JSON file, values that SOPS keeps encrypted marked as such. None for a template, which is
   * noted as unseen, and for a file that cannot be read, of which the problem says why.
   */
  documents(path: string, reader: Reader): readonly TreeNode[] {
    const key = `${reader} ${path}`;
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const documents = this.#parse(normalise(path) ?? path, reader);
    this.#documents.set(key, documents);
    return documents;
  }

  #parse(path: string, reader: Reader): readonly TreeNode[] {
    const file = this.text(path);
    if (!file.ok) {
      this.error(file.message, { kind: "object", locator: file.path });
      return [];
    }
    return this.parsed(file.source, file.text, reader);
  }

  /** The documents of a text that is at hand; see `documents`. */
  parsed(source: Source, text: string, reader: Reader): readonly TreeNode[] {
    const { documents, problems } = parseYaml(source, text, reader === "kubectl" ? { booleans: "1.1" } : {});
    const template = problems.length === 0 ? undefined : templateKind(text);
    if (template === undefined) {
      for (const problem of problems) this.note(problem);
      return doubtful(documents, problems).map(sealed);
    }
    this.unseen.push({
      kind: "template",
      what: source.path,
      why: `it is a ${template} template; give what it makes with --rendered`,
      namespace: undefined,
      place: placeAt(source, 0),
    });
    return [];
  }

  /** The documents of a text that stands inside a file, with their places in that file. */
  inline({ text, place }: Text): readonly TreeNode[] {
    const own = new Source("", text);
    const { documents, problems } = parseYaml(own, text);
    const file = place.kind === "file" ? this.#texts.get(place.source) : undefined;
    const locate = locator(text, place, file);
    for (const problem of problems) this.note({ ...problem, place: locate(problem.place) });
    return documents.map((document) => relocate(document, locate));
  }

  error(message: string, place: Place, hint?: string): void {
    this.note({ severity: "error", message, place, ...(hint === undefined ? {} : { hint }) });
  }

  warning(message: string, place: Place, hint?: string): void {
    this.note({ severity: "warning", message, place, ...(hint === undefined ? {} : { hint }) });
  }

  /** Takes a problem once, however often it is met. */
  note(problem: InputProblem): void {
    const key = `${describePlace(problem.place)}\0${problem.message}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.problems.push(problem);
  }
}

/** The documents, those with a mistake in them marked: what they seem to lack may stand behind it. */
function doubtful(documents: readonly TreeNode[], problems: readonly InputProblem[]): readonly TreeNode[] {
  if (problems.length === 0) return documents;
  const starts = documents.map(({ place }) => (place.kind === "file" ? place.offset : 0));
  const wrong = new Set(
    problems.map(({ place }) => starts.findLastIndex((start) => place.kind === "file" && start <= place.offset)),
  );
  return documents.map((document, index) =>
    document.kind === "mapping" && wrong.has(index) ? { ...document, incomplete: "its text has a mistake" } : document,
  );
}
