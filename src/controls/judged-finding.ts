import type { Control } from "../contracts/control.ts";
import type { Finding, Judgement, PathStep, Ring, Severity, Waiver } from "../contracts/verdict.ts";
import type { Exposure } from "../facts/reach.ts";
import type { AnySubject, Lens, Ref } from "../facts/subjects.ts";
import type { Place } from "../lib/place.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Situation } from "./severity.ts";

const noPath: readonly PathStep[] = [];

/** What the evaluator adds to a judgement. */
export interface FindingContext {
  readonly severity: Severity;
  readonly severityWhy: string;
  readonly place: Place;
  readonly situation: Situation | undefined;
  readonly waiver: Waiver | undefined;
  /** Given when the subject's ref alone does not tell it apart. */
  readonly file: string | undefined;
}

/** A finding of a control. Its fingerprint, which most reports do not show, is made when it is asked for. */
export class JudgedFinding implements Finding {
  readonly control: string;
  readonly ring: Ring;
  readonly title: string;
  readonly severity: Severity;
  readonly severityWhy: string;
  readonly verdict: "fail" | "unknown";
  readonly lens: Lens;
  readonly subject: Ref;
  readonly message: string;
  readonly remedy: string;
  readonly path: readonly PathStep[];
  readonly exposure?: Exposure;
  readonly place: Place;
  readonly fixable: boolean;
  readonly waiver?: Waiver;
  readonly #detail: string;
  readonly #file: string | undefined;

  constructor(control: Control, subject: AnySubject, judgement: Judgement, context: FindingContext) {
    this.control = control.id;
    this.ring = control.ring;
    this.title = control.title;
    this.severity = context.severity;
    this.severityWhy = context.severityWhy;
    this.verdict = judgement.verdict === "fail" ? "fail" : "unknown";
    this.lens = subject.lens;
    this.subject = subject.ref;
    this.message = judgement.message;
    this.remedy = judgement.remedy ?? control.remedy;
    this.path = context.situation?.path ?? noPath;
    if (context.situation !== undefined) this.exposure = context.situation.exposure;
    this.place = context.place;
    this.fixable = control.fixable && judgement.verdict === "fail";
    if (context.waiver !== undefined) this.waiver = context.waiver;
    this.#detail = judgement.detail ?? "";
    this.#file = context.file;
  }

  get fingerprint(): string {
    return fingerprintOf(this.control, this.subject, this.#detail, this.#file);
  }
}
