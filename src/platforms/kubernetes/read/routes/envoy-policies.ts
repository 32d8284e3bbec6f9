import { type Fact, knownValue, unknown, unstated, whyUnknown } from "../../../../facts/fact.ts";
import type { SignIn } from "../../../../facts/sign-in.ts";
import { asText, Fields } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { append } from "../../../../lib/append.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import { type ClusterContext, itemsIn, metadataOf, specOf, whyIncomplete } from "../context.ts";
import { type Answer, and, labelsOf, matches, or, selectorOf } from "../labels.ts";
import { type EnvoySettings, lowestTls, minimumTls, rateLimitOf, securityOf } from "./envoy-settings.ts";
import type { Attached } from "./gateways.ts";
import type { IstioPolicies } from "./istio-policies.ts";
import { joinedSignIn } from "./route-filters.ts";

const group = "gateway.envoyproxy.io";

/** A rule of a route, with the listeners that it is served on. */
export interface PolicyTarget {
  readonly object: KubernetesObject;
  /** The rule's name; undefined for one without. */
  readonly rule: string | undefined;
  readonly attached: readonly Attached[];
  /** Why it may be served on others too. */
  readonly whyIncomplete: string | undefined;
}

/** Part of an object: a rule of a route, a listener of a gateway. */
interface Section {
  readonly object: KubernetesObject;
  readonly name: string | undefined;
}

/**
 * SecurityPolicy, BackendTrafficPolicy and ClientTrafficPolicy of Envoy Gateway. A policy is for what `targetRefs` names,
 * or what `targetSelectors` takes, in its own namespace; with `sectionName` for one rule or listener of it, and before
 * one for the whole. One for the route takes the place of its gateway's, or is laid over it with `mergeType`.
 *
 * Source: Envoy Gateway's API reference, v1.9.
 */
export class EnvoyPolicies {
  readonly #context: ClusterContext;
  readonly #mesh: IstioPolicies;
  /** By group and kind. */
  readonly #targets = new Map<string, Targets>();
  /** What was found for an object, or for a part of it. */
  readonly #found = new Map<string, KubernetesObject | "none">();

  constructor({ context, mesh }: Cluster) {
    this.#context = context;
    this.#mesh = mesh;
  }

  of(target: PolicyTarget): EnvoySettings {
    return { ...this.#security(target), ...this.#traffic(target), ...this.#client(target) };
  }

  /** A limit that one of its gateways alone keeps is none for who comes by another. */
  #traffic({ object, rule, attached, whyIncomplete }: PolicyTarget): EnvoySettings {
    const kind = "BackendTrafficPolicy";
    const own = this.#policy(kind, { object, name: rule });
    if (own !== undefined) return rateLimitOf(specOf(own));
    const { policy, why } = this.#common(kind, attached, whyIncomplete);
    if (policy === undefined) return {};
    const settings = rateLimitOf(specOf(policy));
    if (why === undefined || settings.rateLimit === undefined) return settings;
    return { rateLimit: unknown(why, policy.place) };
  }

