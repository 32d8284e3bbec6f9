import ipaddr from "ipaddr.js";
import type { StoreAddress } from "../../../../facts/configuration/secret-store.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  mapFact,
  stated,
  unknown,
  unstated,
} from "../../../../facts/fact.ts";
import type { RepositoryFile } from "../../../../facts/subjects.ts";
import { asText, Fields, scalarFact } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { isLoopback } from "../../../../lib/own-address.ts";
import { isExampleDomain, isPrivateDomain } from "../../../../resolve/domains.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf } from "../context.ts";

/** Kinds that say where secrets come from, and below which field of `spec`; the whole of it where none is named. */
const kinds = [
  ["external-secrets.io", "SecretStore", "provider"],
  ["external-secrets.io", "ClusterSecretStore", "provider"],
  ["generators.external-secrets.io", "VaultDynamicSecret", "provider"],
  ["generators.external-secrets.io", "Webhook", undefined],
  ["secrets.infisical.com", "InfisicalSecret", undefined],
  ["secrets.hashicorp.com", "VaultConnection", undefined],
] as const;

/**
 * Where a cluster's secrets are fetched from: External Secrets, Infisical's and Vault's own operators.
 *
 * Sources: `apis/externalsecrets/v1` of External Secrets 2 (one provider for each store; `conditions` is for a
 * ClusterSecretStore alone, and without any every namespace may use it); the CRDs InfisicalSecret v1alpha1 (`hostAPI`)
 * and VaultConnection v1beta1 (`address`).
 */
export function secretStores(context: ClusterContext): readonly RepositoryFile[] {
  return kinds.flatMap(([group, kind, below]) =>
    context.ofKind(group, kind).map((object) => storeOf(object, below, context)),
  );
}

function storeOf(object: KubernetesObject, below: string | undefined, context: ClusterContext): RepositoryFile {
  const { place, kind } = object;
  const spec = specOf(object);
  const clusterWide = kind === "ClusterSecretStore";
  const name = clusterWide ? object.name : `${context.namespaceOf(object)}/${object.name}`;
  const root = below === undefined ? spec : spec.fields(below);
  return {
    ...context.subject("repository-file", `${kind}/${name}`, place),
    path: place.kind === "file" ? place.source.path : object.name,
    role: "configuration",
    configuration: {
      software: "secret-store",
      object: `${kind} ${name}`,
      provider: below === undefined ? undefined : root.entries[0]?.key,
      addresses: addressesIn(root, context),
      namespaces: clusterWide ? servedNamespaces(spec) : unstated(place),
    },
    mode: unstated(place),
    ignored: unstated(place),
    tracked: unstated(place),
    secretNames: complete([], place),
  };
}

/**
 * Fields that name an address, whichever the provider: `server`, `url`, `hostAPI`, `connectHost`, `vaultUrl`,
 * `akeylessGWApiURL`, `serverURL`, `apiHost`, `baseUri`, `urlTemplate`. Endpoints of gRPC have no scheme and always TLS.
 */
const addressField = /(?:^|[a-z])(?:url|urltemplate|uri|host|server|hostapi|address)$/i;

/** What says how to sign in, what is sent and what comes back. */
const besides = /^(?:auth|authentication|headers|body|result|secrets|data|caBundle|caProvider|tls|remoteRef)$/;

const deepest = 3;

function addressesIn(root: Fields, context: ClusterContext): FactList<StoreAddress> {
  const items: StoreAddress[] = [];
  let why = root.hidden;
  const visit = (fields: Fields, keys: readonly string[]): void => {
    why ??= fields.hidden;
    for (const { key, value } of fields.entries) {
      const way = [...keys, key];
      if (besides.test(key)) continue;
      if (value.kind === "mapping" && way.length < deepest) visit(Fields.of(value, value.place, key), way);
      if (value.kind === "scalar" && addressField.test(key)) items.push(addressOf(way.join("."), value, context));
    }
  };
  visit(root, []);
  return why === undefined ? complete(items, root.place) : incomplete(items, why, root.place);
}

