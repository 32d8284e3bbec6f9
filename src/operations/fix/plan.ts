/**
 * What `check --fix` would do: the changes that mend findings, as they would stand in the files. Nothing is written here.
 *
 * Every change is made to a copy of its file, and what it would make of the whole is judged anew: a change stays only when
 * its finding is gone and nothing of medium severity or more came in its place. What does not stay is told with the reason.
 */
import { compareSeverity, type Finding, type Mending } from "../../contracts/verdict.ts";
import { changedFiles, type FolderView, type ViewedFile } from "../../repository/folder-view.ts";
import { isChartTemplate, type LocatedFiles, readOnDisk } from "./located-files.ts";
import { SharedSettings } from "./shared-settings.ts";
import { WorkingFile } from "./working-file.ts";
import { YamlEditor } from "./yaml-editor.ts";

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

interface Refused extends NotMended {
  readonly mending: Mending;
}

export interface FixPlan {
  /** The files that change, by name. */
  readonly files: readonly WorkingFile[];
  readonly mended: readonly Mended[];
  readonly notMended: readonly NotMended[];
}

/** After so many passes over what was in the way of something, nothing is changed. */
const mostPasses = 4;

/** So many times what cannot be made is tried again after others were. */
const mostRounds = 8;

/** What is found in the folders when they are seen through a view. */
export type Judge = (view: (folder: string) => FolderView | undefined) => Promise<readonly Finding[]>;

/**
 * Plans the mending of findings, those that others tell with them too. `findings` are all that were found; `wanted` picks
 * those that are to be mended, by what mends them. Where a change turns out to be wrong, those that may be to blame are
 * tried again control by control.
 */
export async function planFixes(
  findings: readonly Finding[],
  wanted: (finding: Finding, mending: Mending) => boolean,
  files: LocatedFiles,
  judge: Judge,
): Promise<FixPlan> {
  const before = flat(findings);
  const candidates = before.filter((finding) => isWanted(finding, wanted));
  const editor = new YamlEditor();
  const shared = new SharedSettings();
  const attempt = async (tried: ReadonlySet<Finding>): Promise<Attempt> => {
    const drafts = new Drafts(files, editor, shared);
    const draft = drafts.of(candidates.filter((finding) => tried.has(finding)));
    if (draft.files.length === 0) return { draft, after: before, wrong: [] };
    const after = flat(await judge(viewOf(draft.files)));
    return { draft, after, wrong: whatIsWrong(draft, before, after) };
  };
  let tried = await attempt(new Set(candidates));
  if (tried.wrong.length === 0) return planOf(tried, []);
  let waiting: ReadonlySet<Finding> = new Set();
  let kept: ReadonlySet<Finding> = new Set(candidates);
  // What is wrong with some hides what is wrong with others: what is kept is right by itself before anything is added.
  for (let pass = 0; tried.wrong.length > 0; pass++) {
    const wrong = pass < mostPasses ? findingsOf(tried.wrong) : kept;
    waiting = together(waiting, wrong);
    kept = without(kept, wrong);
    tried = await attempt(kept);
  }
  for (let pass = 0; pass < mostPasses; pass++) {
    const refused: NotMended[] = [];
    for (const group of Map.groupBy(waiting, ({ control }) => control).values()) {
      const settled = await settle(new Set(group), kept, attempt);
      kept = settled.kept;
      refused.push(...settled.refused);
    }
    const last = await attempt(kept);
    if (last.wrong.length > 0) break;
    const left = stillFound(refused, last.after);
    // What a service extends was mended meanwhile: what was in the way of the rest may be gone.
    if (left.length === 0 || left.length === waiting.size) return planOf(last, left);
    waiting = findingsOf(left);
  }
  return { files: [], mended: [], notMended: entangled(candidates) };
}

/** Adds to what is kept those of a group that nothing is wrong with. */
async function settle(
  group: ReadonlySet<Finding>,
  kept: ReadonlySet<Finding>,
  attempt: (tried: ReadonlySet<Finding>) => Promise<Attempt>,
): Promise<{ readonly kept: ReadonlySet<Finding>; readonly refused: readonly NotMended[] }> {
  const { wrong } = await attempt(together(kept, group));
  const rest = without(group, findingsOf(wrong));
  if (wrong.length === 0) return { kept: together(kept, rest), refused: [] };
  const good = rest.size > 0 && (await attempt(together(kept, rest))).wrong.length === 0;
  return good ? { kept: together(kept, rest), refused: wrong } : { kept, refused: [...wrong, ...entangled(rest)] };
}

