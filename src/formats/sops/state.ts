import type { ClearValue, SopsRuleForFile, SopsState } from "../../facts/configuration/sops.ts";
import { complete, type Fact, incomplete, stated, unstated } from "../../facts/fact.ts";
import { classifySecret } from "../../facts/secret-like.ts";
import { type Place, placeAt, wholeFile } from "../../lib/place.ts";
import { assignmentsIn } from "../../repository/assignments.ts";
import type { TextFile } from "../../repository/files.ts";
import { secretsIn } from "../../repository/secret-scan/scan.ts";
import { parseJson } from "../json/parse.ts";
import { parseYaml } from "../yaml/parse.ts";
import { clearSecretsIn } from "./clear-values.ts";
import { type EncryptedFile, readEncrypted } from "./read-encrypted.ts";
import { isRulesFile } from "./rules.ts";
import type { RuleForFile, RulesOfRepository } from "./rules-of-repository.ts";

/** `db.sops.yaml`, `sops.env`: the name says what the file is. Templates of such files are none themselves. */
const namedForSops = /(?:^|[._-])sops\.(?:ya?ml|json|env|ini|txt|toml)$/i;

/**
 * What SOPS made of a file, or should have made of it: one that a rule with a path is made for, or whose name says so.
 * Undefined for the many that have nothing to do with it. `path` is relative to the root.
 */
export function sopsStateOf(file: TextFile, path: string, rules: RulesOfRepository): SopsState | undefined {
  if (isRulesFile(path)) return undefined;
  const encrypted = file.text.includes("sops") ? readEncrypted(file.source, file.text) : undefined;
  if (encrypted !== undefined) return stateOfEncrypted(encrypted, rules.ruleFor(path));
  const named = namedForSops.test(path) && !isManifest(file.text);
  const rule = named || mayHoldSecrets(file.text) ? rules.ruleFor(path) : undefined;
  const made = rule?.rule.path === undefined ? undefined : rule;
  if (!named && made === undefined) return undefined;
  const clear = secretsOfPlain(file, path);
  if (!named && clear.length === 0) return undefined;
  const because =
    made === undefined
      ? "its name says that SOPS encrypted it"
      : `rule ${made.rule.number} of ${made.file} is made for it`;
  return { state: "plain", because, clear: complete(clear, clear[0]?.place ?? wholeFile(file.source)) };
}

function stateOfEncrypted(file: EncryptedFile, rule: RuleForFile | undefined): SopsState {
  const list = <T>(items: readonly T[]) =>
    file.incomplete === undefined ? complete(items, file.place) : incomplete(items, file.incomplete, file.place);
  return {
    state: "encrypted",
    authenticated: stated(file.authenticated, file.place),
    recipients: list(file.recipients),
    clear: list(file.clear),
    rule: ruleFact(rule, file.place),
  };
}

function ruleFact(found: RuleForFile | undefined, place: Place): Fact<SopsRuleForFile> {
  if (found === undefined) return unstated(place);
  const { rule } = found;
  return stated({ recipients: complete(rule.recipients, rule.place), place: rule.place }, rule.place);
}

/** A Kubernetes manifest is judged object by object; another text is worth a look where it names secrets. */
function mayHoldSecrets(text: string): boolean {
  return !isManifest(text) && /pass|secret|token|key|auth|cred/i.test(text);
}

function isManifest(text: string): boolean {
  return /^apiVersion:/m.test(text) && /^kind:/m.test(text);
}

function secretsOfPlain(file: TextFile, path: string): readonly ClearValue[] {
  const { source, text } = file;
  if (/\.ya?ml$/i.test(path)) return clearSecretsIn(parseYaml(source, text).documents);
  if (/\.json$/i.test(path)) {
    const { root } = parseJson(source, text);
    return root === undefined ? [] : clearSecretsIn([root]);
  }
  if (/\.(?:env|ini)$/i.test(path)) {
    return assignmentsIn(text)
      .filter(({ name, value }) => classifySecret(name, value) === "literal-secret")
      .map(({ name, offset }) => ({ name, place: placeAt(source, offset) }));
  }
  return secretsIn(text, path, "all").map(({ what, offset }) => ({ name: what, place: placeAt(source, offset) }));
}
