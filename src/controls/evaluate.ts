import type { Control } from "../contracts/control.ts";
import type { DeclaredException } from "../contracts/resolved.ts";
import {
  compareSeverity,
  type Finding,
  type Judgement,
  type Mending,
  type Severity,
  type Verdict,
  type VerdictKind,
} from "../contracts/verdict.ts";
import { knownValue } from "../facts/fact.ts";
import type { AnySubject, Ref, RepositoryFile, Workload } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { type AcceptanceOptions, AcceptedRisks } from "./accepted-risks.ts";
import { AskedControls, type Judging } from "./asked-controls.ts";
import { exceptionFindings, inputFindings, unusedFindings } from "./evaluate-reserved.ts";
import { Folding } from "./fold.ts";
import { JudgedFinding } from "./judged-finding.ts";
import { situationAt, situationFor } from "./own-way.ts";
import { termsOf } from "./profile.ts";
import { ranked } from "./rank.ts";
import { exceptionControl, inputControl, reservedControls } from "./reserved.ts";
import { judging, type Situation, severityOf, situationOf } from "./severity.ts";
import { counterOf, itemsOf, noTally, noteItems, sumOfTallies, type Tally, worstVerdict } from "./tally.ts";
import { Unresolved } from "./unresolved.ts";
import type { WrittenException } from "./waivers.ts";

export interface EvaluationOptions extends AcceptanceOptions {
  /** True for the stack that the user declared: there an unknown counts as a fail does. */
  readonly ownStack: boolean;
  /** Keeps with each finding what `check --fix` would do about it. Default false. */
  readonly keepMendings?: boolean;
  /** Keeps every verdict, passes too: one for each control and subject. Default false. */
  readonly keepVerdicts?: boolean;
}

/** The tally over every control. */
export interface EvaluationCounts extends Tally {
  readonly subjects: number;
  readonly controls: number;
}

/** A control that threw: a bug of Ringwall's, to be reported, that ends the command with 4. */
export interface InternalError {
  readonly control: string;
  readonly subject: Ref;
  readonly error: unknown;
}

export interface Evaluation {
  /** Ranked; waived ones come last and carry their waiver. */
  readonly findings: readonly Finding[];
  /** The findings of each control, in rank order, the control with the worst finding first. */
  readonly groups: ReadonlyMap<string, readonly Finding[]>;
  readonly counts: EvaluationCounts;
  /** The tally of each control that judged something. */
  readonly tallies: ReadonlyMap<string, Tally>;
  /** Empty unless `keepVerdicts`. */
  readonly verdicts: readonly Verdict[];
  readonly internalErrors: readonly InternalError[];
  /** The exceptions that hold. */
  readonly exceptions: readonly WrittenException[];
}

/** Judges every subject of every system by every control made for its kind. Pure but for the clock handed in. */
export function evaluate(
  systems: readonly System[],
  controls: readonly Control[],
  options: EvaluationOptions,
): Evaluation {
  const evaluator = new Evaluator(controls, options, repeatedNames(systems));
  for (const system of systems) evaluator.add(system);
  return evaluator.finish();
}

/**
 * The findings that make the exit code 1: not waived, at or above `failOn`, unknown ones where those count: in a stack of
 * one's own, in profile `strict`, and what could not be read at all (`input`): whoever trusts the exit code must not
 * take a file that nobody judged for one that holds.
 */
export function findingsThatCount(
  evaluation: Pick<Evaluation, "findings">,
  failOn: Severity,
  options: Pick<EvaluationOptions, "profile" | "ownStack">,
): readonly Finding[] {
  const unknownCounts = options.ownStack || termsOf(options.profile).unknownCounts;
  return evaluation.findings.filter(
    (finding) =>
      finding.waiver === undefined &&
      (finding.verdict === "fail" ||
        unknownCounts ||
        finding.lens === "declared" ||
        finding.control === inputControl.id) &&
      compareSeverity(finding.severity, failOn) >= 0,
  );
}

