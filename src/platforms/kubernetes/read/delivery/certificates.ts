import type { CertManagerExtension, IssuerKind } from "../../../../facts/extensions-cluster.ts";
import { defaulted, type Fact, knownValue, mapFact, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { Certificate } from "../../../../facts/subjects.ts";
import { asBoolean, asInteger, asText, Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, metadataOf, specOf, textIn, textsIn } from "../context.ts";
import { labelsOf } from "../labels.ts";
import { asDuration } from "./durations.ts";

const group = "cert-manager.io";

/**
 * The certificates that cert-manager is asked for: by a Certificate, or by the annotation of an Ingress or Gateway.
 *
 * Source: the CRDs of cert-manager v1.21.1 (a duration of 90 days where none is stated, RSA of 2048 bits, a new key at
 * each renewal since v1.18) and its documentation "Annotated Ingress resource". It watches Gateways and not HTTPRoutes
 * (pkg/controller/certificate-shim/sync.go).
 */
export function readCertificates(context: ClusterContext): readonly Certificate[] {
  const served = servedHosts(context);
  return [
    ...context.ofKind(group, "Certificate").map((object) => written(object, served, context)),
    ...context.ofKind("networking.k8s.io", "Ingress").flatMap((object) => annotated(object, context)),
    ...context.ofKind("gateway.networking.k8s.io", "Gateway").flatMap((object) => annotated(object, context)),
  ];
}

/** The hosts that Ingresses and Gateways serve with a secret, by `namespace/secret`. */
function servedHosts(context: ClusterContext): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  const add = (key: string, names: readonly string[]) => hosts.set(key, [...(hosts.get(key) ?? []), ...names]);
  for (const object of context.ofKind("networking.k8s.io", "Ingress")) {
    for (const entry of itemsIn(specOf(object), "tls")) {
      add(`${context.namespaceOf(object)}/${textIn(entry, "secretName")}`, textsIn(entry, "hosts"));
    }
  }
  for (const object of context.ofKind("gateway.networking.k8s.io", "Gateway")) {
    for (const listener of itemsIn(specOf(object), "listeners")) {
      for (const ref of itemsIn(listener.fields("tls"), "certificateRefs")) {
        const namespace = textIn(ref, "namespace") ?? context.namespaceOf(object);
        add(`${namespace}/${textIn(ref, "name")}`, [textIn(listener, "hostname") ?? "*"]);
      }
    }
  }
  return hosts;
}

function written(
  object: KubernetesObject,
  served: ReadonlyMap<string, readonly string[]>,
  context: ClusterContext,
): Certificate {
  const spec = specOf(object);
  const namespace = context.namespaceOf(object);
  const names = [...textsIn(spec, "dnsNames"), ...textsIn(spec, "ipAddresses")];
  const common = textIn(spec, "commonName");
  const ref = spec.fields("issuerRef");
  const issuer = {
    kind: textIn(ref, "kind") ?? "Issuer",
    name: textIn(ref, "name") ?? "?",
    group: textIn(ref, "group"),
  };
  return certificateOf(
    { object, namespace, spec, issuer, names: names.length > 0 || common === undefined ? names : [common] },
    served.get(`${namespace}/${textIn(spec, "secretName")}`) ?? [],
    context,
  );
}

/** What an annotation asks for has no specification of its own: everything is cert-manager's default. */
function annotated(object: KubernetesObject, context: ClusterContext): readonly Certificate[] {
  const annotations = labelsOf(metadataOf(object), "annotations").values;
  const clusterwide = annotations.get(`${group}/cluster-issuer`);
  const name = clusterwide ?? annotations.get(`${group}/issuer`);
  if (name === undefined) return [];
  const kind = clusterwide === undefined ? (annotations.get(`${group}/issuer-kind`) ?? "Issuer") : "ClusterIssuer";
  const issuer = { kind, name, group: annotations.get(`${group}/issuer-group`) };
  const names =
    object.kind === "Ingress"
      ? itemsIn(specOf(object), "tls").flatMap((entry) => textsIn(entry, "hosts"))
      : itemsIn(specOf(object), "listeners").flatMap((listener) => textIn(listener, "hostname") ?? []);
  if (names.length === 0) return [];
  const spec = Fields.of(undefined, object.place, "spec");
  return [certificateOf({ object, namespace: context.namespaceOf(object), spec, issuer, names }, names, context)];
}

