/**
 * A Secret in a manifest is written in base64, which everybody reads.
 *
 * Reads:  repository-file.configuration (Secrets and ConfigMaps of Kubernetes), .tracked, .ignored
 * Passes: no value in it is a secret in the clear.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { KubernetesDataConfiguration } from "../../facts/configuration/kubernetes-data.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import type { Sensitive } from "../../facts/sensitive.ts";
import type { System } from "../../facts/system.ts";
import { listed } from "../../lib/listed.ts";
import type { Place } from "../../lib/place.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { isTriedByAll, manifestSecret } from "../knowledge/manifest-secrets.ts";

export const manifestEncrypted = defineControl({
  id: "secrets.manifest-encrypted",
  on: "repository-file",
  software: ["kubernetes"],
  platforms: ["kubernetes"],
  severity: "high",
  title: "Secrets in manifests are encrypted",
  claim: "No Secret and no ConfigMap in a manifest holds a secret that anybody can read.",
  threat:
    "Whoever reads the repository, a fork or a backup has the secret, for base64 is no encryption; and Git keeps it after it is removed.",
  remedy:
    "Replace the secret, for it is no longer one. Then encrypt the manifest (`sops encrypt --in-place --encrypted-regex '^(data|stringData)$' FILE`, with `decryption:` in the Flux Kustomization that applies it), or fetch the value with an ExternalSecret, or seal it (SealedSecret).",
  judged:
    "One finding for each object. In a Secret fails for keys and values that are secrets by their name, type or looks, lines of files in it included; in a ConfigMap for a name that says secret and for issuers' shapes. What SOPS encrypts, references (`${NAME}`, `op://…`), placeholders and password hashes pass, and so does a file that Git ignores; medium for a password that anybody would try (`postgres`) and that no container gets in a variable, with which secrets.value-strong judges it; medium for one that Git does not have yet. Unknown when a value cannot be resolved.",
  limits: "A secret under an innocent name that does not look random is not recognised.",
  frameworks: {
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets"],
    nistCsf: ["PR.DS-01"],
    coverage: ["S1", "S5"],
  },
  exposureMatters: false,

  check({ configuration, place, tracked, ignored }, system) {
    if (configuration?.software !== "kubernetes") return notApplicable("neither a Secret nor a ConfigMap");
    const judgement = judge(configuration, system);
    if (judgement === undefined) return pass(`${nameOf(configuration)} holds no secret in the clear`, place);
    if (judgement.verdict !== "fail" || knownValue(tracked) !== false) return judgement;
    if (knownValue(ignored) === true) return pass("Git leaves the file out", ignored.place);
    return { ...judgement, message: `${judgement.message}; Git does not have it yet`, severity: "medium" };
  },
});

function nameOf({ kind, name }: KubernetesDataConfiguration): string {
  return `the ${kind} ${name}`;
}

function judge(config: KubernetesDataConfiguration, system: System): Judgement | undefined {
  const answers = config.values.items.map((held) => ({ ...held, is: manifestSecret(config, held) }));
  const [first, ...others] = answers.filter(({ is, place }) => is === "secret" && standsInManifest(place));
  if (first !== undefined) {
    const keys = listed([first, ...others].map(({ key }) => key));
    const remedy = isInGenerator(first.place) ? { remedy: inGenerator } : {};
    return fail(`${nameOf(config)} holds ${keys} in the clear`, { place: first.place, ...remedy });
  }
  const tried = answers.find((held) => isTriedByAll(config, held) && standsInManifest(held.place));
  if (tried !== undefined && !isJudgedWithContainer(tried, system)) {
    const message = `${nameOf(config)} gives a password that anybody would try, under ${tried.key}`;
    return fail(message, { place: tried.place, severity: "medium", remedy: anotherValue });
  }
  if (!config.values.complete) {
    return cannotTell(`what ${nameOf(config)} holds`, config.values.why, {
      place: config.values.place,
      severity: "low",
    });
  }
  const unclear = answers.find(({ is }) => typeof is === "object");
  if (unclear === undefined || typeof unclear.is !== "object") return undefined;
  const what = `whether ${unclear.key} of ${nameOf(config)} is a secret in the clear`;
  return cannotTell(what, unclear.is.unknown, { place: unclear.place, severity: "low" });
}

/** Whether a container gets it in a variable, with which secrets.value-strong judges it. */
function isJudgedWithContainer({ value }: { readonly value: Fact<Sensitive> }, system: System): boolean {
  const text = knownValue(value)?.reveal();
  return system
    .all("container")
    .some(({ environment }) => environment.items.some((variable) => knownValue(variable.value)?.reveal() === text));
}

const anotherValue =
  "Generate a new value, for example with `openssl rand -hex 32`, change it where it was used, and keep it in a Secret that SOPS encrypts, or that an ExternalSecret fetches.";

/** Whether it stands in a Kustomization, as a literal of a generator or in a patch: SOPS finds no `data` there. */
function isInGenerator(place: Place): boolean {
  return place.kind === "file" && /(?:^|\/)kustomization(?:\.ya?ml)?$/i.test(place.source.path);
}

/** Source: Flux documentation "Manage Kubernetes secrets with SOPS", on files that a `secretGenerator` names. */
const inGenerator =
  "Replace the secret, for it is no longer one. Then take it out of the Kustomization, of which SOPS encrypts no literal in a way that anything decrypts: write it into a file of its own, encrypt that whole (`sops encrypt --in-place secret.env`), and name it under `envs:` or `files:` of the generator; a Flux Kustomization with `decryption:` decrypts it before it builds. Or fetch the value with an ExternalSecret, or seal it (SealedSecret).";

/** A generator takes values from files of other kinds, which Git may ignore: those are judged as files. */
function standsInManifest(place: KubernetesDataConfiguration["values"]["place"]): boolean {
  return place.kind !== "file" || /\.(?:ya?ml|json)$/i.test(place.source.path);
}