/**
 * Judges systems as they come, so that each can be dropped before the next is read. Waivers may be added to
 * `options.inlineWaivers` until the system that they stand in is added.
 */
export class Evaluator {
  readonly #options: EvaluationOptions;
  readonly #controlCount: number;
  readonly #asked: AskedControls;
  readonly #accepted: AcceptedRisks;
  readonly #repeated: ReadonlySet<string>;
  readonly #inFingerprints = new Map<string, string>();
  #last: Surroundings | undefined;
  /** Of the system that is added. */
  #folder: string | undefined;
  readonly #findings: Finding[] = [];
  readonly #folding: Folding;
  readonly #unresolved = new Unresolved();
  /** Each message once: most say the same of many subjects. */
  readonly #messages = new Map<string, string>();
  readonly #verdicts: Verdict[] = [];
  readonly #errors: InternalError[] = [];
  #first: System | undefined;
  #subjects = 0;
  /** Those of the reserved controls, and in the end of all. */
  readonly #tallies = new Map<string, Tally>();

  /** `repeated`: names that several of the systems have; none where the reader tells them apart. */
  constructor(controls: readonly Control[], options: EvaluationOptions, repeated: ReadonlySet<string> = new Set()) {
    this.#options = options;
    this.#controlCount = controls.length;
    this.#repeated = repeated;
    this.#asked = new AskedControls(controls, options.keepVerdicts === true);
    this.#accepted = new AcceptedRisks(controls, options);
    this.#folding = new Folding(controls);
  }

  /** Accepts further risks, for the systems that are added from now on. */
  except(exceptions: readonly DeclaredException[]): void {
    this.#accepted.add(exceptions);
  }

  /**
   * `inFingerprints` stands for the system's name where another clone may give it another, `folder` is the one of the
   * folders that it was found in, where its places do not tell.
   */
  add(system: System, inFingerprints = system.name, folder?: string): void {
    this.#folder = folder;
    if (inFingerprints !== system.name) this.#inFingerprints.set(system.name, inFingerprints);
    this.#first ??= system;
    this.#subjects += system.subjects.length;
    const from = this.#findings.length;
    this.#accepted.see(system);
    this.#judgeSystem(system);
    this.#tellOnce(this.#folding.fold(), from);
    this.#tellCauses(from);
    for (const finding of inputFindings(system)) this.#record(finding);
    this.#folder = undefined;
  }

