import type { ArgoConnection, ArgoSwitch } from "../../../../facts/extensions-cluster.ts";
import { defaulted, type Fact, mapFact, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { Pipeline } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import { booleanOfFlag } from "../../../../lib/boolean-of-flag.ts";
import { jsonOf } from "../../../../lib/json.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, metadataOf, specOf, textIn } from "../context.ts";
import { labelsOf } from "../labels.ts";
import { valuesOf } from "../pods/data-objects.ts";

const label = "argocd.argoproj.io/secret-type";

const purposes: ReadonlyMap<string, ArgoConnection["to"]> = new Map([
  ["repository", "repository"],
  ["repository-write", "repository"],
  ["repo-creds", "credentials"],
  ["repo-write-creds", "credentials"],
  ["cluster", "cluster"],
]);

/**
 * How Argo CD reaches repositories and clusters, as Secrets with its label say it, and the ExternalSecrets and
 * SealedSecrets that make such Secrets.
 *
 * Sources: argo-cd v3.4, `docs/operator-manual/declarative-setup.md` and `util/db/repository_secrets.go` (either of
 * `insecure` and `insecureIgnoreHostKey` turns off both checks; credentials for many repositories have neither);
 * External Secrets v1 (`target.template`); sealed-secrets v0.30 (`spec.template`).
 */
export function argoConnections(context: ClusterContext): readonly Pipeline[] {
  const ofKind = (group: string, kind: string, read: (object: KubernetesObject) => LabelledSecret) =>
    context.ofKind(group, kind).flatMap((object) => connectionOf(object, read, context));
  return [
    ...ofKind("", "Secret", writtenSecret),
    ...ofKind("external-secrets.io", "ExternalSecret", externalSecret),
    ...ofKind("bitnami.com", "SealedSecret", sealedSecret),
  ];
}

/** What a Secret comes to, whatever makes it. */
interface LabelledSecret {
  readonly metadata: Fields;
  value(key: string): Fact<string>;
}

function writtenSecret(object: KubernetesObject): LabelledSecret {
  const values = valuesOf("Secret", object);
  return {
    metadata: metadataOf(object),
    value: (key) => {
      const held = values.items.find((each) => each.key === key);
      if (held !== undefined) return mapFact(held.value, (text) => text.reveal());
      return values.complete ? unstated(object.place) : unknown(values.why, values.place);
    },
  };
}

/** What is fetched is not seen. A template that others are merged with, or none at all, leaves every key open. */
function externalSecret(object: KubernetesObject): LabelledSecret {
  const template = specOf(object).fields("target").fields("template");
  const data = template.fields("data");
  const isWhole =
    template.node("data") !== undefined &&
    template.node("templateFrom") === undefined &&
    textIn(template, "mergePolicy") !== "Merge";
  return {
    metadata: template.fields("metadata"),
    value: (key) => {
      const held = data.fact(key, asText, "a text", unstated);
      if (held.kind === "unstated" && !isWhole) return unknown("it is fetched from a store of secrets", object.place);
      return held;
    },
  };
}

function sealedSecret(object: KubernetesObject): LabelledSecret {
  const spec = specOf(object);
  const sealed = spec.fields("encryptedData");
  const template = spec.fields("template");
  return {
    metadata: template.fields("metadata"),
    value: (key) =>
      sealed.node(key) === undefined && sealed.hidden === undefined
        ? template.fields("data").fact(key, asText, "a text", unstated)
        : unknown("it is sealed", sealed.keyPlace(key)),
  };
}

function connectionOf(
  object: KubernetesObject,
  read: (object: KubernetesObject) => LabelledSecret,
  context: ClusterContext,
): readonly Pipeline[] {
  const secret = read(object);
  const to = purposes.get(labelsOf(secret.metadata).values.get(label) ?? "");
  if (to === undefined) return [];
  const { place } = object;
  const name = `${object.kind}/${context.namespaceOf(object)}/${object.name}`;
  const file = place.kind === "file" ? place.source.path : "";
  const address = addressIn(secret, to === "cluster" ? "server" : "url");
  const argoConnection: ArgoConnection = { object: name, to, address, switches: switchesOf(secret, to) };
  return [{ ...context.subject("pipeline", name, place), file, argoConnection }];
}

function switchesOf(secret: LabelledSecret, to: ArgoConnection["to"]): readonly ArgoSwitch[] {
  if (to === "cluster") {
    const on = flagInJson(secret.value("config"), "config");
    return [{ name: "tlsClientConfig.insecure", leavesOut: "verification", on }];
  }
  const flagged = (name: string, leavesOut: ArgoSwitch["leavesOut"]): ArgoSwitch => ({
    name,
    leavesOut,
    on: flagOf(secret.value(name), name),
  });
  const plain = flagged("insecureOCIForceHttp", "encryption");
  return to === "credentials"
    ? [plain]
    : [plain, flagged("insecure", "verification"), flagged("insecureIgnoreHostKey", "verification")];
}

/** As Go reads a boolean; absent is false, and what is none makes Argo CD refuse the Secret. */
function flagOf(text: Fact<string>, name: string): Fact<boolean> {
  if (text.kind === "unstated") return defaulted(false, "platform", text.place);
  if (text.kind === "unknown") return text;
  const on = booleanOfFlag(text.value);
  return on === undefined ? unknown(`\`${name}\` is neither true nor false`, text.place) : stated(on, text.place);
}

/** `tlsClientConfig.insecure` of a text in JSON. A template that it holds stands inside of its texts, or it is no JSON. */
function flagInJson(text: Fact<string>, name: string): Fact<boolean> {
  if (text.kind === "unstated") return defaulted(false, "platform", text.place);
  if (text.kind === "unknown") return text;
  const no = (place: Place): Fact<boolean> => defaulted(false, "platform", place);
  const config = jsonOf(text.value);
  if (!isRecord(config)) return unknown(`\`${name}\` is not an object in JSON`, text.place);
  const tls = memberOf(config, "tlsClientConfig");
  if (tls === undefined || tls === null) return no(text.place);
  if (!isRecord(tls)) return unknown("`tlsClientConfig` is not an object", text.place);
  const insecure = memberOf(tls, "insecure");
  if (insecure === undefined || insecure === null) return no(text.place);
  return typeof insecure === "boolean"
    ? stated(insecure, text.place)
    : unknown("`tlsClientConfig.insecure` is neither true nor false", text.place);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Go takes names in any case, and the last of several. */
function memberOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(record).findLast(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** Scheme and host of an address: a user and a password in it go no further. */
function addressIn(secret: LabelledSecret, key: string): Fact<string> {
  const text = secret.value(key);
  if (text.kind !== "stated") return text;
  const found = schemeAndHost(text.value.trim());
  return found === undefined
    ? unknown(`\`${key}\` names no host that is known`, text.place)
    : stated(found, text.place);
}

function schemeAndHost(text: string): string | undefined {
  const host = String.raw`([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])`;
  const [, scheme, named] =
    new RegExp(`^([a-z][a-z0-9+]{1,15})://(?:[^@/?#]*@)?${host}(?=[:/?#]|$)`, "i").exec(text) ?? [];
  if (scheme !== undefined && named !== undefined) return `${scheme.toLowerCase()}://${named.toLowerCase()}`;
  const overSsh = new RegExp(`^[\\w.-]{1,64}@${host}:`).exec(text)?.[1];
  if (overSsh !== undefined) return `ssh://${overSsh.toLowerCase()}`;
  // A registry, which has no scheme in the address of a chart.
  const registry = new RegExp(`^${host}(?::\\d{1,5})?(?:/[\\w./-]{0,1024})?$`).exec(text)?.[1];
  return registry === undefined ? undefined : `oci://${registry.toLowerCase()}`;
}
