/**
 * A password that everybody knows is no password.
 *
 * Reads:  container.environment, secret-reference.guessable, image.reference and names around it (for what a lazy password
 *         would be)
 * Passes: no secret is a placeholder, a well-known default, or made of names and words for "password".
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { softwareOfImage } from "../../facts/knowledge/roles.ts";
import { namesSecret } from "../../facts/secret-like.ts";
import type { Container, EnvironmentVariable, SecretReference } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbidAny, type JudgementExtras } from "../judge.ts";
import { freshValue, freshValueOf, isIssuedElsewhere } from "../knowledge/fresh-secret.ts";
import { isForOthers } from "../knowledge/given-to-many.ts";
import { productOf } from "../knowledge/products.ts";
import { hidesGuessingContext, type SecretUse, secretUseOfVariable } from "../knowledge/secret-values.ts";

const shortest = 8;
/** Where an empty value of a store means that anybody gets in. */
const storePassword =
  /^(?:POSTGRES_PASSWORD|MYSQL_ROOT_PASSWORD|MARIADB_ROOT_PASSWORD|MONGO_INITDB_ROOT_PASSWORD|REDIS_PASSWORD|MINIO_ROOT_PASSWORD|RABBITMQ_DEFAULT_PASS)$/i;
/** Keys by which a program signs what it trusts later. */
const signingKey = /^(?:SECRET_KEY|APP_KEY|JWT_SECRET|SECRET_KEY_BASE|SESSION_SECRET)$/i;
/** Names of passwords that open another service: that one is attacked with it, not the one that holds it. */
const opensAnother =
  /(?:^|_)(DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|REDIS|MONGO|SMTP|IMAP|XMPP|MAIL|S3|RABBITMQ|AMQP|LDAP|ELASTIC|MQTT|MEILI|TYPESENSE|CLICKHOUSE|INFLUX|MINIO|NEO4J|QDRANT|COUCHDB|VALKEY)[A-Z]*_/i;
/** Frigate puts them into the addresses of cameras and brokers. Source: Frigate's manual, "Full Reference", `{FRIGATE_…}`. */
const ofCameras = /^FRIGATE_/;
/** Meant for every visitor: what it may do hangs on the rules of the database. Source: Supabase's manual, "API keys". */
const forVisitors = /(?:^|_)ANON_KEY$/i;
/** What lets players join a game, and gives no orders. Source: the manuals of lloesche/valheim-server and its like. */
const joinsGame = /^(?:SERVER|GAME|JOIN)_?(?:PASS|PASSWORD|PW)$/i;
const games =
  /valheim|palworld|enshrouded|satisfactory|terraria|vrising|v-rising|7days|7dtd|factorio|zomboid|minecraft|conan|dayz|unturned|ark-|csgo|cs2|garrysmod|gmod|rust-server|dontstarve|core-?keeper|soulmask|icarus|abiotic/i;
/** The servers, beside stores of data, to which such a name gives a password of their own, by what `software.ts` calls them. */
const ownWords: Readonly<Record<string, readonly string[]>> = {
  ldap: ["openldap", "lldap"],
  rabbitmq: ["rabbitmq"],
  amqp: ["rabbitmq", "activemq"],
  mqtt: ["mosquitto", "emqx", "vernemq", "rabbitmq"],
};
/** Without which the official images, and those made of them, make no database; what lets them, by the same manuals. */
const neededToStart: Readonly<Record<string, { readonly name: RegExp; readonly unless: RegExp }>> = {
  postgresql: { name: /^POSTGRES_PASSWORD$/i, unless: /^POSTGRES_HOST_AUTH_METHOD$/i },
  mariadb: { name: /^(?:MYSQL|MARIADB)_ROOT_PASSWORD$/i, unless: /_ALLOW_EMPTY_/i },
  mysql: { name: /^MYSQL_ROOT_PASSWORD$/i, unless: /_ALLOW_EMPTY_/i },
};

