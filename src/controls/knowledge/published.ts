import type { Judgement } from "../../contracts/verdict.ts";
import type { Listener } from "../../facts/subjects.ts";
import { forbid } from "../judge.ts";
import { publishedWhere } from "./listeners.ts";

/**
 * Forbids that a listener can be reached from beyond the host; `because` is the clause that says what it is. On one
 * address of the host it fails as on all of them: who can route to that address is not known here.
 */
export function forbidPublished(
  listener: Listener,
  because: string,
  extras: Pick<Judgement, "severity" | "remedy"> = {},
): Judgement {
  const judgement = forbid(listener.reach, (reach) => reach === "everywhere" || reach === "one-address", {
    what: "the reach of the port",
  });
  if (judgement.verdict !== "fail") return judgement;
  return { ...judgement, message: `${publishedWhere(listener)}, ${because}`, ...extras };
}
