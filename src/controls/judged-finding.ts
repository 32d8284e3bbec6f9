import type { Control } from "../contracts/control.ts";
import type { Finding, Judgement, Mending, PathStep, Ring, Severity, Waiver } from "../contracts/verdict.ts";
import type { Exposure } from "../facts/reach.ts";
import type { AnySubject, Lens, PlatformName, Ref } from "../facts/subjects.ts";
import type { Place } from "../lib/place.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { judging, type Situation, severityWhy } from "./severity.ts";

const noPath: readonly PathStep[] = [];
const noIncludes: readonly Finding[] = [];

/** What the evaluator adds to a judgement. */
export interface FindingContext {
  /** The judgement's, one text for all findings that say the same. */
  readonly message: string;
  /** The judgement's own, or that of a stack of Swarm, where there is one. */
  readonly remedy: string | undefined;
  readonly severity: Severity;
  readonly place: Place;
  readonly situation: Situation | undefined;
  readonly waiver: Waiver | undefined;
  /** Given when the subject's ref alone does not tell it apart. */
  readonly file: string | undefined;
  /** What stands for the system's name in the fingerprint, where that is not its name. */
  readonly system: string | undefined;
  /** What `check --fix` would do. */
  readonly mending: Mending | undefined;
  /** Keeps that beside whether there is something. */
  readonly keepMending: boolean;
}

/**
 * A finding of a control. There may be a hundred thousand of them, so what most reports do not show is made when it is
 * asked for, and what the control says is left with the control.
 */
export class JudgedFinding implements Finding {
  readonly severity: Severity;
  readonly verdict: "fail" | "unknown";
  readonly lens: Lens;
  readonly platform: PlatformName;
  readonly subject: Ref;
  readonly message: string;
  readonly exposure?: Exposure;
  readonly place: Place;
  readonly fixable: boolean;
  readonly apart?: string;
  readonly fix?: Mending;
  readonly #control: Control;
  readonly #situation: Situation | undefined;
  readonly #base: Severity;
  readonly #settled: boolean;
  readonly #remedy: string | undefined;
  readonly #detail: string | undefined;
  readonly #file: string | undefined;
  readonly #system: string | undefined;
  #waiver: Waiver | undefined;
  #includes: readonly Finding[] = noIncludes;

  constructor(control: Control, subject: AnySubject, judgement: Judgement, context: FindingContext) {
    this.severity = context.severity;
    this.verdict = judgement.verdict === "fail" ? "fail" : "unknown";
    this.lens = subject.lens;
    this.platform = subject.platform;
    this.subject = subject.ref;
    this.message = context.message;
    if (context.situation !== undefined) this.exposure = context.situation.exposure;
    this.place = context.place;
    if (judgement.apart !== undefined) this.apart = judgement.apart;
    this.fixable = context.mending !== undefined;
    if (context.keepMending && context.mending !== undefined) this.fix = context.mending;
    this.#waiver = context.waiver;
    this.#control = control;
    this.#situation = context.situation;
    this.#base = judgement.severity ?? control.severity;
    this.#settled = judgement.settled === true;
    this.#remedy = context.remedy;
    this.#detail = judgement.detail;
    this.#file = context.file;
    this.#system = context.system;
  }

  get control(): string {
    return this.#control.id;
  }

  get ring(): Ring {
    return this.#control.ring;
  }

  get title(): string {
    return this.#control.title;
  }

  get remedy(): string {
    return this.#remedy ?? this.#control.remedies?.[this.platform] ?? this.#control.remedy;
  }

  get waiver(): Waiver | undefined {
    return this.#waiver;
  }

  get includes(): readonly Finding[] {
    return this.#includes;
  }

  /** Accepts it because what it hangs on was accepted. */
  waive(waiver: Waiver): void {
    this.#waiver = waiver;
  }

  /** Tells these with it. */
  include(parts: readonly Finding[]): void {
    this.#includes = parts;
  }

  get path(): readonly PathStep[] {
    return this.#situation?.path ?? noPath;
  }

  get severityWhy(): string {
    return severityWhy(this.#base, judging(this.#control, { settled: this.#settled }), this.#situation, this.verdict);
  }

  get fingerprint(): string {
    const subject = this.#system === undefined ? this.subject : { ...this.subject, system: this.#system };
    return fingerprintOf(this.control, subject, this.#detail ?? "", this.#file);
  }
}
