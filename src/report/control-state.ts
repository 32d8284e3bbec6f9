import { noTally, sumOfTallies, type Tally } from "../controls/tally.ts";

/**
 * How a requirement stands that several controls answer. `failed`: one of them failed somewhere. `unknown`: none failed,
 * something could not be told. `accepted`: what failed is waived. `passed`: something was judged, and all of it holds.
 * `not-judged`: there are controls, and nothing here that they are about. `not-checkable`: there is no control.
 */
export type RequirementState = "failed" | "unknown" | "accepted" | "passed" | "not-judged" | "not-checkable";

/** As reports list them. */
export const requirementStates: readonly RequirementState[] = [
  "failed",
  "unknown",
  "accepted",
  "passed",
  "not-judged",
  "not-checkable",
];

/** How each state is spoken of. */
export const stateWords: Readonly<Record<RequirementState, string>> = {
  failed: "failed",
  unknown: "unknown",
  accepted: "accepted",
  passed: "passed",
  "not-judged": "nothing here",
  "not-checkable": "no machine",
};

export interface Requirement {
  readonly state: RequirementState;
  readonly tally: Tally;
  /** Of the controls that answer it, those that failed or could not tell; where none did, all that judged something. */
  readonly controls: readonly string[];
}

/**
 * How the requirement stands that these controls answer. `part` gives what of a control's tally is about it, where that
 * is not the whole.
 */
export function requirementOf(
  controls: readonly string[],
  tallies: ReadonlyMap<string, Tally>,
  part: (tally: Tally) => Tally = (tally) => tally,
): Requirement {
  if (controls.length === 0) return { state: "not-checkable", tally: noTally, controls };
  const tallyOf = (id: string) => part(tallies.get(id) ?? noTally);
  const tally = sumOfTallies(controls.map(tallyOf));
  const state = stateOf(tally);
  const told = controls.filter((id) => stateOf(tallyOf(id)) === state);
  return { state, tally, controls: told };
}

function stateOf({ failed, unknown, waived, passed }: Tally): RequirementState {
  if (failed > 0) return "failed";
  if (unknown > 0) return "unknown";
  if (waived > 0) return "accepted";
  return passed > 0 ? "passed" : "not-judged";
}

/** `3 fail, 2 cannot be told, 10 hold`; empty where nothing was judged. */
export function tallyWords({ failed, unknown, waived, passed }: Tally): string {
  return [
    failed > 0 ? `${failed} ${failed === 1 ? "fails" : "fail"}` : "",
    unknown > 0 ? `${unknown} cannot be told` : "",
    waived > 0 ? `${waived} accepted` : "",
    passed > 0 ? `${passed} ${passed === 1 ? "holds" : "hold"}` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