  /** Who comes by the gateway with the lowest version of TLS is served all the same. */
  #client({ attached }: PolicyTarget): EnvoySettings {
    const encrypted = attached.filter(({ listener }) => listener.protocol === "HTTPS");
    const each = encrypted.map((one) => {
      const policy = this.#policy("ClientTrafficPolicy", sectionOf(one));
      return policy === undefined ? undefined : minimumTls(specOf(policy)).tls;
    });
    return lowestTls(each);
  }

  /** The policy of the first of some listeners that has one, and why it is not for all. */
  #common(
    kind: string,
    attached: readonly Attached[],
    whyIncomplete: string | undefined,
  ): { readonly policy: KubernetesObject | undefined; readonly why: string | undefined } {
    const found = attached.map((each) => this.#policy(kind, sectionOf(each)));
    const policy = found.find((each) => each !== undefined);
    const isForAll = whyIncomplete === undefined && found.every((each) => each === policy);
    const why = `the ${kind} ${policy?.name} is not for all gateways and listeners that it is served on`;
    return { policy, why: isForAll ? undefined : why };
  }

  #security(target: PolicyTarget): EnvoySettings {
    const { object, rule } = target;
    const own = this.#policy("SecurityPolicy", { object, name: rule });
    const stands = own === undefined ? {} : this.#read(own);
    const isMerged = own !== undefined && specOf(own).node("mergeType") !== undefined;
    const named = own === undefined || isMerged ? { ...this.#inherited(target), ...stands } : stands;
    const foreign = this.#foreign(target);
    if (foreign === undefined) return named;
    return { ...named, ...joinedSignIn([named, { authentication: foreign }], foreign.place) };
  }

  #read(policy: KubernetesObject): EnvoySettings {
    return securityOf(specOf(policy), this.#context.namespaceOf(policy));
  }

  /** What all listeners of its gateways have in common: who comes by another is asked what that one asks. */
  #inherited({ attached, whyIncomplete }: PolicyTarget): EnvoySettings {
    const { policy, why } = this.#common("SecurityPolicy", attached, whyIncomplete);
    if (policy === undefined) return {};
    if (why === undefined) return this.#read(policy);
    const each = attached
      .flatMap((one) => this.#policy("SecurityPolicy", sectionOf(one)) ?? [])
      .map((one) => this.#read(one));
    const open = unknown<never>(why, policy.place);
    return {
      ...(each.some(({ authentication }) => authentication !== undefined) && { authentication: open }),
      ...(each.some(({ audience }) => audience !== undefined) && { audience: open }),
    };
  }

  /** A policy of another program that asks for a sign-in in ways of its own, or one that may be for this or not. */
  #foreign({ object, attached }: PolicyTarget): Fact<SignIn> | undefined {
    const targets = [object, ...attached.map(({ gateway }) => gateway.object)];
    const own = targets.flatMap((target) => this.#aimedAt(target, group, "SecurityPolicy"));
    const open = own.find(({ unclear }) => unclear !== undefined);
    if (open !== undefined)
      return unknown(`whether the SecurityPolicy ${open.policy.name} is for it is not resolved`, open.policy.place);
    for (const [foreignGroup, kind] of foreignPolicies) {
      const aimed = targets.flatMap((target) => this.#aimedAt(target, foreignGroup, kind));
      const policy = aimed.find((each) => asksForSignIn(each.policy))?.policy;
      if (policy !== undefined) return unknown(`the ${kind} ${policy.name} decides`, policy.place);
    }
    return attached.map(({ gateway }) => this.#mesh.ofGateway(gateway)).find((each) => each !== undefined);
  }

  /** One for the part goes before one for the whole. Those of a gateway are asked for by every route on it. */
  #policy(kind: string, { object, name }: Section): KubernetesObject | undefined {
    const key = `${kind} ${object.kind}/${this.#context.namespaceOf(object)}/${object.name} ${name ?? ""}`;
    const known = this.#found.get(key) ?? this.#find(kind, object, name) ?? "none";
    this.#found.set(key, known);
    return known === "none" ? undefined : known;
  }

  #find(kind: string, object: KubernetesObject, name: string | undefined): KubernetesObject | undefined {
    const all = this.#aimedAt(object, group, kind).filter(({ unclear }) => unclear === undefined);
    const forPart = name === undefined ? undefined : all.find(({ section }) => section === name);
    return (forPart ?? all.find(({ section }) => section === undefined))?.policy;
  }

  /** The policies for an object or a part of it: those that name it, then those whose selector takes it. */
  #aimedAt(object: KubernetesObject, policyGroup: string, kind: string): readonly Aimed[] {
    const key = `${policyGroup}/${kind}`;
    const targets = this.#targets.get(key) ?? targetsOf(this.#context.ofKind(policyGroup, kind), this.#context);
    this.#targets.set(key, targets);
    const namespace = this.#context.namespaceOf(object);
    const selecting = (targets.selecting.get(namespace) ?? []).flatMap((policy) => selected(policy, object));
    return [
      ...(targets.named.get(`${namespace}/${object.kind}/${object.name}`) ?? []),
      ...(targets.unclear.get(namespace) ?? []),
      ...selecting,
    ];
  }
}

