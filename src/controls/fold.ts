import type { Control } from "../contracts/control.ts";
import { compareSeverity } from "../contracts/verdict.ts";
import type { Workload } from "../facts/subjects.ts";
import type { JudgedFinding } from "./judged-finding.ts";

/** A finding with the workload that it is about. */
interface Told {
  readonly control: Control;
  readonly finding: JudgedFinding;
  readonly workload: Workload;
  /** The ports that it is about; undefined where it is about all of them, or that is not known. */
  readonly ports: readonly number[] | undefined;
}

/**
 * Findings of one system that say parts of the same thing. A control that `folds` others tells of a chain; where it
 * fails, the findings of its parts on the same workload are told with it and not beside it.
 */
export class Folding {
  readonly #parts = new Set<string>();
  readonly #told: Told[] = [];

  constructor(controls: readonly Control[]) {
    for (const control of controls) for (const { control: part } of control.folds ?? []) this.#parts.add(part);
  }

  note(
    control: Control,
    finding: JudgedFinding,
    workload: Workload | undefined,
    ports: readonly number[] | undefined,
  ): void {
    if (workload === undefined || finding.verdict !== "fail") return;
    if (control.folds !== undefined || this.#parts.has(control.id))
      this.#told.push({ control, finding, workload, ports });
  }

  /** Folds what was noted since the last call, and gives the findings that are part of another now. */
  fold(): ReadonlySet<JudgedFinding> {
    const gone = new Set<JudgedFinding>();
    for (const chain of this.#told) {
      if (chain.control.folds === undefined) continue;
      for (const part of foldInto(chain, this.#told)) gone.add(part);
    }
    this.#told.length = 0;
    return gone;
  }
}

/**
 * The findings that a chain tells. Where every one that carries it is waived, the chain is waived with it: somebody
 * accepted what it hangs on, and the parts are told by themselves.
 */
function foldInto(chain: Told, told: readonly Told[]): readonly JudgedFinding[] {
  const { control, finding, workload } = chain;
  const carrying: JudgedFinding[] = [];
  const others: JudgedFinding[] = [];
  for (const other of told) {
    const fold = control.folds?.find((each) => each.control === other.control.id);
    if (fold === undefined || other.workload !== workload || areApart(chain, other)) continue;
    if (fold.carries !== true) {
      // What is worse than the chain is not hidden in it.
      if (compareSeverity(other.finding.severity, finding.severity) <= 0) others.push(other.finding);
    } else if (compareSeverity(other.finding.severity, "high") >= 0) carrying.push(other.finding);
  }
  const accepted = carrying[0]?.waiver;
  if (accepted !== undefined && carrying.every((part) => part.waiver !== undefined)) {
    finding.waive(accepted);
    return [];
  }
  if (finding.waiver !== undefined) return [];
  const parts = [...carrying, ...others].filter((part) => part.waiver === undefined);
  finding.include(parts);
  return parts;
}

/** Whether they are about ports of the workload that are not the same: neither tells a part of the other then. */
function areApart(one: Told, other: Told): boolean {
  return one.ports !== undefined && other.ports?.some((port) => one.ports?.includes(port)) === false;
}