  /** What was found in all of them. Call it once, when no further system comes. */
  finish(): Evaluation {
    const { written } = this.#accepted;
    const whyInvalid = (each: WrittenException) => this.#accepted.whyInvalid(each);
    const meant = (control: string) => this.#accepted.meantBy(control);
    for (const finding of exceptionFindings(written, whyInvalid, meant, this.#first)) this.#record(finding);
    for (const [control, tally] of this.#asked.tallies()) this.#tallies.set(control, tally);
    const unused = this.#accepted.unused((control) => this.#hasJudged(control));
    for (const finding of unusedFindings(unused, this.#first)) this.#record(finding);
    const findings = ranked(this.#findings);
    return {
      findings,
      groups: Map.groupBy(findings, (finding) => finding.control),
      counts: { ...sumOfTallies(this.#tallies.values()), subjects: this.#subjects, controls: this.#controlCount },
      tallies: this.#tallies,
      verdicts: this.#verdicts,
      internalErrors: this.#errors,
      exceptions: written.filter((exception) => this.#accepted.holds(exception)),
    };
  }

  /** Whether a control had anything to say; the reserved ones always have. */
  #hasJudged(control: string): boolean {
    if (reservedControls.some(({ id }) => id === control)) return true;
    const { passed, failed, unknown, waived } = this.#tallies.get(control) ?? noTally;
    return passed + failed + unknown + waived > 0;
  }

  /** What cannot be told of a workload for one reason becomes one finding; the tallies keep what was judged. */
  #tellCauses(from: number): void {
    const causes = this.#unresolved.collapse((whole) => this.#fileOf(whole));
    if (causes.length === 0) return;
    this.#tellOnce(new Set(causes.flatMap((cause) => cause.all)), from);
    for (const cause of causes) {
      cause.waiver = this.#accepted.waiverFor(cause.control, cause.subject, undefined, cause.place, this.#folder);
      this.#findings.push(cause);
    }
  }

  /** Takes away findings that another tells with it; those before `from` are of other systems. */
  #tellOnce(told: ReadonlySet<Finding>, from: number): void {
    if (told.size === 0) return;
    for (const finding of this.#findings.splice(from)) if (!told.has(finding)) this.#findings.push(finding);
  }

  #judgeSystem(system: System): void {
    this.#last = undefined;
    for (const kind of this.#asked.kinds) {
      for (const subject of system.all(kind)) this.#judgeSubject(subject, this.#asked.of(kind, subject), system);
    }
  }

  /** Asks each control. Most answers are one judgement that holds, of which nothing but the count is kept. */
  #judgeSubject(subject: AnySubject, asked: readonly Judging[], system: System): void {
    const keepsAll = this.#options.keepVerdicts === true;
    for (const judging of asked) {
      const answer = this.#ask(judging, subject, system);
      const isPlain = "verdict" in answer && answer.items === undefined && !keepsAll;
      const verdict = isPlain ? answer.verdict : undefined;
      if (verdict === "not-applicable") judging.tally.notApplicable++;
      else if (verdict === "pass") judging.tally.passed++;
      else this.#take(judging, "verdict" in answer ? [answer] : answer, subject, system);
    }
  }

  /** What the control answers; a control that throws, or judges nothing, is unknown and reported. */
  #ask({ control, check }: Judging, subject: AnySubject, system: System): Judgement | readonly Judgement[] {
    try {
      const answer = check(subject, system);
      if (!("verdict" in answer) && answer.length === 0) throw new Error(`${control.id} judged nothing.`);
      return answer;
    } catch (error) {
      this.#errors.push({ control: control.id, subject: subject.ref, error });
      return { verdict: "unknown", message: "The control failed with an internal error, so nothing is known." };
    }
  }

  /** Counts what a control answered, and makes a finding of each judgement that does not hold. */
  #take({ control, tally }: Judging, judgements: readonly Judgement[], subject: AnySubject, system: System): void {
    let waived = true;
    for (const judgement of judgements) {
      if (judgement.verdict !== "fail" && judgement.verdict !== "unknown") continue;
      const finding = this.#finding(control, subject, judgement, system);
      if (finding.waiver === undefined) waived = false;
      this.#findings.push(finding);
    }
    const verdict = worstVerdict(judgements);
    const counter = counterOf(verdict, waived);
    tally[counter]++;
    const items = itemsOf(judgements, control.frameworks);
    if (items !== undefined) noteItems(tally, items, control.frameworks, counter);
    if (this.#options.keepVerdicts === true) this.#keep(control.id, subject, system, verdict, judgements);
  }

  #finding(control: Control, subject: AnySubject, judgement: Judgement, system: System): Finding {
    const { workload, situation: whole } = this.#surroundingsOf(subject, system);
    const { ports } = judgement;
    const situation =
      ports === undefined || workload === undefined || whole === undefined
        ? whole
        : situationAt(ports, workload, whole, system);
    const severity = severityOf(
      judgement.severity ?? control.severity,
      judging(control, judgement),
      situation,
      judgement.verdict,
    );
    const place = judgement.place ?? subject.place;
    const inSwarm = workload?.compose?.swarm === undefined ? undefined : control.remedies?.swarm;
    const finding = new JudgedFinding(control, subject, judgement, {
      message: this.#oneOf(judgement.message),
      remedy: judgement.remedy === undefined ? inSwarm : this.#oneOf(judgement.remedy),
      severity,
      place,
      situation,
      waiver: this.#accepted.waiverFor(control.id, subject.ref, workload?.ref, place, this.#folder),
      file: this.#fileOf(subject),
      system: this.#inFingerprints.get(subject.ref.system),
      mending: mendingOf(control, subject, judgement, system),
      keepMending: this.#options.keepMendings === true,
    });
    this.#folding.note(control, finding, workload, ports ?? portOf(subject));
    if (judgement.verdict === "unknown")
      this.#unresolved.note(finding, judgement.because, workload ?? looseFile(subject, system));
    return finding;
  }

  #oneOf(message: string): string {
    const known = this.#messages.get(message);
    if (known === undefined) this.#messages.set(message, message);
    return known ?? message;
  }

  /** The workload that a subject belongs to and how it stands; kept for the controls that come next to the subject. */
  #surroundingsOf(subject: AnySubject, system: System): Surroundings {
    if (this.#last?.subject === subject) return this.#last;
    const workload = system.workloadOf(subject);
    const situation = workload === undefined ? undefined : situationFor(subject, situationOf(workload, system), system);
    this.#last = { subject, workload, situation };
    return this.#last;
  }

  #fileOf(subject: AnySubject): string | undefined {
    if (!this.#repeated.has(subject.ref.system) || subject.place.kind !== "file") return undefined;
    return subject.place.source.path;
  }

  /** Records a finding of a reserved control, which no subject was judged for. No exception hides a bad exception. */
  #record(finding: Finding): void {
    const held =
      finding.control === exceptionControl.id
        ? undefined
        : this.#accepted.waiverFor(finding.control, finding.subject, undefined, finding.place, this.#folder);
    this.#findings.push(held === undefined ? finding : { ...finding, waiver: held });
    this.#count(finding.control, finding.verdict, held !== undefined);
  }

  /** Counts what a reserved control tells. */
  #count(control: string, verdict: VerdictKind, waived: boolean): void {
    const tally = { ...(this.#tallies.get(control) ?? noTally) };
    tally[counterOf(verdict, waived)]++;
    this.#tallies.set(control, tally);
  }

  #keep(
    control: string,
    subject: AnySubject,
    system: System,
    verdict: VerdictKind,
    judgements: readonly Judgement[],
  ): void {
    this.#verdicts.push({
      control,
      subject: subject.ref,
      lens: system.lens,
      verdict,
      evidence: judgements.filter((each) => each.verdict === verdict).map((each) => each.message),
      at: this.#options.today.toISOString(),
    });
  }
}

