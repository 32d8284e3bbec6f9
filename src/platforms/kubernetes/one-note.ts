/** One note for many things of a kind: it names a few, and the single ones stand in its parts. */
import type { InputProblem } from "../../facts/system.ts";
import { listed } from "../../lib/listed.ts";
import type { Place } from "../../lib/place.ts";

/** One of them. */
export interface Noted {
  /** How the note names it: `Thing x`; without a line, which would change the fingerprint of the finding. */
  readonly shown: string;
  /** A sentence that is true of it alone. */
  readonly message: string;
  readonly place: Place;
}

/** How the note begins: the whole of it for one, what follows the number for several; and what to do. */
export interface NoteWords {
  readonly one: string;
  readonly many: string;
  readonly hint: string;
}

/** Names that a note shows; the others stand in its parts. */
const namesShown = 3;

/** None for nothing. */
export function oneNote(noted: readonly Noted[], { one, many, hint }: NoteWords): readonly InputProblem[] {
  const [first, ...others] = noted;
  if (first === undefined) return [];
  const names = noted.map(({ shown }) => shown);
  const more = names.length - namesShown;
  const shown = more > 0 ? `${names.slice(0, namesShown).join(", ")} and ${more} more` : listed(names);
  const message = `${others.length === 0 ? one : `${noted.length} ${many}`}: ${shown}.`;
  const parts = noted.map((each) => ({ severity: "warning" as const, message: each.message, place: each.place }));
  const note: InputProblem = { severity: "warning", message, hint, place: first.place };
  return others.length === 0 ? [note] : [{ ...note, parts }];
}
