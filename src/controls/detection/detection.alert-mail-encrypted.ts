/**
 * Mail about what is wrong tells whoever reads along where to knock, and takes the mail account's password with it.
 *
 * Reads:  repository-file.configuration (Alertmanager: require_tls, smarthost, auth_username)
 * Passes: TLS is demanded of the mail server, or the mail goes to a server beside the program.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { PlainMail } from "../../facts/configuration/service.ts";
import { knownValue } from "../../facts/fact.ts";
import { isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import { serviceConfigurationOf } from "../knowledge/service-configuration.ts";

export const alertMailEncrypted = defineControl({
  id: "detection.alert-mail-encrypted",
  on: "repository-file",
  software: ["alertmanager"],
  severity: "low",
  title: "Alerts are mailed over TLS",
  claim: "No alert is handed to a mail server of somewhere else without TLS.",
  threat:
    "Whoever is on the way reads which machine is in trouble and why, drops the mail that would tell of them, and takes the password with which it is sent.",
  remedy:
    "Remove `smtp_require_tls: false` (`require_tls: false` of a receiver): TLS is demanded by default, on port 587 by STARTTLS and on port 465 from the first byte.",
  judged:
    "Fails at low where `require_tls` is false and the mail goes to another host, and at medium where it is signed in to with a password. Passes for port 465, and for a server on the machine itself, of the same network (a name without a dot) or of the same cluster.",
  limits: "Whether the server offers TLS is not tried; its certificate is judged by network.upstreams-verified.",
  frameworks: { nistCsf: ["PR.DS-02"], zeroTrust: ["2"], coverage: ["M3"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Alerts are no longer sent to a mail server that offers no TLS.",
    onlyNamed: true,
    edits: (_file, _system, judgement) => wordAt(judgement, "false|no|off", "true"),
  },

  check(file) {
    const plain = serviceConfigurationOf(file)?.configuration.plainMail;
    if (plain === undefined) return notApplicable("it sends no mail");
    return forbidAny(plain, judge, {
      what: "the list of what mails alerts",
      none: "no alert is mailed to another host without TLS",
    });
  },
});

function judge({ receiver, host, signsIn, place }: PlainMail): Judgement | undefined {
  const severity = signsIn ? "medium" : "low";
  const extras = { place, detail: `mail ${receiver}`, severity } as const;
  const what = `mail for the receiver ${receiver}`;
  if (host.kind === "unknown") return cannotTell(`where ${what} is handed to`, host.why, extras);
  const name = knownValue(host);
  if (name === undefined) return cannotTell(`where ${what} is handed to`, "no `smarthost` is stated", extras);
  if (isBeside(name)) return undefined;
  const password = signsIn ? ", and so is the password for it" : "";
  return fail(`${what} is handed to ${name} without TLS${password}`, extras);
}

/** On the machine itself, or a name that only a network of containers or a cluster has. */
function isBeside(host: string): boolean {
  return isLoopback(host) || /^[^.:]+$/.test(host) || /\.svc(?:\.cluster\.local)?\.?$/i.test(host);
}
