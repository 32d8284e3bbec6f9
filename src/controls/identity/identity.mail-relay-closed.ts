/**
 * A server of mail that trusts whoever comes sends everybody's spam under its owner's name.
 *
 * Reads:  container.environment
 * Passes: no variable makes it trust everybody, or the gateway by which strangers may seem to come.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { EnvironmentVariable } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import { isMailServer } from "../knowledge/mail.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

interface Trust {
  readonly name: RegExp;
  readonly value: RegExp;
  readonly severity: Severity;
  readonly means: string;
}

/** docker-mailserver's `PERMIT_DOCKER`; boky/postfix's, juanluisbaptista/postfix's and namshi/smtp's lists of networks. */
const trusts: readonly Trust[] = [
  {
    name: /^PERMIT_DOCKER$/,
    value: /^(?:host|network|connected-networks)$/,
    severity: "medium",
    means: "who comes by the network's gateway sends without a password, and strangers may seem to come by it",
  },
  {
    name: /^(?:POSTFIX_)?MYNETWORKS$|^(?:RELAY|SMTP)_NETWORKS$/i,
    value: /(?:^|[\s,:;[])(?:0\.0\.0\.0|::|\[::\])\/0(?:$|[\s,;\]])/,
    severity: "high",
    means: "everybody sends without a password",
  },
];
const anyName = new RegExp(trusts.map(({ name }) => name.source).join("|"), "i");

export const mailRelayClosed = defineControl({
  id: "identity.mail-relay-closed",
  on: "container",
  severity: "medium",
  title: "The mail server relays for nobody who did not sign in",
  claim: "No mail server sends mail to others for somebody who gave no password.",
  threat:
    "Whoever finds the port sends spam by it, as worms do within hours: the domain's mail is then refused everywhere, and the provider shuts the line.",
  remedy:
    "Set docker-mailserver's `PERMIT_DOCKER=none` and give each service that sends mail an account; give Postfix in `MYNETWORKS` the addresses of those services alone.",
  judged:
    "Fails for docker-mailserver's `PERMIT_DOCKER` of `host`, `network` or `connected-networks`, which trust the gateway, from which strangers come where Docker's userland proxy or a rootless engine stands before the port; its manual warns of the open relay. Fails high for a list of trusted networks with `0.0.0.0/0` or `::/0`. Not applicable where no such variable is stated.",
  limits: "What a mounted `postfix-main.cf` says is not read.",
  frameworks: { owaspDocker: ["D04"], zeroTrust: ["6"], nistCsf: ["PR.AA-03"], coverage: ["A3"] },

  check(container, system) {
    const { environment } = container;
    const named = environment.items.some(({ name }) => anyName.test(name));
    const workload = system.workload(container.workload);
    const mayBeHidden = !environment.complete && workload !== undefined && isMailServer(workload, system);
    if (!named && !mayBeHidden) return notApplicable("no variable says whom a mail server trusts");
    return forbidAny({ ...environment, items: environment.items.filter(({ name }) => anyName.test(name)) }, judge, {
      what: "the environment",
      none: "whom it trusts is stated, and is nobody from outside",
    });
  },
});

function judge(variable: EnvironmentVariable): Judgement | undefined {
  const { name, value, place } = variable;
  const trust = trusts.find((each) => each.name.test(name));
  if (trust === undefined) return undefined;
  const extras = { place, detail: name, severity: trust.severity };
  const unseen = unseenValue(variable);
  if (unseen !== undefined) return cannotTell(`whom ${name} trusts`, unseen.why, { ...extras, ...unseen.extras });
  const text = knownValue(value)?.reveal().trim() ?? "";
  return trust.value.test(text) ? fail(`${name} is ${text.slice(0, 80)}: ${trust.means}`, extras) : undefined;
}
