/**
 * What `check --fix` would do: the changes that mend findings, as they would stand in the files. Nothing is written here.
 *
 * Every change is made to a copy of its file, and what it would make of the whole is judged anew: a change stays only when
 * its finding is gone and nothing of medium severity or more came in its place. What does not stay is told with the reason.
 */
import { compareSeverity, type Finding, type Mending } from "../../contracts/verdict.ts";
import { changedFiles, type FolderView, type ViewedFile } from "../../repository/folder-view.ts";
import { type LocatedFiles, readOnDisk } from "./located-files.ts";
import { WorkingFile } from "./working-file.ts";

/** A finding with what mends it. */
export interface Mended {
  readonly finding: Finding;
  readonly mending: Mending;
  /** The files that the change is in, as people name them. */
  readonly files: readonly string[];
}

export interface NotMended {
  readonly finding: Finding;
  /** A clause. */
  readonly why: string;
}

export interface FixPlan {
  /** The files that change, by name. */
  readonly files: readonly WorkingFile[];
  readonly mended: readonly Mended[];
  readonly notMended: readonly NotMended[];
}

/** What is found in the folders when they are seen through a view. */
export type Judge = (view: (folder: string) => FolderView | undefined) => Promise<readonly Finding[]>;

/** After so many rounds nothing is changed: each one leaves out what the one before showed to be wrong. */
const mostRounds = 5;

/**
 * Plans the mending of findings, those that others tell with them too. `findings` are all that were found; `wanted` picks
 * those that are to be mended, by what mends them.
 */
export async function planFixes(
  findings: readonly Finding[],
  wanted: (finding: Finding, mending: Mending) => boolean,
  files: LocatedFiles,
  judge: Judge,
): Promise<FixPlan> {
  const before = flat(findings);
  let candidates = before.filter((finding) => isWanted(finding, wanted));
  const notMended: NotMended[] = [];
  for (let round = 0; round < mostRounds; round++) {
    const draft = draftOf(candidates, files);
    const plan = { ...draft, notMended: [...notMended, ...draft.notMended] };
    if (draft.files.length === 0) return plan;
    const wrong = whatIsWrong(draft.mended, before, flat(await judge(viewOf(draft.files))));
    if (wrong.length === 0) return plan;
    notMended.push(...wrong);
    const out = new Set(wrong.map(({ finding }) => finding));
    candidates = candidates.filter((finding) => !out.has(finding));
  }
  const given = candidates.map((finding) => ({ finding, why: "what it changes could not be told from other changes" }));
  return { files: [], mended: [], notMended: [...notMended, ...given] };
}

/** Every finding by itself, also those that are told with another. */
function flat(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => [finding, ...(finding.includes ?? [])]);
}

function isWanted(finding: Finding, wanted: (finding: Finding, mending: Mending) => boolean): boolean {
  return finding.waiver === undefined && finding.fix !== undefined && wanted(finding, finding.fix);
}

function draftOf(candidates: readonly Finding[], located: LocatedFiles): FixPlan {
  const drafts = new Drafts(located);
  const mended: Mended[] = [];
  const notMended: NotMended[] = [];
  for (const finding of candidates) {
    const mending = finding.fix;
    if (mending === undefined) continue;
    const answer = drafts.make(mending);
    if (typeof answer === "string") notMended.push({ finding, why: answer });
    else mended.push({ finding, mending, files: answer });
  }
  return { files: drafts.changed, mended, notMended };
}

/** The copies of files that changes are made to. */
class Drafts {
  readonly #located: LocatedFiles;
  readonly #files = new Map<string, WorkingFile>();

  constructor(located: LocatedFiles) {
    this.#located = located;
  }

