import type { AccessPolicy } from "../../facts/configuration/access-policy.ts";
import type { Named } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway, ServiceConfiguration } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  mapFact,
  unstated,
} from "../../facts/fact.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { wholeFile } from "../../lib/place.ts";
import { asFarAsRead } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { type ConfigurationOwner, configurationFile } from "../configuration-file.ts";
import { asBoolean, asInteger, asText, Fields, type Item } from "../fields.ts";
import { portOfAddress, portsIn, portVariable } from "../own-ports.ts";
import type { TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { accessPolicyOf, asLevel } from "./access.ts";
import { weakSecretsOf } from "./weak-secrets.ts";
import { wrongValues } from "./wrong-values.ts";

/**
 * Authelia: whom it lets pass and on which terms (`decide.ts` says what that means for a route), and whether it holds off those who guess.
 *
 * Source: the configuration schema of Authelia 4.39 (`access_control.default_policy` is deny unless stated,
 * `regulation.max_retries` 3, and 0 switches it off; `server.address` is `tcp://:9091/`, until 4.38 `server.host` and
 * `server.port`; variables `AUTHELIA_SERVER_…` go before files). Releases before 4.37 took `bypass` as the default policy too.
 */
export const autheliaFormat: ConfigFormat = {
  name: "Authelia configuration",
  mayBe: (path) => /\.ya?ml$/i.test(path) && /authelia|configuration/i.test(path),
  recognises: (_path, text) =>
    /^access_control:/m.test(text) && /^(?:authentication_backend|session|storage|notifier):/m.test(text),
  read(input: ConfigInput): ConfigFacts {
    const { documents, problems } = parseYaml(input.file.source, input.file.text);
    const [root] = documents;
    return {
      subjects: [autheliaSubject(asFarAsRead(root, problems, wholeFile(input.file.source)), input)],
      problems: [...problems, ...wrongValues(root, input)],
      sources: [],
    };
  },
};

/** What a tree says, which may come of several files; `input.file` names the subject. */
export function autheliaSubject(
  node: TreeNode | undefined,
  input: ConfigurationOwner & Pick<ConfigInput, "environment">,
): RepositoryFile {
  const root = Fields.of(node, wholeFile(input.file.source), "the file");
  const access = accessPolicyOf(root, input);
  const configuration: ServiceConfiguration = {
    software: "authelia",
    openDoors: doorsOf(root.fields("access_control"), access.otherwise),
    access,
    guessingLimited: regulated(root),
    unverifiedUpstreams: unverified(root),
    weakSecrets: weakSecretsOf(root),
    ports: portsOf(root, input),
  };
  return configurationFile(input, configuration);
}

function portsOf(root: Fields, input: Pick<ConfigInput, "environment">): Fact<readonly number[]> {
  const server = root.fields("server");
  const given = input.environment?.("AUTHELIA_SERVER_ADDRESS");
  if (given?.kind === "unknown") return given;
  const stated = given === undefined ? undefined : mapFact(given, (address) => address.reveal());
  const address =
    stated === undefined || stated.kind === "unstated"
      ? server.fact("address", asText, "an address", unstated)
      : stated;
  if (address.kind !== "unstated") return portsIn(portOfAddress(address));
  const usual = (place: Fields["place"]) => defaulted(9091, "platform" as const, place);
  // A key of its own until 4.24.
  const [section, name] = server.node("port") === undefined ? [root, "port"] : [server, "port"];
  return portsIn(portVariable(input, "AUTHELIA_SERVER_PORT") ?? section.fact(name, asInteger, "a number", usual));
}

function doorsOf(access: Fields, policy: AccessPolicy["otherwise"]): FactList<OpenDoorway> {
  const rules = access.list("rules", broadBypass);
  const items: OpenDoorway[] = rules.items.flat();
  if (knownValue(policy) === "bypass") {
    const what = "what no rule speaks of is let pass without a sign-in";
    items.unshift({ what, allows: "orders", name: "default_policy", elsewhere: true, place: policy.place });
  }
  if (policy.kind === "unknown") return incomplete(items, policy.why, policy.place);
  return rules.complete ? complete(items, access.place) : incomplete(items, rules.why, rules.place);
}

/**
 * A rule that lets everybody pass everywhere: of every domain, and narrowed by nothing. One domain or one of its expressions
 * is enough (Authelia 4.39, `internal/authorization/access_control_rule.go`, `MatchesDomains`).
 */
function broadBypass(node: TreeNode): Item<readonly OpenDoorway[]> {
  const rule = Fields.of(node, node.place, "a rule");
  const policy = rule.fact("policy", asLevel, "a policy", (place) => defaulted("deny", "platform", place));
  if (policy.kind === "unknown") return { why: policy.why };
  if (knownValue(policy) !== "bypass") return { value: [] };
  const resources = rule.list("resources", text);
  const narrowed =
    ["subject", "networks", "methods", "query"].some((key) => rule.node(key) !== undefined) ||
    (rule.node("resources") !== undefined && !resources.items.some((pattern) => everyPath.test(pattern)));
  const every =
    rule.list("domain", text).items.find((domain) => domain.startsWith("*.")) ??
    rule.list("domain_regex", text).items.find((pattern) => everyDomain.test(pattern));
  if (narrowed || every === undefined) return { value: [] };
  const what = `a rule lets everybody pass to ${every}`;
  return { value: [{ what, allows: "orders", name: every, elsewhere: true, place: policy.place }] };
}

const text = (node: TreeNode): Item<string> =>
  node.kind === "scalar" && node.unresolved === undefined
    ? { value: String(node.value) }
    : { why: "a part of the rule cannot be told" };

/** `^/.*$`, `.*`. */
const everyPath = /^\^?\/?(?:\.[*+])?\$?$/;
/** `^.*\.example\.com$`; one with a name of the user in it (`(?P<User>\w+)`) is his alone. */
const everyDomain = /^\^?\(?(?:\.[*+]|\[\^\.\]\+|\\w\+)\)?(?:\\?\.[\w\\.-]*)?\$?$/;

function regulated(root: Fields): Fact<boolean> {
  const retries = root
    .fields("regulation")
    .fact("max_retries", asInteger, "a number", (place) => defaulted(3, "platform", place));
  return retries.kind === "stated" || retries.kind === "defaulted" ? { ...retries, value: retries.value > 0 } : retries;
}

function unverified(root: Fields): FactList<Named> {
  const places = [
    ["the LDAP server", root.fields("authentication_backend").fields("ldap").fields("tls")],
    ["the mail server", root.fields("notifier").fields("smtp").fields("tls")],
    ["the PostgreSQL server", root.fields("storage").fields("postgres").fields("tls")],
    ["the MySQL server", root.fields("storage").fields("mysql").fields("tls")],
    ["the Redis server", root.fields("session").fields("redis").fields("tls")],
  ] as const;
  const items: Named[] = [];
  let why: string | undefined;
  for (const [name, tls] of places) {
    const skips = tls.fact("skip_verify", asBoolean, "true or false", (place) => defaulted(false, "platform", place));
    if (skips.kind === "unknown") why ??= skips.why;
    if (knownValue(skips) === true) items.push({ name, place: skips.place });
  }
  return why === undefined ? complete(items, root.place) : incomplete(items, why, root.place);
}
