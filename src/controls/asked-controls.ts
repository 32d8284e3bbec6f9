import type { Control } from "../contracts/control.ts";
import type { AnySubject, PlatformName, SubjectKind } from "../facts/subjects.ts";
import { append } from "../lib/append.ts";
import { emptyTally, isEmptyTally, sumOfTallies, type Tally } from "./tally.ts";

/**
 * A control, and what it counted so far on one platform. Of one shape, whatever the control's, for it is asked of every
 * subject.
 */
export class Judging {
  readonly control: Control;
  readonly check: Control["check"];
  readonly tally = emptyTally();

  constructor(control: Control) {
    this.control = control;
    this.check = control.check;
  }
}

/** The controls that subjects of one kind on one platform are judged by. */
interface Asked {
  readonly asked: readonly Judging[];
  /** Those that mean nothing there: not applicable to every one of the subjects. */
  readonly left: readonly Judging[];
  /** How many subjects there were. */
  subjects: number;
}

/** Which controls are asked about a subject: those for its kind that mean something on its platform and for its software. */
export class AskedControls {
  readonly #byKind = new Map<SubjectKind, Control[]>();
  readonly #judging = new Map<PlatformName, Map<Control, Judging>>();
  /** By kind, by the software that a repository file configures (else the empty text), and by platform. */
  readonly #asked = new Map<SubjectKind, Map<string, Map<PlatformName, Asked>>>();
  readonly #all: boolean;

  /** `all`: each is asked, wherever it means something, for its own word on every subject of its kind. */
  constructor(controls: readonly Control[], all: boolean) {
    this.#all = all;
    for (const control of controls) append(this.#byKind, control.on, control);
  }

  /** The kinds of subjects that anything is asked about. */
  get kinds(): Iterable<SubjectKind> {
    return this.#byKind.keys();
  }

  /** The controls for one more subject, which is counted for those that are left out. */
  of(kind: SubjectKind, subject: AnySubject): readonly Judging[] {
    const asked = this.#for(kind, subject);
    asked.subjects++;
    return asked.asked;
  }

  /** What each control counted that judged something. Call it once, when no further subject comes. */
  *tallies(): Generator<readonly [control: string, tally: Tally]> {
    for (const bySoftware of this.#asked.values()) {
      for (const byPlatform of bySoftware.values()) {
        for (const { left, subjects } of byPlatform.values()) {
          for (const { tally } of left) tally.notApplicable += subjects;
        }
      }
    }
    for (const control of [...this.#byKind.values()].flat()) {
      const platforms = this.#tallyOf(control);
      if (platforms.size > 0) yield [control.id, { ...sumOfTallies(platforms.values()), platforms }];
    }
  }

  /** What a control counted on each platform where it judged something. */
  #tallyOf(control: Control): ReadonlyMap<PlatformName, Tally> {
    const found = new Map<PlatformName, Tally>();
    for (const [platform, judging] of this.#judging) {
      const tally = judging.get(control)?.tally;
      if (tally !== undefined && !isEmptyTally(tally)) found.set(platform, tally);
    }
    return found;
  }

  /** The controls for a kind, as they count on one platform. */
  #judgingOf(kind: SubjectKind, platform: PlatformName): readonly Judging[] {
    const known = this.#judging.get(platform) ?? new Map<Control, Judging>();
    this.#judging.set(platform, known);
    return (this.#byKind.get(kind) ?? []).map((control) => {
      const judging = known.get(control) ?? new Judging(control);
      known.set(control, judging);
      return judging;
    });
  }

  #for(kind: SubjectKind, subject: AnySubject): Asked {
    const { platform } = subject;
    const configured = (subject.kind === "repository-file" ? subject.configuration?.software : undefined) ?? "";
    // Looks at small maps; a key put together of all would be made for each subject.
    const bySoftware = this.#asked.get(kind) ?? new Map<string, Map<PlatformName, Asked>>();
    const byPlatform = bySoftware.get(configured) ?? new Map<PlatformName, Asked>();
    const known = byPlatform.get(platform);
    if (known !== undefined) return known;
    const means = ({ control: { platforms, software } }: Judging) =>
      this.#all ||
      ((platforms === undefined || platforms.includes(platform)) &&
        (software === undefined || software.some((each) => each === configured)));
    const { asked = [], left = [] } = Object.groupBy(this.#judgingOf(kind, platform), (judging) =>
      means(judging) ? "asked" : "left",
    );
    const made: Asked = { asked, left, subjects: 0 };
    this.#asked.set(kind, bySoftware.set(configured, byPlatform.set(platform, made)));
    return made;
  }
}
