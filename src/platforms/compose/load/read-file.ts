import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import type { FileFailure } from "../../../repository/file-failure.ts";
import type { TextFile } from "../../../repository/files.ts";
import { collectResets, noResets } from "./resets.ts";
import { limits, type Session } from "./session.ts";
import { parseComposeText } from "./templated-text.ts";

/** One document of a Compose file, as written. */
export interface ComposeDocument {
  readonly root: MappingNode;
  /** Where `!reset` and `!override` stood. */
  readonly resets: readonly (readonly string[])[];
}

export interface ComposeFile {
  readonly path: string;
  readonly documents: readonly ComposeDocument[];
}

/**
 * Reads and parses one Compose file. What is wrong with the text is reported; undefined when nothing of it can be used.
 * `from` is where another file names it, undefined for one that the project begins with.
 */
export function readComposeFile(path: string, session: Session, from: Place | undefined): ComposeFile | undefined {
  const known = session.parsed.get(path);
  if (known !== undefined) return known;
  if (session.composeFiles.size >= limits.files && from !== undefined) {
    session.error(`This project has more than ${limits.files} files; ${path} is not read.`, from);
    return undefined;
  }
  const file = session.files.read(path);
  if (!file.ok) {
    session.failedFiles++;
    session.error(file.message, from ?? { kind: "nowhere", why: "the file was not read" }, hintFor(file));
    return undefined;
  }
  session.composeFiles.set(file.path, file.source);
  const result = parsed(file, session);
  if (result !== undefined) session.parsed.set(path, result);
  return result;
}

function parsed(file: TextFile, session: Session): ComposeFile | undefined {
  const yaml = parseComposeText(file);
  for (const problem of yaml.problems) session.report(problem);
  const documents: ComposeDocument[] = [];
  for (const tree of yaml.documents) {
    const { tree: root, paths } = yaml.tagged ? collectResets(tree) : { tree, paths: noResets };
    if (root.kind === "mapping") documents.push({ root, resets: paths });
    else if (yaml.problems.length === 0) refuseRoot(root, yaml.documents.length, session);
  }
  return documents.length === 0 && yaml.problems.length > 0 ? undefined : { path: file.path, documents };
}

function refuseRoot(root: TreeNode, documents: number, session: Session): void {
  if (root.kind === "scalar" && root.value === null) {
    if (documents > 1)
      session.error("Nothing stands between this `---` and the next; Compose refuses an empty document.", root.place);
    return;
  }
  const found = root.kind === "sequence" ? "a list" : "a single value";
  session.error(`A Compose file is a mapping with \`services:\`; this is ${found}.`, root.place);
}

function hintFor(failure: FileFailure): string | undefined {
  return failure.reason === "outside" || failure.reason === "link"
    ? "Check the folder that holds all files of the project."
    : undefined;
}
