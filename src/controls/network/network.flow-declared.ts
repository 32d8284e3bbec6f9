/**
 * A connection that opens although nobody declared it is the hole that an intruder looks for.
 *
 * Reads:  policy-rule.action, policy-rule.declared
 * Passes: the flow was blocked, or it is declared.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const flowDeclared = defineControl({
  id: "network.flow-declared",
  on: "policy-rule",
  severity: "high",
  title: "Only declared connections open",
  claim: "No service can open a connection that the stack does not declare.",
  threat: "From a taken-over service an intruder reaches others that were meant to be out of its reach.",
  remedy:
    "Declare the flow with `talksTo` if it is meant, otherwise take the two off the network that they share; `ringwall plan` shows which one joins them.",
  judged:
    "Each flow that a probe tried: fails when it opened and is not declared. Unknown when the attempt proved nothing, and when nothing says what is declared. One that is declared and blocked passes here: it is no hole.",
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.IR-01", "ID.AM-03"], coverage: ["N2", "N10"] },
  exposureMatters: false,

  check(rule) {
    if (rule.lens !== "measured") return notApplicable("no attempt was made");
    const { action, declared } = rule;
    const what = `${rule.from} to ${rule.to}`;
    if (action.kind === "unknown") return cannotTell(`whether ${what} opens`, action.why, { place: action.place });
    if (action.kind === "unstated") return cannotTell(`whether ${what} opens`, "nothing was measured");
    if (action.value === "deny") return pass(`${what} is blocked`, action.place);
    if (declared === undefined || declared.kind === "unstated")
      return cannotTell(`whether ${what} is declared`, "nothing says so");
    if (declared.kind === "unknown") return cannotTell(`whether ${what} is declared`, declared.why);
    const port = rule.port.kind === "stated" ? rule.port.value : "any";
    const where = port === "any" ? "" : ` on port ${port}`;
    return declared.value
      ? pass(`${what}${where} opens, as declared`, action.place)
      : fail(`${what}${where} opens, and nothing declares it`, { place: action.place, detail: String(port) });
  },
});
