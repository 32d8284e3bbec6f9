import { parseAllDocuments } from "yaml";
import { RingwallError } from "../../../lib/error.ts";
import type { OwnIdentity } from "./identity-files.ts";
import { identityText } from "./identity-files.ts";

/** A Kustomization of Flux that decrypts with SOPS, and the Secret that has its keys. */
export interface FluxDecryption {
  readonly file: string;
  readonly kustomization: string;
  readonly namespace: string;
  readonly secret: string;
}

/**
 * Kustomizations of a text that name a Secret with keys. Texts that are no YAML have none.
 *
 * Source: fluxcd/kustomize-controller v1 API, `spec.decryption` (`provider: sops`, `secretRef.name`, in the
 * Kustomization's own namespace).
 */
export function fluxDecryptionsIn(text: string, file: string): readonly FluxDecryption[] {
  if (!text.includes("kustomize.toolkit.fluxcd.io") || !text.includes("decryption")) return [];
  return parseAllDocuments(text, { strict: false, uniqueKeys: false }).flatMap((document) => {
    if (!("errors" in document) || document.errors.length > 0) return [];
    const found: unknown = document.toJS({ maxAliasCount: 100 });
    if (at(found, "kind") !== "Kustomization") return [];
    if (!String(at(found, "apiVersion")).startsWith("kustomize.toolkit.fluxcd.io/")) return [];
    const secret = at(found, "spec", "decryption", "secretRef", "name");
    if (at(found, "spec", "decryption", "provider") !== "sops" || typeof secret !== "string") return [];
    const namespace = at(found, "metadata", "namespace");
    return [
      {
        file,
        kustomization: String(at(found, "metadata", "name")),
        namespace: typeof namespace === "string" ? namespace : "flux-system",
        secret,
      },
    ];
  });
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null && Object.hasOwn(found, key)
        ? (found as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
}

/** Each Secret once. */
export function fluxSecretsOf(
  found: readonly FluxDecryption[],
): readonly Pick<FluxDecryption, "namespace" | "secret">[] {
  return [...new Map(found.map(({ namespace, secret }) => [`${namespace}/${secret}`, { namespace, secret }])).values()];
}

/** The entry of the Secret. Flux takes every one that ends so. */
const entry = "identity.agekey";

/** Names of objects in Kubernetes, which are written as they are into YAML. */
const plainName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Secrets for Flux as manifests. The text holds identities: it goes into a pipe to the cluster, and nowhere else.
 */
export function fluxManifests(
  secrets: readonly Pick<FluxDecryption, "namespace" | "secret">[],
  identities: readonly OwnIdentity[],
): string {
  const lines = identityText(identities, undefined).trimEnd().split("\n");
  return secrets.map((one) => manifest(one, lines)).join("---\n");
}

function manifest(
  { namespace, secret }: Pick<FluxDecryption, "namespace" | "secret">,
  lines: readonly string[],
): string {
  for (const name of [namespace, secret]) {
    if (plainName.test(name)) continue;
    throw new RingwallError("invalid", "A Kustomization names a Secret or namespace that Kubernetes takes for none.", {
      hint: "Look at `spec.decryption.secretRef` and `metadata.namespace`; a variable there cannot be followed.",
    });
  }
  return [
    "apiVersion: v1",
    "kind: Secret",
    "metadata:",
    `  name: "${secret}"`,
    `  namespace: "${namespace}"`,
    "type: Opaque",
    "stringData:",
    `  ${entry}: |`,
    ...lines.map((line) => `    ${line}`),
    "",
  ].join("\n");
}
