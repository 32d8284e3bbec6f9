import { type Fact, knownValue, unstated } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import { append } from "../../../../lib/append.ts";
import type { KubernetesObject } from "../../objects.ts";
import { anyOf, type ClusterContext, itemsIn, specOf, whyIncomplete } from "../context.ts";
import { type Answer, and } from "../labels.ts";

const group = "gateway.networking.k8s.io";

/** An object that refers to another one. */
export interface Referring {
  readonly group: string;
  readonly kind: string;
  /** Undefined where it states none. */
  readonly namespace: string | undefined;
}

/** The other one, as a reference names it; `unstated` stands for the kind's own default. */
export interface Referred {
  /** Empty for the core group. */
  readonly group: Fact<string>;
  readonly kind: Fact<string>;
  readonly namespace: Fact<string>;
  readonly name: Fact<string>;
}

/** What a reference of the Gateway API names: `kind` is what it means without saying so. */
export function referredBy(ref: Fields, kind: string): Referred {
  const text = (key: string, otherwise?: string): Fact<string> =>
    ref.fact(key, asText, "a text", (place) =>
      otherwise === undefined ? unstated(place) : { kind: "defaulted", by: "platform", value: otherwise, place },
    );
  return { group: text("group", ""), kind: text("kind", kind), namespace: text("namespace"), name: text("name") };
}

/**
 * Whether an object may refer to one of another namespace. Source: Gateway API v1.6, ReferenceGrant (v1 and v1beta1): what
 * no ReferenceGrant of the other namespace allows is refused, be it a backend of a route or a Secret of a Gateway.
 */
export class ReferenceGrants {
  readonly #context: ClusterContext;
  /** What can be told of them for sure, by what they are from and to: each cluster has few for one of both. */
  readonly #byFrom = new Map<string, KubernetesObject[]>();
  readonly #byTo = new Map<string, KubernetesObject[]>();
  /** Those of which something is not resolved. */
  readonly #unclear: KubernetesObject[] = [];

  constructor(context: ClusterContext) {
    this.#context = context;
    for (const grant of context.ofKind(group, "ReferenceGrant")) this.#add(grant);
  }

  #add(grant: KubernetesObject): void {
    const spec = specOf(grant);
    const { namespace } = grant;
    const [from, to] = [keysOf(spec, "from", "namespace"), keysOf(spec, "to", "name")];
    if (namespace === undefined || !from.isWhole || !to.isWhole) this.#unclear.push(grant);
    if (namespace === undefined) return;
    for (const key of from.keys) append(this.#byFrom, `${namespace} ${key}`, grant);
    for (const key of to.keys) append(this.#byTo, `${namespace} ${key}`, grant);
  }

  /**
   * Whether it is refused: for certain only where both namespaces are stated, and everything in the other one is among the
   * files. A doubt where a grant has something in it that is not resolved: it may be the one that is needed.
   */
  refuses(from: Referring, to: Referred): Answer {
    const namespace = knownValue(to.namespace);
    if (from.namespace === undefined || namespace === undefined || from.namespace === namespace) return "no";
    const { manifests } = this.#context;
    if (manifests.isKustomization === true || this.#context.unseenIn(namespace).length > 0) return "no";
    let doubt: Answer = "yes";
    // What is granted for sure is among the first, so that a doubt of the others need not be looked beyond.
    for (const grant of this.#candidates(from, to, namespace)) {
      const answer = and(isIn(grant, namespace), grants(specOf(grant), from, to));
      if (answer === "yes") return "no";
      if (answer !== "no") doubt = answer;
    }
    if (doubt !== "yes") return doubt;
    for (const grant of this.#unclear) {
      const answer = and(isIn(grant, namespace), grants(specOf(grant), from, to));
      if (answer !== "no") return answer === "yes" ? "no" : answer;
    }
    return "yes";
  }

  /** The shorter one of those that are for what refers, and of those that are for what is referred to. */
  #candidates(from: Referring, to: Referred, namespace: string): readonly KubernetesObject[] {
    const byFrom = this.#byFrom.get(`${namespace} ${keyOf(from.group, from.kind, from.namespace ?? "")}`) ?? [];
    const [toGroup, kind, name] = [knownValue(to.group), knownValue(to.kind), knownValue(to.name)];
    if (toGroup === undefined || kind === undefined || name === undefined) return byFrom;
    const byTo = [name, ""].flatMap((each) => this.#byTo.get(`${namespace} ${keyOf(toGroup, kind, each)}`) ?? []);
    return byFrom.length < byTo.length ? byFrom : byTo;
  }
}

function keyOf(toGroup: string, kind: string, name: string): string {
  return `${toGroup}/${kind} ${name}`;
}

/** The keys of a grant's list: whose `name`, or `namespace`, is not stated is for all of them. */
function keysOf(
  spec: Fields,
  list: string,
  last: string,
): { readonly keys: readonly string[]; readonly isWhole: boolean } {
  let isWhole = whyIncomplete(spec, list) === undefined;
  const keys = itemsIn(spec, list).flatMap((entry) => {
    const facts = ["group", "kind", last].map((key) => entry.fact(key, asText, "a text", unstated));
    if (entry.hidden !== undefined || facts.some(({ kind }) => kind === "unknown")) {
      isWhole = false;
      return [];
    }
    const [entryGroup, kind, name] = facts.map((fact) => knownValue(fact) ?? "");
    return [keyOf(entryGroup ?? "", kind ?? "", name ?? "")];
  });
  return { keys, isWhole };
}

function isIn({ namespace, kind, name }: KubernetesObject, wanted: string): Answer {
  if (namespace === undefined) return { doubt: `the namespace of the ${kind} ${name} is not stated` };
  return namespace === wanted ? "yes" : "no";
}

function grants(spec: Fields, from: Referring, to: Referred): Answer {
  return and(
    anyOf(spec, "from", (each) =>
      and(
        and(names(each, "group", from.group, ""), names(each, "kind", from.kind)),
        names(each, "namespace", from.namespace ?? ""),
      ),
    ),
    anyOf(spec, "to", (each) =>
      and(and(agree(each, "group", to.group, ""), agree(each, "kind", to.kind)), isNamed(each, to.name)),
    ),
  );
}

/** Without a name all of the kind are granted. */
function isNamed(entry: Fields, wanted: Fact<string>): Answer {
  return entry.node("name") === undefined && entry.hidden === undefined ? "yes" : agree(entry, "name", wanted);
}

function agree(entry: Fields, key: string, wanted: Fact<string>, otherwise?: string): Answer {
  const value = knownValue(wanted);
  if (value !== undefined) return names(entry, key, value, otherwise);
  return wanted.kind === "unknown" ? { doubt: wanted.why } : "no";
}

function names(entry: Fields, key: string, wanted: string, otherwise?: string): Answer {
  const text = entry.fact(key, asText, "a text", unstated);
  if (text.kind === "unknown") return { doubt: text.why };
  return (knownValue(text) ?? otherwise) === wanted ? "yes" : "no";
}