function together(a: ReadonlySet<Finding>, b: ReadonlySet<Finding>): ReadonlySet<Finding> {
  return new Set([...a, ...b]);
}

function without(a: Iterable<Finding>, b: ReadonlySet<Finding>): ReadonlySet<Finding> {
  return new Set([...a].filter((finding) => !b.has(finding)));
}

function findingsOf(notMended: readonly NotMended[]): ReadonlySet<Finding> {
  return new Set(notMended.map(({ finding }) => finding));
}

function entangled(findings: Iterable<Finding>): readonly NotMended[] {
  return [...findings].map((finding) => ({ finding, why: "what comes of it could not be told from other changes" }));
}

/** Changes as they would stand in the files, what is found then, and which of them are wrong. */
interface Attempt {
  readonly draft: FixPlan;
  readonly after: readonly Finding[];
  readonly wrong: readonly NotMended[];
}

function planOf({ draft, after }: Attempt, notMended: readonly NotMended[]): FixPlan {
  return { ...draft, notMended: stillFound([...notMended, ...draft.notMended], after) };
}

/** What was not mended by itself may be by a change elsewhere, as of what a service extends. */
function stillFound(notMended: readonly NotMended[], after: readonly Finding[]): readonly NotMended[] {
  const has = countOf(after);
  return notMended.filter(({ finding }) => has.has(finding.fingerprint));
}

/** Every finding by itself, also those that are told with another. */
function flat(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => [finding, ...(finding.includes ?? [])]);
}

function isWanted(finding: Finding, wanted: (finding: Finding, mending: Mending) => boolean): boolean {
  return finding.waiver === undefined && finding.fix !== undefined && wanted(finding, finding.fix);
}

/** The copies of files that changes are made to. */
class Drafts {
  readonly #located: LocatedFiles;
  readonly #editor: YamlEditor;
  readonly #shared: SharedSettings;
  readonly #files = new Map<string, WorkingFile>();

  constructor(located: LocatedFiles, editor: YamlEditor, shared: SharedSettings) {
    this.#located = located;
    this.#editor = editor;
    this.#shared = shared;
  }

  /** The files with what mends these findings, as far as it can be made. */
  of(candidates: readonly Finding[]): FixPlan {
    const mended: Mended[] = [];
    let refused: readonly Refused[] = candidates.flatMap((finding) =>
      finding.fix === undefined ? [] : [{ finding, mending: finding.fix, why: "" }],
    );
    // What is in the way of one may be gone once another is made, as an anchor whose other uses say it themselves.
    for (let round = 0; round < mostRounds && refused.length > 0; round++) {
      const made = mended.length;
      const tried: readonly Refused[] = refused;
      refused = tried.flatMap(({ finding, mending }) => {
        const answer = this.#make(mending);
        if (typeof answer === "string") return [{ finding, mending, why: answer }];
        mended.push({ finding, mending, files: answer });
        return [];
      });
      if (mended.length === made) break;
    }
    const notMended = refused.map(({ finding, why }) => ({ finding, why }));
    const files = [...this.#files.values()].filter((file) => file.changed);
    return { files: files.sort((a, b) => (a.at.shown < b.at.shown ? -1 : 1)), mended, notMended };
  }

  /** Makes every edit of a mending, or none, with the reason as a clause. Gives the names of the files. */
  #make(mending: Mending): readonly string[] | string {
    const undo: (() => void)[] = [];
    const files = new Set<string>();
    for (const edit of mending.edits) {
      const file = this.#fileOf(edit);
      if (typeof file === "string") return undoing(undo, file);
      undo.push(file.checkpoint());
      files.add(file.at.shown);
      const refused = this.#shared.why(edit, file.at, mending.subject) ?? makeEdit(file, edit);
      if (refused !== undefined) return undoing(undo, refused);
    }
    return [...files];
  }