/** A policy with the part of an object that it is for; undefined for the whole. */
interface Aimed {
  readonly policy: KubernetesObject;
  readonly section: string | undefined;
  /** Why it may be for something else. */
  readonly unclear?: string;
}

/** What the policies of one kind are for, in their own namespaces. */
interface Targets {
  /** By `namespace/kind/name`. */
  readonly named: ReadonlyMap<string, readonly Aimed[]>;
  /** Those with selectors, by namespace. */
  readonly selecting: ReadonlyMap<string, readonly KubernetesObject[]>;
  /** Those that name what is not resolved, by namespace. */
  readonly unclear: ReadonlyMap<string, readonly Aimed[]>;
}

function targetsOf(policies: readonly KubernetesObject[], context: ClusterContext): Targets {
  const named = new Map<string, Aimed[]>();
  const selecting = new Map<string, KubernetesObject[]>();
  const unclear = new Map<string, Aimed[]>();
  for (const policy of policies) {
    const spec = specOf(policy);
    const namespace = context.namespaceOf(policy);
    const one = spec.node("targetRef") === undefined ? [] : [spec.fields("targetRef")];
    for (const ref of [...itemsIn(spec, "targetRefs"), ...one]) {
      const { key, aimed } = aimedBy(ref, policy);
      if (key === undefined) append(unclear, namespace, aimed);
      else append(named, `${namespace}/${key}`, aimed);
    }
    if (spec.node("targetSelectors") !== undefined) append(selecting, namespace, policy);
    const why = whyIncomplete(spec, "targetRefs") ?? whyIncomplete(spec, "targetSelectors");
    if (why !== undefined) append(unclear, namespace, { policy, section: undefined, unclear: why });
  }
  return { named, selecting, unclear };
}

/** What one reference names, as `kind/name`; no key where that is not resolved. */
function aimedBy(ref: Fields, policy: KubernetesObject): { readonly key: string | undefined; readonly aimed: Aimed } {
  const text = (key: string): Fact<string> => ref.fact(key, asText, "a text", unstated);
  const [kind, name, section] = [text("kind"), text("name"), text("sectionName")];
  const key = whyUnknown([kind, name]) === undefined ? `${knownValue(kind)}/${knownValue(name)}` : undefined;
  const unclear = whyUnknown([kind, name, section]);
  return { key, aimed: { policy, section: knownValue(section), ...(unclear !== undefined && { unclear }) } };
}

function selected(policy: KubernetesObject, target: KubernetesObject): readonly Aimed[] {
  const answer = nodesIn(specOf(policy), "targetSelectors")
    .map((node) => selects(Fields.of(node, node.place, "targetSelectors"), node, target))
    .reduce<Answer>(or, "no");
  if (answer === "no") return [];
  return [{ policy, section: undefined, ...(answer === "yes" ? {} : { unclear: answer.doubt }) }];
}

function selects(fields: Fields, node: TreeNode, target: KubernetesObject): Answer {
  const kind = fields.fact("kind", asText, "a kind", unstated);
  if (kind.kind !== "unknown" && knownValue(kind) !== target.kind) return "no";
  const answer = matches(selectorOf(node, node.place), labelsOf(metadataOf(target)));
  return kind.kind === "unknown" ? and({ doubt: kind.why }, answer) : answer;
}

function sectionOf({ gateway, listener }: Attached): Section {
  return { object: gateway.object, name: knownValue(listener.name) };
}

/** Policies of other programs that attach in the same way. What they demand in which order is not followed. */
const foreignPolicies = [
  ["gateway.kgateway.dev", "TrafficPolicy"],
  ["kuadrant.io", "AuthPolicy"],
  ["security.istio.io", "AuthorizationPolicy"],
  ["security.istio.io", "RequestAuthentication"],
] as const;

function asksForSignIn(policy: KubernetesObject): boolean {
  return (
    policy.kind !== "TrafficPolicy" ||
    specOf(policy).entries.some(({ key }) => /auth|jwt|oidc|oauth2|apiKey/i.test(key))
  );
}

function nodesIn(fields: Fields, key: string): readonly TreeNode[] {
  const node = fields.node(key);
  return node?.kind === "sequence" ? node.items : [];
}
