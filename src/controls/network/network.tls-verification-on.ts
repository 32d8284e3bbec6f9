/**
 * Encryption to whoever answers is encryption for the one in between.
 *
 * Reads:  container.environment, container.command, container.entrypoint
 * Passes: no switch turns the verification of certificates off.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { openOptionFor, placeInStart, seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container, EnvironmentVariable } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";
import { unseenValue } from "../knowledge/unseen-value.ts";

/** Variables that turn verification off when they are on. */
const turnsOff =
  /^(?:GIT_SSL_NO_VERIFY|VAULT_SKIP_VERIFY|CONSUL_HTTP_SSL_NO_VERIFY)$|(?:^|_)(?:INSECURE_SKIP_VERIFY|INSECURESKIPVERIFY|TLS_SKIP_VERIFY|SKIP_TLS_VERIFY|SSL_SKIP_VERIFY|SKIP_SSL_VERIFY|TLS_INSECURE|SSL_INSECURE|ALLOW_INSECURE_TLS|DISABLE_TLS_VERIFY|DISABLE_SSL_VERIFICATION|IGNORE_SSL_ERRORS|IGNORE_TLS_ERRORS|ALLOW_SELF_SIGNED|TLS_NO_VERIFY|NO_TLS_VERIFY|ACCEPT_INVALID_CERTS)$/i;
/** Variables that turn it off when they are off. */
const mustBeOn =
  /^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|NPM_CONFIG_STRICT_SSL)$|(?:^|_)(?:TLS_VERIFY|SSL_VERIFY|VERIFY_SSL|VERIFY_TLS|TLS_REJECT_UNAUTHORIZED|REJECT_UNAUTHORIZED|VERIFY_CERTIFICATE|CHECK_SSL_VALIDITY|CHECK_CERTIFICATE|TLS_VERIFICATION|SSL_VERIFICATION)$/i;
const flag =
  /(?:^|\s)--?(?:insecure-skip-verify|insecureskipverify|tls-skip-verify|skip-tls-verify|insecure-skip-tls-verify|no-check-certificate|no-verify-ssl|tls-insecure|accept-invalid-certs|serverstransport\.insecureskipverify)(?:=true|\s+true|\s|$)/i;

export const tlsVerificationOn = defineControl({
  id: "network.tls-verification-on",
  on: "container",
  severity: "medium",
  title: "Certificates are verified",
  claim: "No service accepts certificates without verifying them.",
  threat:
    "Whoever stands between, or answers in the other's place, reads and changes what is sent, and gets the password for the asking.",
  remedy:
    "Remove the switch, and give the program the CA that signed the other's certificate (`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, a mounted `ca.crt`).",
  judged:
    "Fails for variables and arguments known to turn verification off (`NODE_TLS_REJECT_UNAUTHORIZED=0`, `…_INSECURE_SKIP_VERIFY=true`, `--insecure-skip-verify`, …). Unknown when such a variable, or the command, cannot be resolved.",
  limits: "Settings in configuration files are not read.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.DS-02"], coverage: ["T5"] },
  exposureMatters: false,

  check(container) {
    const variables = forbidAny(container.environment, judgeVariable, {
      what: "the environment",
      none: "no variable turns verification off",
    });
    return all(variables, judgeArguments("the command", container));
  },
});

function judgeVariable(variable: EnvironmentVariable): Judgement | undefined {
  const { name, value, place } = variable;
  const off = turnsOff.test(name);
  if (!off && !mustBeOn.test(name)) return undefined;
  const extras = { place, detail: name };
  const unseen = unseenValue(variable);
  if (unseen !== undefined)
    return cannotTell(`whether ${name} turns verification off`, unseen.why, { ...extras, ...unseen.extras });
  const text = knownValue(value)?.reveal().trim() ?? "";
  const bad = off ? /^(?:1|true|yes|on)$/i.test(text) : /^(?:0|false|no|off|none)$/i.test(text);
  return bad ? fail(`${name} is ${text}, so that certificates are not verified`, extras) : undefined;
}

function judgeArguments(what: string, container: Container): Judgement {
  const seen = seenStart(container);
  if (flag.test(seen.words.join(" ")))
    return fail(`${what} turns the verification of certificates off`, {
      place: placeInStart(container, flag),
      detail: what,
    });
  const doubt = seen.hidden ?? openOptionFor(seen, flag, ["true"]);
  return doubt === undefined
    ? notApplicable(`${what} does not speak of it`)
    : cannotTell(`whether ${what} turns verification off`, doubt.why, { place: doubt.place, detail: what });
}