  get changed(): readonly WorkingFile[] {
    return [...this.#files.values()].filter((file) => file.changed).sort((a, b) => (a.at.shown < b.at.shown ? -1 : 1));
  }

  /** Makes every edit of a mending, or none, with the reason as a clause. Gives the names of the files. */
  make(mending: Mending): readonly string[] | string {
    const undo: (() => void)[] = [];
    const files = new Set<string>();
    for (const edit of mending.edits) {
      const file = this.#fileOf(edit);
      if (typeof file === "string") return undoing(undo, file);
      undo.push(file.checkpoint());
      files.add(file.at.shown);
      const refused = makeEdit(file, edit);
      if (refused !== undefined) return undoing(undo, refused);
    }
    return [...files];
  }

  #fileOf(edit: Mending["edits"][number]): WorkingFile | string {
    const named = edit.kind === "document" ? (edit.at.kind === "file" ? edit.at.source.path : "") : edit.file;
    const found = this.#located.locate(named);
    if (found === undefined) return "it stands in no file of the folder that is checked";
    const at = edit.kind === "ignore" ? this.#located.ignoreFileFor(found) : found;
    const known = this.#files.get(at.shown);
    if (known !== undefined) return known;
    const onDisk = readOnDisk(at);
    if (onDisk !== undefined && "why" in onDisk) return onDisk.why;
    if (onDisk === undefined && edit.kind !== "ignore") return "its file is gone";
    const file = new WorkingFile(at, onDisk);
    this.#files.set(at.shown, file);
    return file;
  }
}

function undoing(undo: readonly (() => void)[], why: string): string {
  for (const back of undo.toReversed()) back();
  return why;
}

function makeEdit(file: WorkingFile, edit: Mending["edits"][number]): string | undefined {
  switch (edit.kind) {
    case "document":
      return file.edit(edit);
    case "mode":
      file.setMode(edit.mode);
      return undefined;
    case "ignore": {
      const line = ignoreLine(edit.file, file.at.shown);
      if (line === undefined) return "its name has a line break";
      file.addLine(line);
      return undefined;
    }
  }
}

/** How a `.gitignore` names one file: from its own folder on, with what would mean something else taken for itself. */
function ignoreLine(named: string, ignoreFile: string): string | undefined {
  const path = named.slice(ignoreFile.length - ".gitignore".length);
  return /[\r\n]/.test(path) ? undefined : `/${path.replace(/[\\*?[\]!# ]/g, "\\$&")}`;
}

function viewOf(files: readonly WorkingFile[]): (folder: string) => FolderView | undefined {
  return (folder) => {
    const own = files.filter(({ at }) => at.folder === folder || at.folder.startsWith(`${folder}/`));
    const prefix = (file: WorkingFile) =>
      file.at.folder === folder ? "" : `${file.at.folder.slice(folder.length + 1)}/`;
    const views = new Map<string, ViewedFile>(own.map((file) => [`${prefix(file)}${file.at.path}`, file.view]));
    return views.size === 0 ? undefined : changedFiles(views);
  };
}

/** The changes that did not mend, or that something else came of. */
function whatIsWrong(
  mended: readonly Mended[],
  before: readonly Finding[],
  after: readonly Finding[],
): readonly NotMended[] {
  const had = countOf(before);
  const has = countOf(after);
  const gone = countOf(mended.map(({ finding }) => finding));
  const still = mended.filter(({ finding: { fingerprint } }) => {
    const expected = (had.get(fingerprint) ?? 0) - (gone.get(fingerprint) ?? 0);
    return (has.get(fingerprint) ?? 0) > expected;
  });
  if (still.length > 0) return still.map(({ finding }) => ({ finding, why: "it would still be found afterwards" }));
  const come = after.filter((finding) => isNew(finding, before, had, has));
  return come.flatMap((finding) => culpritsOf(finding, mended));
}

function isNew(
  finding: Finding,
  before: readonly Finding[],
  had: ReadonlyMap<string, number>,
  has: ReadonlyMap<string, number>,
): boolean {
  const { fingerprint, severity, waiver } = finding;
  if (waiver !== undefined || compareSeverity(severity, "medium") < 0) return false;
  if ((has.get(fingerprint) ?? 0) > (had.get(fingerprint) ?? 0)) return true;
  return before.every((old) => old.fingerprint !== fingerprint || compareSeverity(old.severity, severity) < 0);
}

/** The changes to the file, or else to the system, of what came; all of them where neither tells. */
function culpritsOf(come: Finding, mended: readonly Mended[]): readonly NotMended[] {
  const file = come.place.kind === "file" ? come.place.source.path : "";
  const inFile = mended.filter(({ files }) => files.includes(file));
  const inSystem = mended.filter(({ finding }) => finding.subject.system === come.subject.system);
  const culprits = inFile.length > 0 ? inFile : inSystem.length > 0 ? inSystem : mended;
  return culprits.map(({ finding }) => ({ finding, why: `${come.control} would be found instead` }));
}

function countOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { fingerprint } of findings) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  return counts;
}
