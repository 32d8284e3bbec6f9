/**
 * A policy for every path is the root token under another name, and is handed out as if it were none.
 *
 * Reads:  repository-file.configuration (paths of a policy of Vault or OpenBao)
 * Passes: no path stands for the whole store, or for its own administration with every right.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { VaultPolicyPath } from "../../facts/configuration/vault.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const vaultPolicyNarrow = defineControl({
  id: "identity.vault-policy-narrow",
  on: "repository-file",
  software: ["vault-policy"],
  severity: "medium",
  title: "Policies of Vault name what they are for",
  claim: "No policy of Vault or OpenBao gives its holders the whole store, or the means to take it.",
  threat: "One leaked token of a service reads every secret of every other, or writes itself a policy that does.",
  remedy:
    'Name the paths that its holder needs, `path "secret/data/web/*" { capabilities = ["read"] }`, and keep administration in a policy that people take for an hour.',
  judged:
    "Fails at medium for a path that stands for everything (`*`, `+/*`) with any right to read or change, at low for `sys/*`, `sys/policies/*`, `auth/*` and `identity/*` with the right to change: whoever writes policies or logins gives themselves any right. `deny` and `list` alone pass.",
  frameworks: { nistCsf: ["PR.AA-05"], zeroTrust: ["3"], coverage: ["S5", "S9", "A13"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "vault-policy") return notApplicable("not a policy of Vault");
    return forbidAny(configuration.paths, judge, { what: "the list of paths", none: "every path is narrow" });
  },
});

const everything = /^(?:\*|\+\/\*|\+)$/;
const administration = /^(?:sys\/\*|sys\/polic(?:y|ies)(?:\/acl)?\/\*|sys\/auth\/\*|auth\/\*|identity\/\*)$/;
const changing: ReadonlySet<string> = new Set(["create", "update", "patch", "delete", "sudo"]);

function judge({ path, capabilities, place }: VaultPolicyPath): Judgement | undefined {
  const whole = everything.test(path);
  if (!whole && !administration.test(path)) return undefined;
  const shown = `the path "${path}"`;
  if (capabilities.kind === "unknown")
    return cannotTell(`what may be done under ${shown}`, capabilities.why, { place, detail: path });
  const rights = capabilities.kind === "unstated" || capabilities.value.includes("deny") ? [] : capabilities.value;
  const dangerous = rights.filter((right) => changing.has(right) || (whole && right === "read"));
  if (dangerous.length === 0) return undefined;
  const means = whole ? "which is the whole store" : "by which its holder can take any other right";
  return fail(`${shown} allows ${listed(dangerous)}, ${means}`, {
    place,
    detail: path,
    severity: whole ? "medium" : "low",
  });
}
