import { compareSeverity, type Finding, type PathStep, severities } from "../contracts/verdict.ts";
import type { RepositoryFile, Workload } from "../facts/subjects.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { JudgedFinding } from "./judged-finding.ts";
import { unresolvedControl } from "./reserved.ts";

/** From so many controls on that cannot be told of one workload or file for one reason, the reason is told instead. */
const fewestControls = 3;
/** From so many on where none of them is more than a remark: neither is looked for by itself. */
const fewestRemarks = 2;

/** As much as is told of a file that nobody is seen to use: a part of something, most often, whose rest lies elsewhere. */
const mostOfFile: Finding["severity"] = "medium";

/** What is told whole: a workload, or the configuration file that nobody here is seen to use. */
export type Whole = Workload | RepositoryFile;

/** What cannot be told of one of them for one reason. */
interface Cause {
  readonly whole: Whole;
  readonly because: string;
  readonly findings: JudgedFinding[];
}

/**
 * Unknown findings of one system that have one cause: a file that a service extends and that is not there, a variable
 * that is set nowhere, what an `Include` names. Sixty findings with the same clause are one thing to mend, and bury what is known.
 */
export class Unresolved {
  readonly #causes = new Map<string, Cause>();

  note(finding: JudgedFinding, because: string | undefined, whole: Whole | undefined): void {
    if (because === undefined || whole === undefined || finding.waiver !== undefined) return;
    const key = `${whole.ref.name}\0${because}`;
    const cause = this.#causes.get(key);
    if (cause === undefined) this.#causes.set(key, { whole, because, findings: [finding] });
    else cause.findings.push(finding);
  }

  /**
   * One finding for each cause of many since the last call; each tells those that it stands for. `fileOf` gives the file
   * where its name alone does not tell it apart.
   */
  collapse(fileOf: (whole: Whole) => string | undefined): readonly UnresolvedFinding[] {
    const causes = [...this.#causes.values()].filter(isToldOnce);
    this.#causes.clear();
    return causes.map((cause) => new UnresolvedFinding(cause, fileOf(cause.whole)));
  }
}

function isToldOnce({ findings }: Cause): boolean {
  const fewest = findings.every(({ severity }) => severity === "info") ? fewestRemarks : fewestControls;
  return new Set(findings.map(({ control }) => control)).size >= fewest;
}

/** What of a workload or file cannot be told for one reason, as severe as the worst of it. */
export class UnresolvedFinding implements Finding {
  readonly control = unresolvedControl.id;
  readonly ring = unresolvedControl.ring;
  readonly title = unresolvedControl.title;
  readonly verdict = "unknown";
  readonly remedy = unresolvedControl.remedy;
  readonly fixable = false;
  readonly severity: Finding["severity"];
  readonly lens: Finding["lens"];
  readonly subject: Finding["subject"];
  readonly message: string;
  readonly exposure?: Exclude<Finding["exposure"], undefined>;
  readonly place: Finding["place"];
  readonly fingerprint: string;
  waiver: Finding["waiver"];
  /** One for each control, the worst first. */
  readonly includes: readonly JudgedFinding[];
  /** Every finding that it stands for. */
  readonly all: readonly JudgedFinding[];
  readonly #worst: JudgedFinding;
  readonly #isCapped: boolean;

  constructor({ whole, because, findings }: Cause, file: string | undefined) {
    const byControl = new Map<string, JudgedFinding>();
    for (const finding of findings) if (!byControl.has(finding.control)) byControl.set(finding.control, finding);
    this.all = findings;
    this.includes = [...byControl.values()].sort((a, b) => compareSeverity(b.severity, a.severity));
    this.#worst = this.includes[0] as JudgedFinding;
    this.#isCapped = whole.kind === "repository-file" && compareSeverity(this.#worst.severity, mostOfFile) > 0;
    this.severity = this.#isCapped ? mostOfFile : this.#worst.severity;
    this.lens = whole.lens;
    this.subject = whole.ref;
    this.message = `${this.includes.length} checks cannot be told: ${because}`;
    if (this.#worst.exposure !== undefined) this.exposure = this.#worst.exposure;
    this.place = samePlace(findings) ?? whole.place;
    this.fingerprint = fingerprintOf(this.control, whole.ref, because, file);
  }

  get path(): readonly PathStep[] {
    return this.#worst.path;
  }

  get severityWhy(): string {
    if (this.#isCapped) return `${capital(this.severity)}, for no service here is seen to use the file.`;
    const index = severities.indexOf(this.severity);
    const alike = this.includes.filter(({ severity }) => severities.indexOf(severity) === index).length;
    return `${capital(this.severity)}, as the worst of them: ${this.#worst.control}${alike > 1 ? ` and ${alike - 1} more` : ""}.`;
  }
}

/** Where they all stand; undefined where they stand in several places. */
function samePlace(findings: readonly JudgedFinding[]): Finding["place"] | undefined {
  const [first] = findings;
  if (first?.place.kind !== "file") return undefined;
  const { source, offset } = first.place;
  const same = findings.every(
    ({ place }) => place.kind === "file" && place.source.path === source.path && place.offset === offset,
  );
  return same ? first.place : undefined;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
