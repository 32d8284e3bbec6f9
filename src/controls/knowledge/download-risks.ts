import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { CommandRisk, CommandRiskKind } from "../../facts/configuration/command-risk.ts";
import { fail } from "../judge.ts";

const severities: Partial<Record<CommandRiskKind, Severity>> = {
  "download-run": "low",
  "plain-download-run": "medium",
  "key-unverified": "low",
  "plain-key-unverified": "medium",
  "certificates-unverified": "medium",
  "signatures-unverified": "medium",
};

/** What a command takes from elsewhere unverified; undefined for what is no download. */
export function judgeDownload({ kind, what, place }: CommandRisk): Judgement | undefined {
  const severity = severities[kind];
  return severity === undefined ? undefined : fail(what, { place, detail: `${kind} ${what}`, severity });
}
