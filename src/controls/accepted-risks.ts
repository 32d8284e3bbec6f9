import type { Control } from "../contracts/control.ts";
import type { DeclaredException } from "../contracts/resolved.ts";
import type { Finding, Waiver } from "../contracts/verdict.ts";
import type { Ref } from "../facts/subjects.ts";
import { append } from "../lib/append.ts";
import { describePlace, type Place } from "../lib/place.ts";
import { type ProfileTerms, type ShippedProfile, termsOf } from "./profile.ts";
import { reservedControls } from "./reserved.ts";
import { dayOf, type InlineWaiver, InlineWaivers, toWaiver, type WrittenException, whyInvalid } from "./waivers.ts";

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

/** The risks that somebody accepts, in files, declarations and comments, and which of them hold on the day. */
export class AcceptedRisks {
  readonly #written: DeclaredException[] = [];
  readonly #byControl = new Map<string, DeclaredException[]>();
  readonly #waivers: InlineWaivers;
  readonly #used = new Set<InlineWaiver>();
  /** Of folders inside one another the inner one comes first. */
  readonly #folders: readonly string[];
  readonly #known: ReadonlySet<string>;
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

  /** The comments that hold and hid nothing, of controls that were asked. */
  get unused(): readonly InlineWaiver[] {
    return this.#waivers.all.filter(
      (waiver) => this.holds(waiver) && !this.#used.has(waiver) && !this.#off.has(waiver.control),
    );
  }

  add(exceptions: readonly DeclaredException[]): void {
    this.#written.push(...exceptions);
    for (const exception of exceptions) {
      if (this.holds(exception)) append(this.#byControl, exception.control, exception);
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
    if (inline !== undefined) {
      this.#used.add(inline);
      return toWaiver(inline);
    }
    for (const exception of this.#byControl.get(control) ?? []) {
      if (!names(exception.subject, subject) && (workload === undefined || !names(exception.subject, workload)))
        continue;
      if (exception.system !== undefined && exception.system !== subject.system) continue;
      if (exception.folder === undefined || exception.folder === (folder ?? this.#folderOf(place)))
        return toWaiver(exception);
    }
    return undefined;
  }

  #folderOf(place: Place): string | undefined {
    const path = `${place.kind === "file" ? place.source.path : describePlace(place)}/`;
    return this.#folders.find((folder) => path.startsWith(folder));
  }

  holds(exception: WrittenException): boolean {
    return this.whyInvalid(exception) === undefined;
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

/** Whether an exception's subject names this one: no subject names all, `caddy`, `workload caddy`, `shop/caddy` one. */
function names(written: string | undefined, subject: Ref): boolean {
  if (written === undefined) return true;
  const { kind, system, name } = subject;
  return (
    written === name ||
    written === `${system}/${name}` ||
    written === `${kind} ${name}` ||
    written === `${kind} ${system}/${name}`
  );
}