export const valueStrong = defineControl({
  id: "secrets.value-strong",
  on: "container",
  severity: "high",
  title: "No secret is a default or a placeholder",
  claim: "No secret is a placeholder, a well-known default, or a word that anybody would try.",
  threat: "Default passwords are the first that is tried, by worms within minutes of a port being open.",
  remedy: "Generate a new value, for example with `openssl rand -hex 32`, and deliver it as a file.",
  remedies: {
    incus:
      "Generate a new value, for example with `openssl rand -hex 32` or a `random_password`, and deliver it as a file. A variable without a default stops the plan until somebody gives it a value.",
    kubernetes:
      "Generate a new value, for example with `openssl rand -hex 32`, put it into a Secret that SOPS encrypts, or that an ExternalSecret fetches, and mount that.",
  },
  judged:
    "Fails for a secret by its name, or a password in a URL, that is a placeholder (`changeme`, `<password>`), is made of words for passwords and of the names of the program, its user and its database, or has under eight characters. A password that opens another service (`DB_PASSWORD`, `SMTP_PASSWORD`) counts one step less in the service that holds it, and a placeholder for a key that another house issues counts low: it opens nothing; so does the password by which players join a game. An empty value fails in a store, where it lets anybody in (low where the image makes no database without one), and for a key by which a program signs. Of a file of variables that several services get, a web server or a store is judged by those that its image takes. So does one that Compose hands in as a file, where the file lies among these. What a Secret gives that is not among the files, or is encrypted, is not judged. Unknown when the value cannot be resolved.",
  limits: "Words are English and a few programs' own; a weak password in another language is not recognised.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.AA-01"],
    coverage: ["S8", "S11"],
  },

  check(container, system) {
    const workload = system.workloadOf(container);
    const isStore = workload !== undefined && productOf(workload, system).roles.has("datastore");
    const image = container.image === undefined ? undefined : system.get(container.image);
    const software = image === undefined ? undefined : softwareOfImage(image)?.name;
    const isGame = image !== undefined && games.test(knownValue(image.reference)?.repository ?? "");
    const inFiles = workload === undefined ? [] : system.ownedBy(workload.ref, "secret-reference");
    const hidden = hidesGuessingContext(container, system) || hidesImageName(container, system);
    const around = { isStore, software, isGame, hidden };
    const variables = forbidAny(
      container.environment,
      (variable) =>
        isForOthers(variable, container, system)
          ? undefined
          : judge(variable, secretUseOfVariable(variable, container, system), container, around),
      {
        what: "the environment",
        none: "no secret in the environment is a default or a placeholder",
      },
    );
    const handedIn = inFiles.flatMap((reference) => judgeFile(reference, container, around) ?? []);
    return handedIn.length === 0 ? variables : all(variables, handedIn);
  },
});

/** A password may be made of the image's name. */
function hidesImageName(container: Container, system: System): boolean {
  const image = container.image === undefined ? undefined : system.get(container.image);
  return image?.reference.kind === "unknown" && image.likelyRepository === undefined;
}

interface Surroundings {
  readonly isStore: boolean;
  /** What the image is known to be. */
  readonly software: string | undefined;
  readonly isGame: boolean;
  /** True when a name that the password may be made of cannot be resolved. */
  readonly hidden: boolean;
}

function judge(
  variable: EnvironmentVariable,
  use: SecretUse,
  container: Container,
  { isStore, software, isGame, hidden }: Surroundings,
): Judgement | undefined {
  const { name, place } = variable;
  const extras = { place, detail: name, ...mendingOf(variable, use, container) };
  switch (use.kind) {
    case "none":
      return undefined;
    case "unknown":
      return namesSecret(name)
        ? cannotTell(`whether ${name} is strong`, use.why, { ...extras, severity: "low" })
        : undefined;
    case "empty":
      return (
        judgeEmpty(name, isStore, extras, refusesEmpty(name, software, container)) ??
        (hidden
          ? cannotTell(`whether ${name} may be empty`, "what the service is cannot be resolved", {
              ...extras,
              severity: "low",
            })
          : undefined)
      );
    case "secret": {
      const severity = severityOf(name, use.inUrl, { isStore, software, isGame });
      if (use.guessable) {
        return fail(`${name} is a default or a placeholder that anybody would try`, {
          ...extras,
          severity,
          // What it opens stands elsewhere, whoever can reach the service that holds it.
          ...(severity === "high" ? {} : { settled: true }),
        });
      }
      if (tooShort(variable)) {
        const milder = severity === "low" ? "low" : "medium";
        return fail(`${name} has under ${shortest} characters`, { ...extras, severity: milder });
      }
      if (!hidden) return undefined;
      const why = "a name that it may be made of (its user, its image) cannot be resolved";
      return cannotTell(`whether ${name} is strong`, why, { ...extras, severity: "low" });
    }
  }
}

