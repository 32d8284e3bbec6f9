import { type Fact, unknown } from "../../../../facts/fact.ts";
import type { SignIn } from "../../../../facts/sign-in.ts";
import type { Audience } from "../../../../facts/subjects.ts";
import type { Fields } from "../../../../formats/fields.ts";
import { append } from "../../../../lib/append.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, metadataOf, specOf, textIn, whyIncomplete } from "../context.ts";
import { type Labels, labelsOf, matches, type Selector, selectorFromMap } from "../labels.ts";
import type { Gateway } from "./gateways.ts";

interface Selecting {
  readonly policy: KubernetesObject;
  readonly selector: Selector;
}

/** What policies are for: pods of a namespace with their labels; undefined where the namespace is not known. */
interface Selected {
  readonly namespace: string | undefined;
  readonly labels: Labels;
}

/** What the policies at a gateway decide. */
interface AtGateway {
  readonly authentication?: Fact<SignIn>;
  readonly audience?: Fact<Audience>;
  /** In place of what the Gateway itself asks for, where something may take that back. */
  readonly rewritten?: Fact<SignIn>;
}

/** Where Istio lies unless its installation says otherwise: policies there are for the whole mesh. */
const rootNamespace = "istio-system";
/** Stands for the namespaces of all policies with a selector. */
const anywhere = "?";

/**
 * AuthorizationPolicies of Istio that select pods and may ask for a sign-in there, or let in some addresses alone: behind a
 * proxy, or of a gateway; and EnvoyFilters, which may do the same. Whether a pod is in the mesh, and what such a policy asks
 * of whom, is not followed: it may.
 *
 * Source: Istio 1.27, "Authorization Policy" (without `selector` it is for its namespace, in the root namespace for the
 * mesh; `CUSTOM` asks a provider; `requestPrincipals` and `request.auth.*` demand a token), "Kubernetes Gateway API"
 * (the label `gateway.networking.k8s.io/gateway-name` of a gateway's pods), "Gateway" (`selector`) and "Envoy Filter"
 * (`workloadSelector`, without which it is for its namespace, in the root namespace for all; `applyTo`).
 */
export class IstioPolicies {
  readonly #asking = new PolicyIndex();
  readonly #narrowing = new PolicyIndex();
  readonly #rewriting = new PolicyIndex();
  /** By what the selectors of Gateways ask for: most ask for the same. */
  readonly #atGateways = new Map<string, AtGateway>();
  #podsByLabel: ReadonlyMap<string, readonly Selected[]> | undefined;

