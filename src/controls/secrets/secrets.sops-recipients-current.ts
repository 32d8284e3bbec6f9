/**
 * A key that was taken out of the rules opens every file that was not encrypted anew.
 *
 * Reads:  repository-file.sops (the file's keys, and those of its rule)
 * Passes: the file is encrypted for the keys of its rule, no more and no fewer.
 */
import type { SopsRecipient } from "../../facts/configuration/sops.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const sopsRecipientsCurrent = defineControl({
  id: "secrets.sops-recipients-current",
  on: "repository-file",
  severity: "medium",
  title: "Files are encrypted for the keys that their rule names",
  claim: "Every encrypted file can be opened with the keys that the rules name, and with no other.",
  threat:
    "Somebody who left, or a key that was lost, opens the file still; and who was added finds in an emergency that the file is closed.",
  remedy:
    "`sops updatekeys FILE`. Where a key was taken out because it is no longer trusted, also `sops rotate --in-place FILE` for a new data key, and replace the secrets themselves: history stays readable with the old key.",
  judged:
    "For files that SOPS encrypted and that a rule of the nearest `.sops.yaml` takes: fails medium for a key that the rule does not name, low for one of the rule that the file lacks. Not applicable without a rule, or where the rule names no key.",
  frameworks: { nistCsf: ["PR.AA-01", "PR.AA-05"], coverage: ["S6", "S7"] },
  exposureMatters: false,

  check({ sops, path }) {
    if (sops?.state !== "encrypted") return notApplicable("SOPS did not encrypt it");
    const { rule, recipients } = sops;
    if (rule.kind === "unknown") return cannotTell(`the rule for ${path}`, rule.why, { place: rule.place });
    if (rule.kind !== "stated") return notApplicable("no rule takes it");
    const named = rule.value.recipients;
    if (!recipients.complete) return cannotTell(`the keys of ${path}`, recipients.why, { place: recipients.place });
    if (!named.complete) return cannotTell(`the keys of the rule for ${path}`, named.why, { place: named.place });
    if (named.items.length === 0) return notApplicable("its rule names no key");
    const extra = recipients.items.filter((one) => !named.items.some((other) => same(one, other)));
    const lacking = named.items.filter((one) => !recipients.items.some((other) => same(one, other)));
    if (extra.length === 0 && lacking.length === 0)
      return pass("it is encrypted for the keys of its rule", recipients.place);
    return all(
      extra.map((one) =>
        fail(`${path} can be opened with ${shown(one)}, which its rule does not name`, {
          place: one.place,
          detail: `extra ${one.id}`,
        }),
      ),
      lacking.map((one) =>
        fail(`${path} cannot be opened with ${shown(one)}, which its rule names`, {
          place: recipients.place,
          detail: `lacking ${one.id}`,
          severity: "low",
        }),
      ),
    );
  },
});

/** A PGP key may be named by the last part of its fingerprint. */
function same(a: SopsRecipient, b: SopsRecipient): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind !== "pgp") return a.id === b.id;
  return a.id.length >= 8 && b.id.length >= 8 && (a.id.endsWith(b.id) || b.id.endsWith(a.id));
}

const kinds: Readonly<Record<SopsRecipient["kind"], string>> = {
  age: "the age key",
  pgp: "the PGP key",
  kms: "the AWS key",
  gcp_kms: "the Google Cloud key",
  azure_kv: "the Azure key",
  hc_vault: "the Vault key",
  hckms: "the Huawei Cloud key",
  plugin: "the plugin",
};

function shown({ kind, id }: SopsRecipient): string {
  return `${kinds[kind]} ${id.length > 40 ? `${id.slice(0, 20)}…${id.slice(-6)}` : id}`;
}
