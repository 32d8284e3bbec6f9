import type { Place } from "../lib/place.ts";

/** Where a finding points to, for reports: a line and column from 1, or why there is none; a whole file has neither. */
export type Position =
  | {
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly end: { readonly line: number; readonly column: number } | undefined;
    }
  | { readonly file: string; readonly line: null; readonly column: null; readonly placeUnknown: string }
  | { readonly file: null; readonly line: null; readonly column: null; readonly placeUnknown: string };

export function positionOf(place: Place): Position {
  switch (place.kind) {
    case "file": {
      if (place.whole === true)
        return { file: place.source.path, line: null, column: null, placeUnknown: "the file as a whole is meant" };
      const end = place.end === undefined || place.end <= place.offset ? undefined : place.source.locate(place.end);
      return { file: place.source.path, ...place.source.locate(place.offset), end };
    }
    case "object":
      return { file: null, line: null, column: null, placeUnknown: `not in a file: ${place.locator}` };
    case "nowhere":
      return { file: null, line: null, column: null, placeUnknown: place.why };
  }
}