interface Surroundings {
  readonly subject: AnySubject;
  readonly workload: Workload | undefined;
  readonly situation: Situation | undefined;
}

/** The port of a listener, which is what everything said of it is about; undefined where it stands for more. */
function portOf(subject: AnySubject): readonly number[] | undefined {
  if (subject.kind !== "listener" || subject.publishedRange?.stands === true) return undefined;
  const port = knownValue(subject.port);
  return port === undefined ? undefined : [port];
}

/** What `check --fix` would do about a judgement. Only what somebody wrote can be mended where it is written. */
function mendingOf({ fix }: Control, subject: AnySubject, judgement: Judgement, system: System): Mending | undefined {
  if (fix === undefined || judgement.verdict !== "fail" || subject.lens !== "written") return undefined;
  const edits = fix.edits(subject, system, judgement);
  if (edits === undefined) return undefined;
  return { edits, subject: subject.place, changesBehaviour: fix.changesBehaviour, onlyNamed: fix.onlyNamed === true };
}

/** Names that several systems under the same lens have, so that refs alone do not tell their subjects apart. */
function repeatedNames(systems: readonly System[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const system of systems) {
    const key = `${system.lens} ${system.name}`;
    if (seen.has(key)) repeated.add(system.name);
    seen.add(key);
  }
  return repeated;
}

/** The configuration file that a system consists of, where no workload is seen to use it. */
function looseFile(subject: AnySubject, system: System): RepositoryFile | undefined {
  if (system.platform !== "files" || system.all("workload").length > 0) return undefined;
  if (subject.kind === "repository-file") return subject.configuration === undefined ? undefined : subject;
  const files = system.all("repository-file").filter(({ configuration }) => configuration !== undefined);
  return files.length === 1 ? files[0] : undefined;
}