  constructor(context: ClusterContext) {
    for (const policy of context.ofKind("security.istio.io", "AuthorizationPolicy")) {
      const spec = specOf(policy);
      if (spec.node("targetRef") !== undefined || spec.node("targetRefs") !== undefined) continue;
      const selector = selectorFromMap(spec.fields("selector").node("matchLabels"), spec.place);
      const namespace = context.namespaceOf(policy);
      if (mayAskForSignIn(spec)) this.#asking.add(namespace, { policy, selector });
      if (mayNarrow(spec)) this.#narrowing.add(namespace, { policy, selector });
    }
    for (const policy of context.ofKind("networking.istio.io", "EnvoyFilter")) {
      const spec = specOf(policy);
      if (!mayDecide(spec)) continue;
      const selector = selectorFromMap(spec.fields("workloadSelector").node("labels"), spec.place);
      const changed = mayRewrite(spec)
        ? [this.#asking, this.#narrowing, this.#rewriting]
        : [this.#asking, this.#narrowing];
      for (const index of changed) index.add(context.namespaceOf(policy), { policy, selector });
    }
  }

  /** For pods; undefined where none may ask. */
  ofPod(pod: Selected): Fact<SignIn> | undefined {
    return this.#asking.decides(pod);
  }

  /** For the pods that Istio makes of a Gateway. */
  ofGateway({ namespace, name, object, controller }: Gateway): Fact<SignIn> | undefined {
    if (controller !== "istio") return undefined;
    const own = labelsOf(metadataOf(object));
    const values = new Map([...own.values, ["gateway.networking.k8s.io/gateway-name", name]]);
    return this.ofPod({ namespace, labels: { ...own, values } });
  }

  /** For the pods that serve a Gateway of Istio's own: those that are seen, or any that its selector takes. */
  ofIstioGateway(gateway: KubernetesObject, pods: readonly Selected[]): AtGateway {
    if (this.#asking.isEmpty && this.#narrowing.isEmpty) return {};
    const selector = selectorFromMap(specOf(gateway).node("selector"), gateway.place);
    const wanted = selector.requirements.map(({ key, values }) => [key, values[0] ?? ""] as const);
    const key = JSON.stringify([gateway.namespace, wanted]);
    const known = this.#atGateways.get(key) ?? this.#atPods(this.#serving(gateway, selector, wanted, pods));
    this.#atGateways.set(key, known);
    return known;
  }

  /** Pods that are not seen may be those of any namespace, and are most often those of the Gateway's own. */
  #serving(
    { namespace }: KubernetesObject,
    selector: Selector,
    wanted: readonly (readonly [key: string, value: string])[],
    pods: readonly Selected[],
  ): readonly Selected[] {
    this.#podsByLabel ??= byLabel(pods);
    const [first] = wanted;
    const candidates = first === undefined ? [] : (this.#podsByLabel.get(`${first[0]}=${first[1]}`) ?? []);
    const serving = candidates.filter(({ labels }) => matches(selector, labels) === "yes");
    if (serving.length > 0) return serving;
    const labels: Labels = { values: new Map(wanted), unresolved: new Map(), hidden: undefined };
    return [undefined, ...(namespace === undefined ? [] : [namespace])].map((of) => ({ namespace: of, labels }));
  }

  #atPods(serving: readonly Selected[]): AtGateway {
    const authentication = firstOf(serving, (pod) => this.#asking.decides<SignIn>(pod));
    const audience = firstOf(serving, (pod) => this.#narrowing.decides<Audience>(pod));
    const rewritten = firstOf(serving, (pod) => this.#rewriting.decides<SignIn>(pod));
    return {
      ...(authentication && { authentication }),
      ...(audience && { audience }),
      ...(rewritten && { rewritten }),
    };
  }
}

function firstOf<T>(pods: readonly Selected[], decides: (pod: Selected) => T | undefined): T | undefined {
  for (const pod of pods) {
    const found = decides(pod);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byLabel(pods: readonly Selected[]): ReadonlyMap<string, readonly Selected[]> {
  const found = new Map<string, Selected[]>();
  for (const pod of pods) for (const [key, value] of pod.labels.values) append(found, `${key}=${value}`, pod);
  return found;
}

class PolicyIndex {
  /** By namespace, `*` for all, with the first label of the selector. */
  readonly #byLabel = new Map<string, Selecting[]>();

  get isEmpty(): boolean {
    return this.#byLabel.size === 0;
  }

  add(namespace: string, selecting: Selecting): void {
    const [first] = selecting.selector.requirements;
    const where = namespace === rootNamespace ? "*" : namespace;
    const label = first && `${first.key}=${first.values[0]}`;
    append(this.#byLabel, label === undefined ? where : `${where} ${label}`, selecting);
    if (label !== undefined && where !== "*") append(this.#byLabel, `${anywhere} ${label}`, selecting);
  }

  decides<T>({ namespace = anywhere, labels }: Selected): Fact<T> | undefined {
    if (this.#byLabel.size === 0) return undefined;
    const own = [...labels.values].map(([key, value]) => ` ${key}=${value}`);
    for (const key of ["*", namespace].flatMap((where) => [where, ...own.map((label) => `${where}${label}`)])) {
      const found = this.#byLabel.get(key)?.find(({ selector }) => matches(selector, labels) !== "no");
      if (found === undefined) continue;
      const { policy } = found;
      return unknown(whyOpen(policy), policy.place);
    }
    return undefined;
  }
}

function whyOpen({ kind, name }: KubernetesObject): string {
  return kind === "EnvoyFilter"
    ? `what the EnvoyFilter ${name} changes is not followed`
    : `the ${kind} ${name} decides`;
}

/** Parts of Envoy's configuration that have no say in who comes in. */
const elsewhere: ReadonlySet<string> = new Set(["CLUSTER", "BOOTSTRAP"]);
/** Filters that turn nobody away for who he is. Source: Envoy's documentation, "HTTP filters". */
const harmless =
  /^(?:envoy\.filters\.http\.(?:local_ratelimit|ratelimit|compressor|decompressor|gzip|buffer|cors|fault|grpc_\w+|header_to_metadata|health_check|on_demand|tap|wasm_stats|stats)|istio\.stats|istio\.alpn)$/;

/** Whether it may ask who comes, or where from: by a filter that is not known to leave everybody alone. */
function mayDecide(spec: Fields): boolean {
  if (whyIncomplete(spec, "configPatches") !== undefined) return true;
  return itemsIn(spec, "configPatches").some((entry) => {
    if (elsewhere.has(textIn(entry, "applyTo") ?? "")) return false;
    const filter = textIn(entry.fields("patch").fields("value"), "name");
    return filter === undefined || !harmless.test(filter);
  });
}

/** Whether it may change how connections themselves are taken: TLS, and the certificates that are asked for. */
function mayRewrite(spec: Fields): boolean {
  const connections = ["LISTENER", "FILTER_CHAIN"];
  if (whyIncomplete(spec, "configPatches") !== undefined) return true;
  return itemsIn(spec, "configPatches").some((entry) => connections.includes(textIn(entry, "applyTo") ?? "LISTENER"));
}

function mayAskForSignIn(spec: Fields): boolean {
  if (textIn(spec, "action") === "CUSTOM" || whyIncomplete(spec, "rules") !== undefined) return true;
  return itemsIn(spec, "rules").some(
    (rule) =>
      itemsIn(rule, "from").some((from) => from.fields("source").node("requestPrincipals") !== undefined) ||
      itemsIn(rule, "when").some((when) => textIn(when, "key")?.startsWith("request.auth.") !== false),
  );
}

/** Whether addresses decide who comes in. */
function mayNarrow(spec: Fields): boolean {
  const keys = ["ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"];
  return itemsIn(spec, "rules").some((rule) =>
    itemsIn(rule, "from").some((from) => keys.some((key) => from.fields("source").node(key) !== undefined)),
  );
}
