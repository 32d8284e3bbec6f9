import type { Control } from "../contracts/control.ts";
import type { DeclaredException } from "../contracts/resolved.ts";
import type { Finding, Waiver } from "../contracts/verdict.ts";
import type { Ref } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import { append } from "../lib/append.ts";
import { describePlace, type Place } from "../lib/place.ts";
import { closest } from "../lib/suggest.ts";
import { type ProfileTerms, type ShippedProfile, termsOf } from "./profile.ts";
import { reservedControls } from "./reserved.ts";
import { dayOf, InlineWaivers, toWaiver, type WrittenException, whyInvalid } from "./waivers.ts";

export interface AcceptanceOptions {
  /** From files and declarations; order does not matter. */
  readonly exceptions?: readonly DeclaredException[];
  readonly inlineWaivers?: InlineWaivers;
  /** The folders that exceptions of one folder alone may name; none where one folder is checked. */
  readonly folders?: readonly string[];
  /** The day by which exceptions have ended or not. */
  readonly today: Date;
  readonly profile: ShippedProfile | ProfileTerms;
  /** Controls that there are and that are not asked: exceptions from them hold, and hide nothing. */
  readonly off?: readonly string[];
}

/** Ids that are longer, and further ones, are not compared with all that there are. */
const longestId = 80;
const mostSuggestions = 100;

/** The risks that somebody accepts, in files, declarations and comments, and which of them hold on the day. */
export class AcceptedRisks {
  readonly #written: DeclaredException[] = [];
  readonly #byControl = new Map<string, DeclaredException[]>();
  readonly #waivers: InlineWaivers;
  readonly #used = new Set<WrittenException>();
  /** Subjects that exceptions name, and no system had so far. */
  readonly #unseen = new Set<string>();
  /** Of folders inside one another the inner one comes first. */
  readonly #folders: readonly string[];
  readonly #known: ReadonlySet<string>;
  readonly #meant = new Map<string, string | undefined>();
  readonly #off: ReadonlySet<string>;
  readonly #today: string;
  readonly #terms: ProfileTerms;

  constructor(
    controls: readonly Control[],
    {
      exceptions = [],
      inlineWaivers = new InlineWaivers([]),
      folders = [],
      off = [],
      today,
      profile,
    }: AcceptanceOptions,
  ) {
    this.#folders = folders.toSorted((a, b) => b.length - a.length);
    this.#today = dayOf(today);
    this.#terms = termsOf(profile);
    this.#waivers = inlineWaivers;
    this.#off = new Set(off);
    this.#known = new Set([...[...controls, ...reservedControls].map((control) => control.id), ...off]);
    this.add(exceptions);
  }

  /** All that were written, whether they hold or not. */
  get written(): readonly WrittenException[] {
    return [...this.#written, ...this.#waivers.all];
  }

  /**
   * What holds and hid nothing, of controls that were asked: comments, and entries of files whose control judged anything.
   */
  unused(judged: (control: string) => boolean): readonly UnusedException[] {
    const idle = (each: WrittenException) => this.holds(each) && !this.#used.has(each) && !this.#off.has(each.control);
    const entries = this.#written.filter((each) => each.toldUnused === true && idle(each) && judged(each.control));
    return [
      ...this.#waivers.all.filter(idle).map((exception) => ({ exception, why: "line" as const })),
      ...entries.map((exception) => ({
        exception,
        why: exception.subject !== undefined && this.#unseen.has(exception.subject) ? ("absent" as const) : undefined,
      })),
    ];
  }

  /** Notes which subjects there are, for those that exceptions name. */
  see(system: System): void {
    if (this.#unseen.size === 0) return;
    for (const { ref } of system.subjects) for (const name of namesOf(ref)) this.#unseen.delete(name);
  }

  add(exceptions: readonly DeclaredException[]): void {
    this.#written.push(...exceptions);
    for (const exception of exceptions) {
      if (!this.holds(exception)) continue;
      append(this.#byControl, exception.control, exception);
      if (exception.toldUnused === true && exception.subject !== undefined) this.#unseen.add(exception.subject);
    }
  }

  /**
   * What holds for a finding at a place, on a subject or the workload that it belongs to. `folder` is given where the place
   * does not tell which of the folders it lies in.
   */
  waiverFor(
    control: string,
    subject: Ref,
    workload: Ref | undefined,
    place: Finding["place"],
    folder?: string,
  ): Waiver | undefined {
    const inline = this.#waivers.covering(control, place).find((waiver) => this.holds(waiver));
    const written = this.#byControl.get(control) ?? [];
    const called =
      written.length === 0 ? [] : [subject, ...(workload === undefined ? [] : [workload])].flatMap(namesOf);
    const entries = written.filter(
      (each) =>
        (each.subject === undefined || called.includes(each.subject)) &&
        (each.system === undefined || each.system === subject.system) &&
        (each.folder === undefined || each.folder === (folder ?? this.#folderOf(place))),
    );
    const holding = inline === undefined ? entries : [inline, ...entries];
    for (const each of holding) this.#used.add(each);
    return holding[0] && toWaiver(holding[0]);
  }

  #folderOf(place: Place): string | undefined {
    const path = `${place.kind === "file" ? place.source.path : describePlace(place)}/`;
    return this.#folders.find((folder) => path.startsWith(folder));
  }

  holds(exception: WrittenException): boolean {
    return this.whyInvalid(exception) === undefined;
  }

  /** The control whose id one that does not exist is near; undefined where none is, or after so many that nobody reads it. */
  meantBy(control: string): string | undefined {
    if (control.length > longestId || this.#known.has(control)) return undefined;
    if (!this.#meant.has(control) && this.#meant.size < mostSuggestions) {
      this.#meant.set(control, closest(control, this.#known));
    }
    return this.#meant.get(control);
  }

  /** Why one holds nothing, as a clause. */
  whyInvalid(exception: WrittenException): string | undefined {
    return whyInvalid(exception, {
      today: this.#today,
      known: (control) => this.#known.has(control),
      mustEnd: this.#terms.exceptionsMustEnd,
      needsOwner: this.#terms.exceptionsNeedOwner,
    });
  }
}

/** What an exception may name one by: `caddy`, `workload caddy`, `shop/caddy`, `workload shop/caddy`. */
function namesOf({ kind, system, name }: Ref): readonly string[] {
  return [name, `${system}/${name}`, `${kind} ${name}`, `${kind} ${system}/${name}`];
}

/** An exception that hides nothing: no finding of it on its `line`, its subject `absent`, or no such finding. */
export interface UnusedException {
  readonly exception: WrittenException;
  readonly why: "line" | "absent" | undefined;
}
