/**
 * A door that may be tried without end is tried without end.
 *
 * Reads:  repository-file.configuration (an sshd_config's settings)
 * Passes: attempts and the time for them are bounded as OpenSSH bounds them.
 */
import type { SshdKeyword } from "../../facts/configuration/sshd.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { type Judge, judgeSetting, settingTo, sshdOf } from "../knowledge/sshd.ts";

export const sshAttemptsBounded = defineControl({
  id: "identity.ssh-attempts-bounded",
  on: "repository-file",
  software: ["sshd"],
  severity: "low",
  title: "Attempts to sign in by SSH are bounded",
  claim: "Attempts to sign in by SSH are bounded in number and time.",
  threat:
    "More attempts in each connection, and connections that wait for ever, make guessing cheap and fill the server up.",
  remedy:
    "Remove the lines, for OpenSSH's own values hold: `MaxAuthTries 6`, `LoginGraceTime 120`, `PerSourcePenalties yes` (9.8 and later).",
  judged: "Fails for more than 6 tries, for more than 120 seconds or none, and for `PerSourcePenalties no`.",
  frameworks: { nistCsf: ["PR.AA-03"], coverage: ["A9"] },
  exposureMatters: false,
  fix: {
    changesBehaviour:
      "A connection ends after six attempts or two minutes, and whoever fails again and again waits; those are OpenSSH's own values.",
    edits: (_file, _system, judgement) =>
      settingTo({ maxauthtries: "6", logingracetime: "120", persourcepenalties: "yes" }, judgement),
  },

  check(file) {
    const config = sshdOf(file);
    if (config === undefined) return notApplicable("not the configuration of an SSH server");
    const all = rules.flatMap(([keyword, judge]) => judgeSetting(config, keyword, judge) ?? []);
    return all.length === 0 ? notApplicable("it bounds no attempts") : all;
  },
});

const rules: readonly (readonly [keyword: SshdKeyword, judge: Judge])[] = [
  ["maxauthtries", (value) => (Number(value) <= 6 ? undefined : { because: "each connection may try that often" })],
  [
    "logingracetime",
    (value) =>
      isBounded(secondsOf(value)) ? undefined : { because: "a connection may wait that long before it signs in" },
  ],
  ["persourcepenalties", (value) => (value === "no" ? { because: "whoever fails may come back at once" } : undefined)],
];

function isBounded(seconds: number): boolean {
  return seconds > 0 && seconds <= 120;
}

/** `120`, `2m`, `1m30s` as sshd_config(5) writes times; nothing else is bounded. */
function secondsOf(text: string): number {
  const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
  if (!/^(?:\d{1,9}[smhdw]?){1,6}$/.test(text)) return 0;
  return [...text.matchAll(/(\d{1,9})([smhdw]?)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ""] ?? 0),
    0,
  );
}
