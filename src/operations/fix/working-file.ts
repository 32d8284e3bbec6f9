import type { Edit } from "../../contracts/fix.ts";
import { addFirst, addLines, changeValue, type EditedText } from "../../formats/line-edit/edit.ts";
import { yamlHasKey } from "../../formats/yaml/edit/edit.ts";
import type { Refusal, Splice } from "../../formats/yaml/edit/splice.ts";
import type { ViewedFile } from "../../repository/folder-view.ts";
import type { FileOnDisk, LocatedFile } from "./located-files.ts";
import { YamlEditor } from "./yaml-editor.ts";

type DocumentEdit = Edit & { readonly kind: "document" };
type LineEdit = Edit & { readonly kind: "value" | "lines" };

const mark = "\ufeff";
/** What SOPS writes at the end of a file whose values it keeps: YAML, JSON, INI, a list of variables. */
const sealed = /^[ \t]*"?(?:sops_)?mac"? *[:=] *"?ENC\[/m;
const sealedWhy = "SOPS keeps the file, and its authentication code would no longer hold";

/** A file while changes to it are gathered. Nothing is written here. */
export class WorkingFile {
  readonly at: LocatedFile;
  /** Undefined for one that is to be made. */
  readonly onDisk: FileOnDisk | undefined;
  readonly #bom: boolean;
  readonly #editor: YamlEditor;
  #text: string;
  #mode: number;
  #splices: readonly Splice[] = [];
  /** Changes of lines that were made: several findings may ask for one. */
  #made: ReadonlySet<string> = new Set();

  constructor(at: LocatedFile, onDisk: FileOnDisk | undefined, editor = new YamlEditor()) {
    this.at = at;
    this.#editor = editor;
    this.onDisk = onDisk;
    const text = onDisk?.bytes.toString("utf8") ?? "";
    this.#bom = text.startsWith(mark);
    this.#text = this.#bom ? text.slice(1) : text;
    this.#mode = onDisk?.mode ?? 0o644;
  }

  /** Without a byte order mark. */
  get text(): string {
    return this.#text;
  }

  get textOnDisk(): string {
    const text = this.onDisk?.bytes.toString("utf8") ?? "";
    return this.#bom ? text.slice(1) : text;
  }

  get bytes(): Buffer {
    return Buffer.from(this.#bom ? mark + this.#text : this.#text);
  }

  get mode(): number {
    return this.#mode;
  }

  get textChanged(): boolean {
    return this.#text !== this.textOnDisk;
  }

  get changed(): boolean {
    return this.textChanged || this.#mode !== (this.onDisk?.mode ?? this.#mode);
  }

  get view(): ViewedFile {
    return { bytes: this.bytes, mode: this.#mode };
  }

  /** Remembers how it is now; what is given back takes it there again. */
  checkpoint(): () => void {
    const [text, mode, splices, made] = [this.#text, this.#mode, this.#splices, this.#made];
    return () => {
      this.#made = made;
      this.#text = text;
      this.#mode = mode;
      this.#splices = splices;
    };
  }

  /** Makes a change, or says in a clause why not. Offsets are those of the text on the disk. */
  edit({ at, of, path, preferred, change, ifScalar }: DocumentEdit): string | undefined {
    if (at.kind !== "file") return "it stands in no file";
    if (sealed.test(this.#text)) return sealedWhy;
    const offset = this.#splices.reduce(moved, at.offset);
    return this.#take(this.#editor.edit(this.#text, { offset, of, path, preferred, change, ifScalar }));
  }

  /** The same for a value where it stands, and for lines. */
  editLines(edit: LineEdit): string | undefined {
    const { at } = edit;
    if (at.kind !== "file" || at.whole === true) return "where it stands in the file is not known";
    if (sealed.test(this.#text)) return sealedWhy;
    const key = JSON.stringify([at.offset, edit.kind === "value" ? [edit.pattern.source, edit.value] : edit.lines]);
    if (this.#made.has(key)) return undefined;
    const offset = this.#splices.reduce(moved, at.offset);
    const path = this.at.path;
    const refused = this.#take(
      edit.kind === "value" ? changeValue(path, this.#text, offset, edit) : addLines(path, this.#text, offset, edit),
    );
    if (refused === undefined) this.#made = new Set([...this.#made, key]);
    return refused;
  }

  #take(result: EditedText | Refusal): string | undefined {
    if ("why" in result) return result.why;
    this.#text = result.text;
    if (result.splice !== undefined) this.#splices = [...this.#splices, result.splice];
    return undefined;
  }

  /** Whether the mapping that an edit is made to has a key of its own. */
  hasKey({ at, of }: DocumentEdit, key: string): boolean {
    return at.kind === "file" && yamlHasKey(this.#text, { offset: this.#splices.reduce(moved, at.offset), of }, key);
  }

  /** Adds a line at the end, or before everything that is no comment, unless it is there. */
  addLine(line: string, first = false): string | undefined {
    if (sealed.test(this.#text)) return sealedWhy;
    const lines = this.#text.split(/\r?\n/);
    if (lines.includes(line)) return undefined;
    if (first) return this.#take(addFirst(this.at.path, this.#text, line));
    const eol = this.#text.includes("\r\n") ? "\r\n" : "\n";
    const between = this.#text === "" || this.#text.endsWith("\n") ? "" : eol;
    this.#text += between + line + eol;
    return undefined;
  }

  setMode(mode: number): void {
    this.#mode = mode;
  }
}

/** Where an offset lies after a splice. */
function moved(offset: number, { at, removed, inserted }: Splice): number {
  return offset >= at + removed ? offset + inserted.length - removed : offset;
}
