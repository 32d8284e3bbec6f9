import { type Fact, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { AskedService, Delegation, SignIn } from "../../../../facts/sign-in.ts";
import type { Audience, RateLimit, Route } from "../../../../facts/subjects.ts";
import { asInteger, Fields } from "../../../../formats/fields.ts";
import { delegated } from "../../../../formats/proxy/delegation.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, metadataOf, specOf, textIn, textsIn } from "../context.ts";
import { labelsOf, matches, selectorOf } from "../labels.ts";

const group = "gateway.envoyproxy.io";

/** What Envoy Gateway's policies say of a route; what none says is left out. */
export interface EnvoySettings {
  readonly tls?: Route["tls"];
  readonly authentication?: Route["authentication"];
  readonly delegation?: Delegation;
  readonly audience?: Route["audience"];
  readonly rateLimit?: Route["rateLimit"];
}

/**
 * SecurityPolicy, BackendTrafficPolicy and ClientTrafficPolicy of Envoy Gateway. A policy is for what `targetRefs` names,
 * or what `targetSelectors` takes, in its own namespace; one for the route goes before one for its gateway.
 *
 * Source: Envoy Gateway's API reference, v1.9.
 */
export class EnvoyPolicies {
  readonly #context: ClusterContext;

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  of(route: KubernetesObject, gateway: KubernetesObject | undefined): EnvoySettings {
    const security = this.#policy("SecurityPolicy", route, gateway);
    const traffic = this.#policy("BackendTrafficPolicy", route, gateway);
    const client = gateway === undefined ? undefined : this.#policy("ClientTrafficPolicy", gateway, undefined);
    return {
      ...(security === undefined ? {} : securityOf(specOf(security), this.#context.namespaceOf(security))),
      ...(traffic === undefined ? {} : rateLimitOf(specOf(traffic))),
      ...(client === undefined ? {} : minimumTls(specOf(client))),
    };
  }

  #policy(kind: string, target: KubernetesObject, parent: KubernetesObject | undefined): KubernetesObject | undefined {
    const policies = this.#context.ofKind(group, kind);
    const own = policies.find((policy) => this.#isFor(policy, target));
    const inherited = parent === undefined ? undefined : policies.find((policy) => this.#isFor(policy, parent));
    return own ?? inherited;
  }

  #isFor(policy: KubernetesObject, target: KubernetesObject): boolean {
    if (this.#context.namespaceOf(policy) !== this.#context.namespaceOf(target)) return false;
    const spec = specOf(policy);
    const one = spec.node("targetRef") === undefined ? [] : [spec.fields("targetRef")];
    const refs = [...itemsIn(spec, "targetRefs"), ...one];
    if (refs.some((ref) => textIn(ref, "kind") === target.kind && textIn(ref, "name") === target.name)) return true;
    return nodesIn(spec, "targetSelectors").some((node) => {
      const fields = Fields.of(node, node.place, "targetSelectors");
      if (textIn(fields, "kind") !== target.kind) return false;
      return matches(selectorOf(node, node.place), labelsOf(metadataOf(target))) === "yes";
    });
  }
}

function nodesIn(fields: Fields, key: string): readonly TreeNode[] {
  const node = fields.node(key);
  return node?.kind === "sequence" ? node.items : [];
}

/** OpenID Connect, a token, a key and a password each show who comes; an outside service decides for itself. */
function securityOf(spec: Fields, namespace: string): EnvoySettings {
  const direct = ["oidc", "jwt", "apiKeyAuth", "basicAuth"].find((key) => spec.node(key) !== undefined);
  const outside = spec.node("extAuth");
  const own: Fact<SignIn> | undefined =
    direct === undefined ? undefined : stated("single-factor", spec.keyPlace(direct));
  const signIn =
    outside === undefined
      ? own && { authentication: own }
      : delegated([askedBy(spec.fields("extAuth"), namespace, outside.place)], own ?? unstated(outside.place));
  const audience = audienceOf(spec.fields("authorization"));
  return {
    ...signIn,
    ...(audience === undefined ? {} : { audience }),
  };
}

/** The Service that `extAuth` names, as a name in the cluster. */
function askedBy(extAuth: Fields, from: string, place: Place): AskedService {
  const http = extAuth.fields("http");
  const [ref] = [http, extAuth.fields("grpc")].flatMap((each) => [
    ...itemsIn(each, "backendRefs"),
    ...(each.node("backendRef") === undefined ? [] : [each.fields("backendRef")]),
  ]);
  const name = ref && textIn(ref, "name");
  const port = ref && knownValue(ref.fact("port", asInteger, "a port", unstated));
  if (ref === undefined || name === undefined || port === undefined)
    return { by: "extAuth", address: unknown("the Service that is asked is not resolved", place), place };
  const host = `${name}.${textIn(ref, "namespace") ?? from}`;
  const path = textIn(http, "path") ?? "/";
  return { by: "extAuth", address: stated({ host, port, path }, place), place };
}

/** `authorization` with everything denied but the addresses that a rule allows. */
function audienceOf(authorization: Fields): Fact<Audience> | undefined {
  if (textIn(authorization, "defaultAction") !== "Deny") return undefined;
  const cidrs = itemsIn(authorization, "rules")
    .filter((rule) => textIn(rule, "action") === "Allow")
    .flatMap((rule) => textsIn(rule.fields("principal"), "clientCIDRs"));
  return cidrs.length === 0 ? undefined : stated({ kind: "networks", cidrs }, authorization.place);
}

const units: Readonly<Record<string, number>> = {
  Second: 1,
  Minute: 60,
  Hour: 3600,
  Day: 86_400,
  Month: 2_592_000,
  Year: 31_536_000,
};

function rateLimitOf(spec: Fields): EnvoySettings {
  const limits = spec.fields("rateLimit");
  const rules = ["local", "global"].flatMap((key) => itemsIn(limits.fields(key), "rules"));
  const [first] = rules;
  if (first === undefined) return {};
  const limit = first.fields("limit");
  const requests = knownValue(limit.fact("requests", asInteger, "a number", unstated));
  const windowSeconds = units[textIn(limit, "unit") ?? ""];
  const known: RateLimit | undefined =
    requests === undefined || windowSeconds === undefined ? undefined : { requests, windowSeconds };
  const rateLimit: Route["rateLimit"] =
    known === undefined ? unknown("the rate limit is not resolved", limit.place) : stated(known, limit.place);
  return { rateLimit };
}

const versions = ["1.0", "1.1", "1.2", "1.3"] as const;

function minimumTls(spec: Fields): EnvoySettings {
  const tls = spec.fields("tls");
  const minimum = versions.find((version) => version === textIn(tls, "minVersion"));
  return minimum === undefined ? {} : { tls: stated({ minimum }, tls.keyPlace("minVersion")) };
}
