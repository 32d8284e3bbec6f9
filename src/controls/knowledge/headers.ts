import type { Judgement } from "../../contracts/verdict.ts";
import type { Route } from "../../facts/subjects.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

/** Demands a response header with a good value. Names are in lower case. */
export function judgeHeader(route: Route, name: string, good: (value: string) => boolean): Judgement {
  const { headers } = route;
  const header = headers.items.findLast((each) => each.name === name);
  if (header === undefined) {
    if (!headers.complete) {
      const extras = { place: headers.place, detail: name };
      return cannotTell(
        `the header ${name}`,
        headers.why,
        route.lens === "written" ? { ...extras, severity: "info" } : extras,
      );
    }
    if (route.lens === "written") {
      return route.whole === true
        ? fail(`the proxy does not send the header ${name}`, { place: headers.place, detail: name })
        : notApplicable("the proxy's own configuration is not part of these files");
    }
    return fail(`the header ${name} is not sent`, { place: headers.place, detail: name });
  }
  const extras = { place: header.place, detail: name };
  if (header.value === null) {
    return fail(`the header ${name} is removed${header.because === undefined ? "" : `: ${header.because}`}`, extras);
  }
  if (!good(header.value)) return fail(`the header ${name} is "${header.value}"`, extras);
  return pass(`the header ${name} is "${header.value}"`, header.place);
}