  #fileOf(edit: Mending["edits"][number]): WorkingFile | string {
    const named = "at" in edit ? (edit.at.kind === "file" ? edit.at.source.path : "") : edit.file;
    const found = this.#located.locate(named, edit.kind === "line");
    if (found === undefined) return "it stands in no file of the folder that is checked";
    const at = edit.kind === "ignore" ? this.#located.ignoreFileFor(found) : found;
    if (isChartTemplate(at)) return "Helm makes manifests of it: set a value of the chart instead";
    const known = this.#files.get(at.shown);
    if (known !== undefined) return known;
    const onDisk = readOnDisk(at);
    if (onDisk !== undefined && "why" in onDisk) return onDisk.why;
    if (onDisk === undefined && edit.kind !== "ignore" && edit.kind !== "line") return "its file is gone";
    const file = new WorkingFile(at, onDisk, this.#editor);
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
    case "value":
    case "lines":
      return file.editLines(edit);
    case "line":
      return file.addLine(edit.line, edit.first === true);
    case "mode":
      file.setMode(edit.mode);
      return undefined;
    case "ignore": {
      const line = ignoreLine(edit.file, file.at.shown);
      if (line === undefined) return "its name has a line break";
      return file.addLine(line);
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
function whatIsWrong(draft: FixPlan, before: readonly Finding[], after: readonly Finding[]): readonly NotMended[] {
  const { mended } = draft;
  const had = countOf(before);
  const has = countOf(after);
  const gone = countOf(mended.map(({ finding }) => finding));
  const still = mended.filter(({ finding: { fingerprint } }) => {
    const expected = (had.get(fingerprint) ?? 0) - (gone.get(fingerprint) ?? 0);
    return (has.get(fingerprint) ?? 0) > expected;
  });
  if (still.length > 0) return still.map(({ finding }) => ({ finding, why: "it would still be found afterwards" }));
  const worst = worstOf(before);
  const unread = newlyUnread(before, after);
  const come = after.filter((finding) => isUnreadIn(finding, unread) || isNew(finding, worst, had, has));
  return come.flatMap((finding) => culpritsOf(finding, draft));
}

function isNew(
  finding: Finding,
  worst: ReadonlyMap<string, Finding["severity"]>,
  had: ReadonlyMap<string, number>,
  has: ReadonlyMap<string, number>,
): boolean {
  const { severity, waiver } = finding;
  if (waiver !== undefined || compareSeverity(severity, "medium") < 0) return false;
  const { fingerprint } = finding;
  if ((has.get(fingerprint) ?? 0) > (had.get(fingerprint) ?? 0)) return true;
  const before = worst.get(fingerprint);
  return before === undefined || compareSeverity(before, severity) < 0;
}

/**
 * The files of which less can be read than before, whatever the severity. They are counted, for what is said of a file may
 * name a line, which moves.
 */
function newlyUnread(before: readonly Finding[], after: readonly Finding[]): ReadonlySet<string> {
  const had = Map.groupBy(before.filter(isInput), fileOf);
  const has = Map.groupBy(after.filter(isInput), fileOf);
  return new Set([...has].flatMap(([file, now]) => (now.length > (had.get(file)?.length ?? 0) ? [file] : [])));
}

function isUnreadIn(finding: Finding, files: ReadonlySet<string>): boolean {
  return isInput(finding) && files.has(fileOf(finding));
}

function isInput({ control }: Finding): boolean {
  return control === "input";
}

function fileOf({ place }: Finding): string {
  return place.kind === "file" ? place.source.path : "";
}

/** The highest severity of each fingerprint. */
function worstOf(findings: readonly Finding[]): ReadonlyMap<string, Finding["severity"]> {
  const worst = new Map<string, Finding["severity"]>();
  for (const { fingerprint, severity } of findings) {
    const known = worst.get(fingerprint);
    if (known === undefined || compareSeverity(severity, known) > 0) worst.set(fingerprint, severity);
  }
  return worst;
}

/**
 * The changes to the file, or else to the system, of what came; all of them where neither tells. Of these, first those to
 * what extends something else: Compose refuses a list that has an item twice, from there and of its own.
 */
function culpritsOf(come: Finding, { mended, files: changed }: FixPlan): readonly NotMended[] {
  const file = fileOf(come);
  const inFile = mended.filter(({ files }) => files.includes(file));
  const inSystem = mended.filter(({ finding }) => finding.subject.system === come.subject.system);
  const culprits = inFile.length > 0 ? inFile : inSystem.length > 0 ? inSystem : mended;
  const derived = culprits.filter(({ mending }) => mending.edits.some((edit) => extendsAnother(edit, changed)));
  return (derived.length > 0 ? derived : culprits).map(({ finding }) => ({
    finding,
    why: `${come.control} would be found instead: ${come.message}`,
  }));
}

function extendsAnother(edit: Mending["edits"][number], files: readonly WorkingFile[]): boolean {
  if (edit.kind !== "document" || edit.at.kind !== "file") return false;
  const { path } = edit.at.source;
  return files.find(({ at }) => at.shown === path)?.hasKey(edit, "extends") === true;
}

function countOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { fingerprint } of findings) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  return counts;
}
