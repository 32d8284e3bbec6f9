/**
 * Arguments are read by every process of the host that lists processes.
 *
 * Reads:  container.command, container.entrypoint, container.healthCheck
 * Passes: no argument carries a secret.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { type SeenCommand, seenCommand, seenEntrypoint } from "../../facts/command-words.ts";
import { type Fact, stated, unknown } from "../../facts/fact.ts";
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Container } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, pass } from "../judge.ts";
import { judgeHooks } from "../knowledge/hooks.ts";

export const commandFree = defineControl({
  id: "secrets.command-free",
  on: "container",
  severity: "medium",
  title: "No secret is an argument",
  claim: "No command that starts a container carries a secret.",
  threat:
    "Every user of the host sees the arguments of every process, and so does whoever may ask the engine. One that is written out here also goes wherever the file goes.",
  remedy:
    "Use the program's option for a file (`--password-file`, `--requirepass` in a mounted `redis.conf`), with the file under `secrets:`.",
  remedies: {
    incus:
      "Use the program's option for a file (`--password-file`) in `oci.entrypoint`, with the file put in by a `file` block at mode 0400.",
    kubernetes:
      "Use the program's option for a file (`--password-file`), with a Secret mounted as a volume; or a variable from a Secret, which `$(NAME)` in `args` takes in, where others on the node may not list processes.",
  },
  judged:
    "Fails when an argument after a name that says secret (`--password x`, `--requirepass x`, `TOKEN=x`) has a value, or one looks like an issued secret or a URL with a password. High where the value itself stands in the file, for it is then in every clone and backup too, as secrets.literal-absent has it of variables; medium where it comes from elsewhere (`${TOKEN}`) or is one that anybody would guess, and only whoever lists processes sees it. Values that the shell takes from the environment inside the container (`$$VAR`) and from files pass. Unknown when the command cannot be resolved.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets"],
    nistCsf: ["PR.DS-10"],
    coverage: ["S2", "S3"],
  },
  exposureMatters: false,

  check(container, system) {
    const { command, entrypoint, filledInArguments: filledIn = [] } = container;
    return all(
      judgeSeen("the command", command, seenCommand(container), filledIn),
      judgeSeen("the entrypoint", entrypoint, seenEntrypoint(container), filledIn),
      judgeHooks(container, system, ({ name, command: words }) => judge(`the hook \`${name}\``, words, undefined)),
    );
  },
});

/** Options of programs whose value is a secret although the name alone would not say so. */
const secretOption =
  /^--?(?:requirepass|masterauth|token|api-?key|secret|password|pass|passwd|root-password|admin-password|auth-token|tunnel-token)$/i;

/** Of words that are not all known, what is known may be a secret, and so may the value of a secret's option. */
function judgeSeen(
  what: string,
  fact: Container["command"],
  { words, open, hidden }: SeenCommand,
  filledIn: readonly Sensitive[],
): Judgement {
  if (fact.kind !== "unknown" || words.length === 0) return judge(what, fact, filledIn);
  const known = judge(
    what,
    stated(
      words.map((word) => new Sensitive(word)),
      fact.place,
    ),
    filledIn,
  );
  if (known.verdict === "fail") return known;
  const doubt = hidden ?? open.find(({ name }) => secretOption.test(name) || isSecretName(name));
  return doubt === undefined ? known : judge(what, unknown(doubt.why, doubt.place), filledIn);
}

function judge(what: string, fact: Fact<readonly Sensitive[]>, filledIn: readonly Sensitive[] | undefined): Judgement {
  if (fact.kind === "unknown") {
    return cannotTell(`whether ${what} carries a secret`, fact.why, {
      place: fact.place,
      detail: what,
      severity: "low",
    });
  }
  if (fact.kind === "unstated") return pass(`${what} is not stated`, fact.place);
  const words = fact.value.flatMap((word) => splitWords(word.reveal()));
  const option = words.map((word, index) => secretAt(word, words[index + 1])).find((found) => found !== undefined);
  if (option === undefined) return pass(`${what} carries no secret`, fact.place);
  const { name, value } = option;
  const written = isWrittenIn(fact.place, value, filledIn);
  return fail(`${what} carries the secret of ${name}${written ? ", which is written out here" : ""}`, {
    place: fact.place,
    detail: `${what} ${name}`,
    ...(written ? { severity: "high" } : {}),
  });
}

/**
 * Whether a value stands in the file itself, and not in another one that gives it. What anybody would guess is no loss.
 * `filledIn`: the texts that variables were put into; undefined where that is not told.
 */
function isWrittenIn(place: Place, value: Sensitive, filledIn: readonly Sensitive[] | undefined): boolean {
  const text = value.reveal().replace(/^["']|["']$/g, "");
  return (
    place.kind === "file" &&
    classifySecret("password", new Sensitive(text)) === "literal-secret" &&
    filledIn?.some((argument) => argument.reveal().includes(text)) === false
  );
}

/** The option whose value a secret is. */
interface SecretOption {
  readonly name: string;
  readonly value: Sensitive;
}

function splitWords(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** The option whose secret begins at a word, undefined for none. */
function secretAt(word: string, next: string | undefined): SecretOption | undefined {
  const of = (name: string, value: string): SecretOption => ({ name, value: new Sensitive(value) });
  const assigned = /^(-{0,2}[A-Za-z][\w.-]*)=(.+)$/.exec(word);
  if (assigned !== null) {
    const [, option = "", value = ""] = assigned;
    if (isObjectName(option, value)) return undefined;
    return (secretOption.test(option) || isSecretName(option)) && isSecretText(value) ? of(option, value) : undefined;
  }
  if (secretOption.test(word) || (word.startsWith("--") && isSecretName(word))) {
    if (next === undefined || isObjectName(word, next)) return undefined;
    return !next.startsWith("-") && isSecretText(next) ? of(word, next) : undefined;
  }
  return classifySecret("", new Sensitive(word)) === "literal-secret" ? of("a URL or token", word) : undefined;
}

/** What matches requests is none: oauth2-proxy's `--skip-auth-regex` and `--skip-auth-route`. */
const matchesRequests = /-(?:regex|regexp|pattern|route|routes|paths?)$/i;

/** Options that take the name of a Secret of the cluster: certificates, and what pulls images. */
const takesObject = /(?:^|-)(?:tls|ssl|ca|certs?|certificate|serving|webhook|pull|dh-?param)-secret$/i;

const objectName = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Whether a value is the name of a Secret of the cluster, and not what it holds: `--tls-secret=web-tls`, and of any
 * option that ends with `secret` a name with its namespace (`ns/name`).
 */
function isObjectName(option: string, value: string): boolean {
  const parts = value.split("/");
  if (parts.length > 2 || !parts.every((part) => objectName.test(part))) return false;
  if (takesObject.test(option)) return true;
  return /secret$/i.test(option) && parts.length === 2 && !/\d{3}/.test(value);
}

function isSecretName(option: string): boolean {
  if (matchesRequests.test(option)) return false;
  return namesSecret(option.replace(/^-+/, "").replace(/[.-]/g, "_"));
}

function isSecretText(value: string): boolean {
  const text = value.replace(/^["']|["']$/g, "");
  if (text === "" || /^\$/.test(text)) return false;
  const kind = classifySecret("password", new Sensitive(text));
  return kind === "literal-secret" || kind === "weak-default";
}