function addressOf(field: string, node: TreeNode, context: ClusterContext): StoreAddress {
  const written = scalarFact(node, asText, `\`${field}\` is no address`);
  const parts = written.kind === "stated" ? partsOf(written.value) : undefined;
  const { place } = node;
  const open = <T>(): Fact<T> =>
    written.kind === "unknown"
      ? written
      : unknown(`\`${field}\` names no host after \`http://\` or \`https://\``, place);
  return {
    field,
    url: parts === undefined ? open() : stated(`${parts.scheme}://${parts.host}`, place),
    reach: parts === undefined ? open() : stated(reachOf(parts.host, context), place),
    place,
  };
}

function partsOf(text: string): { readonly scheme: string; readonly host: string } | undefined {
  const [, scheme, host] =
    /^\s*(https?):\/\/(?:[^@/?#\s]*@)?(\[[\da-f:.]+\]|[^:/?#\s[\]{}$]+)(?=[:/?#\s]|$)/i.exec(text) ?? [];
  return scheme === undefined || host === undefined
    ? undefined
    : { scheme: scheme.toLowerCase(), host: host.toLowerCase().replace(/\.$/, "") };
}

function reachOf(host: string, context: ClusterContext): "pod" | "cluster" | "private" | "public" {
  if (isLoopback(host) || host.endsWith(".localhost")) return "pod";
  const bare = host.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(bare)) {
    return ipaddr.process(bare).range() === "unicast" ? "public" : "private";
  }
  const labels = host.split(".");
  if (labels.length === 1 || labels[2] === "svc" || /\.cluster\.local$/.test(host)) return "cluster";
  if (labels.length === 2 && isService(labels[0] ?? "", labels[1] ?? "", context)) return "cluster";
  return isPrivateDomain(host) && !isExampleDomain(host) ? "private" : "public";
}

/** `vault.security`: a Service with its namespace, where that is one that the files name, or both are called alike. */
function isService(name: string, namespace: string, context: ClusterContext): boolean {
  return name === namespace || context.manifests.objects.some((object) => object.namespace === namespace);
}

function servedNamespaces(spec: Fields): Fact<"every" | "some"> {
  const node = spec.node("conditions");
  if (node === undefined) {
    return spec.hidden === undefined ? defaulted("every", "platform", spec.place) : unknown(spec.hidden, spec.place);
  }
  if (node.kind !== "sequence") return unknown("`conditions` is not a list", node.place);
  if (node.incomplete !== undefined) return unknown(node.incomplete, node.place);
  const each = itemsIn(spec, "conditions").map(admits);
  // One that fits is enough.
  const broad = each.find((fact) => fact.kind === "stated" && fact.value === "every");
  return (
    broad ?? each.find(({ kind }) => kind === "unknown") ?? stated(each.length === 0 ? "every" : "some", node.place)
  );
}

/** Whom one condition lets in: those of a name, a pattern or a label. An empty selector takes everybody. */
function admits(condition: Fields): Fact<"every" | "some"> {
  if (condition.hidden !== undefined) return unknown(condition.hidden, condition.place);
  const selector = condition.node("namespaceSelector");
  if (selector?.kind === "mapping" && selector.incomplete === undefined && isEmpty(selector))
    return stated("every", selector.place);
  const patterns = condition.list("namespaceRegexes", (node) =>
    node.kind === "scalar" && node.unresolved === undefined ? { value: String(node.value) } : { why: "it is no text" },
  );
  const broad = patterns.items.some((pattern) => /^\^?(?:\.[*+])?\$?$/.test(pattern));
  return broad
    ? stated("every", patterns.place)
    : mapFact(patterns.complete ? stated(true, condition.place) : unknown(patterns.why, patterns.place), () => "some");
}

function isEmpty(selector: TreeNode): boolean {
  const fields = Fields.of(selector, selector.place, "namespaceSelector");
  return fields.entries.every(({ value }) =>
    value.kind === "mapping" ? value.entries.size === 0 : value.kind === "sequence" && value.items.length === 0,
  );
}