/** A secret that is handed in as a file which lies among these. */
function judgeFile(reference: SecretReference, container: Container, around: Surroundings): Judgement | undefined {
  const { guessable, secret, place, plaintextSource } = reference;
  if (guessable === undefined || knownValue(guessable) === false) return undefined;
  const extras = { place, detail: `file ${secret}` };
  if (guessable.kind === "unknown")
    return cannotTell(`whether ${secret} is strong`, guessable.why, { ...extras, severity: "low" });
  const name = variableOf(reference, container) ?? secret;
  const severity = severityOf(name, false, around);
  const file = knownValue(plaintextSource);
  return fail(`the secret ${secret} is a default or a placeholder that anybody would try`, {
    ...extras,
    severity,
    ...(severity === "high" ? {} : { settled: true as const }),
    remedy: `${freshValueOf(name)}, and put it into ${file ?? "its file"}, which Git is to ignore. A database that is there already keeps the old one until it is changed in it.`,
  });
}

/** What the secret of a file is for, by the variable that names the file: `DB_PASSWORD` for `DB_PASSWORD_FILE`. */
function variableOf({ secret, target }: SecretReference, { environment }: Container): string | undefined {
  const path = knownValue(target) ?? secret;
  const inside = path.startsWith("/") ? path : `/run/secrets/${path}`;
  const naming = environment.items.find(
    ({ name, value }) => /_FILE$/i.test(name) && knownValue(value)?.reveal().trim() === inside,
  );
  return naming?.name.replace(/_+FILE$/i, "");
}

/** How the value is changed where it stands: in an `env_file`, in a variable, or in the file itself. */
function mendingOf(
  changed: EnvironmentVariable,
  use: SecretUse,
  { platform, lens }: Container,
): Pick<JudgementExtras, "remedy"> {
  if (platform !== "compose" || lens === "running") return {};
  const { from, interpolates } = changed;
  const fresh =
    use.kind === "secret" && use.inUrl
      ? "Give the other side a new password, for example of `openssl rand -hex 32`, and write it into this address"
      : freshValue(changed);
  // Of an address other parts may be variables too.
  const variable = interpolates.find(namesSecret) ?? (use.kind === "secret" && use.inUrl ? undefined : interpolates[0]);
  if (variable !== undefined) {
    return {
      remedy: `${fresh}, and give it to \`${variable}\`. Written \`\${${variable}:?set ${variable} in .env}\`, with no default behind it, nothing starts without one.`,
    };
  }
  const where =
    from === undefined
      ? "deliver it in a file of its own (`secrets:`), not in this one"
      : `put it into ${from} instead of this one, a file to be kept out of Git`;
  return { remedy: `${fresh}, and ${where}.` };
}

function judgeEmpty(
  name: string,
  isStore: boolean,
  extras: JudgementExtras,
  isRefused: boolean,
): Judgement | undefined {
  if (isRefused) {
    const message = `${name} is empty, and the image makes no new database without one`;
    return fail(message, { ...extras, severity: "low", settled: true });
  }
  if (isStore && storePassword.test(name)) return fail(`${name} is empty, so that no password protects it`, extras);
  if (!signingKey.test(name)) return undefined;
  const message = `${name} is empty: unless the program makes one itself, anybody can forge what it signs`;
  return fail(message, { ...extras, severity: "medium" });
}

/** Whether the image ends with an error where this one is empty, and nothing else tells it to go on. */
function refusesEmpty(name: string, software: string | undefined, { environment }: Container): boolean {
  const needed = software === undefined ? undefined : neededToStart[software];
  return (
    needed?.name.test(name) === true &&
    environment.complete &&
    !environment.items.some((other) => needed.unless.test(other.name))
  );
}

function severityOf(
  name: string,
  inUrl: boolean,
  { isStore, software, isGame }: Omit<Surroundings, "hidden">,
): Severity {
  if (isIssuedElsewhere(name) || forVisitors.test(name) || (isGame && joinsGame.test(name))) return "low";
  if (isStore) return "high";
  const word = opensAnother.exec(name)?.[1]?.toLowerCase();
  const isOwn = word !== undefined && software !== undefined && ownWords[word]?.includes(software) === true;
  return inUrl || ofCameras.test(name) || (word !== undefined && !isOwn) ? "medium" : "high";
}

function tooShort(variable: EnvironmentVariable): boolean {
  const length = knownValue(variable.value)?.length;
  return namesSecret(variable.name) && length !== undefined && length < shortest;
}
