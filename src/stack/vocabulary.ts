/** Closed lists of the declaration's words, apart from the schema so that types alone can be imported. */

export const componentNames = [
  "caddy",
  "prometheus",
  "alertmanager",
  "node-exporter",
  "postgres",
  "mosquitto",
] as const;
export type ComponentName = (typeof componentNames)[number];

/** What a zone allows towards outside. `none`: nothing in or out. `outbound`: its services may call out. `ingress`: outside may come in through an edge. `both`. */
export const externalAccess = ["none", "outbound", "ingress", "both"] as const;
export type ExternalAccess = (typeof externalAccess)[number];

/**
 * `password`: letters and digits. `hex`: hexadecimal. `token`: URL-safe base64. `tls-self-signed`: a certificate that
 * signs itself, and its key, in one PEM text. `external`: a person brings it.
 */
export const secretKinds = ["password", "hex", "token", "tls-self-signed", "external"] as const;
export type SecretKind = (typeof secretKinds)[number];

/** How often a secret is to be replaced; `on-compromise` has no clock. */
export type RotationPolicy = { readonly kind: "days"; readonly days: number } | { readonly kind: "on-compromise" };