interface Asked {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly spec: Fields;
  readonly issuer: { readonly kind: string; readonly name: string; readonly group: string | undefined };
  readonly names: readonly string[];
}

function certificateOf(asked: Asked, servedFor: readonly string[], context: ClusterContext): Certificate {
  const { object, namespace, spec, issuer, names } = asked;
  const { place } = object;
  const key = keyOf(spec);
  const name = `${object.kind}/${namespace}/${object.name}`;
  const certManager: CertManagerExtension = {
    object: name,
    issuer: `${issuer.kind}/${issuer.name}`,
    ...issuerFacts(asked, context),
    duration: spec.fact("duration", asDuration, "a duration", (at) => defaulted(90 * 86_400, "platform", at)),
    renewBefore: spec.fact("renewBefore", asDuration, "a duration", unstated),
    renewBeforePercentage: spec.fact("renewBeforePercentage", asInteger, "a number", unstated),
    renewed: mapFact(
      spec.fields("renewal").fact("policy", asText, "a text", (at) => defaulted("RenewBefore", "platform", at)),
      (policy) => policy !== "Disabled",
    ),
    ...key,
    authority: spec.fact("isCA", asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
    servedFor,
  };
  const strength: Fact<string> =
    key.keyAlgorithm.kind === "unknown"
      ? key.keyAlgorithm
      : mapFact(key.keySize, (size) => `${knownValue(key.keyAlgorithm) ?? "RSA"} ${size}`);
  return {
    ...context.subject("certificate", name, place),
    notAfter: unknown("cert-manager asks for it while the cluster runs", place),
    keyStrength: strength,
    names,
    certManager,
  };
}

function keyOf(spec: Fields): Pick<CertManagerExtension, "keyAlgorithm" | "keySize" | "keyRotated"> {
  const key = spec.fields("privateKey");
  const algorithm = key.fact("algorithm", asText, "a text", (at) => defaulted("RSA", "platform", at));
  const usual = knownValue(algorithm) === "RSA" ? 2048 : 256;
  return {
    keyAlgorithm: algorithm,
    keySize: key.fact("size", asInteger, "a number", (at) =>
      algorithm.kind === "unknown" ? algorithm : defaulted(usual, "platform", at),
    ),
    keyRotated: mapFact(
      key.fact("rotationPolicy", asText, "a text", (at) => defaulted("Always", "platform", at)),
      (policy) => policy !== "Never",
    ),
  };
}

type IssuerFacts = Pick<CertManagerExtension, "issuerKind" | "server" | "serverUnverified">;

function issuerFacts({ issuer, namespace, object }: Asked, context: ClusterContext): IssuerFacts {
  const ref = issuer.group === undefined || issuer.group === group;
  const found = ref
    ? context.object(group, issuer.kind, issuer.name, issuer.kind === "Issuer" ? namespace : undefined)
    : undefined;
  if (found === undefined) {
    const why = context.absent(`the ${issuer.kind} ${issuer.name}`);
    const hidden = <T>(): Fact<T> => unknown(why, object.place);
    return { issuerKind: hidden(), server: hidden(), serverUnverified: hidden() };
  }
  const spec = specOf(found);
  const acme = spec.fields("acme");
  const server = acme.fact("server", asText, "an address", unstated);
  return {
    issuerKind: issuerKindOf(spec, server),
    server,
    serverUnverified: acme.fact("skipTLSVerify", asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
  };
}

/** Let's Encrypt and others call their trial servers `staging`; browsers trust none of what those sign. */
function issuerKindOf(spec: Fields, server: Fact<string>): Fact<IssuerKind> {
  const of = (kind: IssuerKind, place: Place): Fact<IssuerKind> => stated(kind, place);
  if (spec.node("acme") !== undefined) {
    return server.kind === "unknown"
      ? server
      : of(/staging/i.test(knownValue(server) ?? "") ? "acme-staging" : "acme", spec.keyPlace("acme"));
  }
  if (spec.node("selfSigned") !== undefined || spec.entry("selfSigned") !== undefined)
    return of("self-signed", spec.keyPlace("selfSigned"));
  if (spec.node("ca") !== undefined) return of("ca", spec.keyPlace("ca"));
  return spec.hidden === undefined ? of("other", spec.place) : unknown(spec.hidden, spec.place);
}
