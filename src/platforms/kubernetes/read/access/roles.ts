import type { AccessRule } from "../../../../facts/extensions-cluster.ts";
import { complete, type FactList, incomplete } from "../../../../facts/fact.ts";
import { oncePer } from "../../../../facts/once.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import { append } from "../../../../lib/append.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, fieldsOf, itemsIn, metadataOf, whyIncomplete } from "../context.ts";
import { type Answer, type Labels, labelsOf, matches, or, type Selector, selectorOf } from "../labels.ts";

/** The rules of a Role or ClusterRole; of one that gathers others' (`aggregationRule`) those that are among the files. */
export function rulesOf(object: KubernetesObject, context: ClusterContext): FactList<AccessRule> {
  const own = ownRules(fieldsOf(object), object.place);
  const selectors = gathering(fieldsOf(object)).map((node) => selectorOf(node, node.place));
  if (selectors.length === 0) return own;
  const roles = object.group === roleGroup ? rolesOf(context) : new GatheredRoles(context, object.group);
  const gathered = roles.takenBy(selectors).flatMap((other) => (other.object === object ? [] : other.rules()));
  const why = "it gathers the rules of other roles, and not all of them are among the files";
  return incomplete([...own.items, ...gathered], why, object.place);
}

const roleGroup = "rbac.authorization.k8s.io";

/** A role that others may gather, by its labels. */
interface GatheredRole {
  readonly object: KubernetesObject;
  readonly labels: Labels;
  /** Read when the first asks for them. */
  readonly rules: () => readonly AccessRule[];
}

/** The ClusterRoles of a cluster by their labels, so that one that gathers others is compared with few of them. */
class GatheredRoles {
  readonly #all: readonly GatheredRole[];
  readonly #ranks: ReadonlyMap<GatheredRole, number>;
  readonly #byLabel = new Map<string, Map<string, GatheredRole[]>>();

  constructor(context: ClusterContext, group: string) {
    this.#all = context.ofKind(group, "ClusterRole").map(gatheredRole);
    this.#ranks = new Map(this.#all.map((role, rank) => [role, rank] as const));
    for (const role of this.#all) {
      for (const [key, value] of role.labels.values) {
        const values = this.#byLabel.get(key) ?? new Map<string, GatheredRole[]>();
        this.#byLabel.set(key, values);
        append(values, value, role);
      }
    }
  }

  /** Those that one of the selectors takes for certain, in their own order. */
  takenBy(selectors: readonly Selector[]): readonly GatheredRole[] {
    const found = new Set<GatheredRole>();
    for (const selector of selectors) {
      for (const role of this.#candidates(selector)) if (matches(selector, role.labels) === "yes") found.add(role);
    }
    const rank = (role: GatheredRole) => this.#ranks.get(role) ?? 0;
    return [...found].sort((a, b) => rank(a) - rank(b));
  }

  #candidates({ requirements }: Selector): readonly GatheredRole[] {
    const asked = requirements.find(({ operator }) => operator === "In");
    if (asked === undefined) return this.#all;
    const values = this.#byLabel.get(asked.key);
    return asked.values.flatMap((value) => values?.get(value) ?? []);
  }
}

const rolesOf = oncePer((context: ClusterContext) => new GatheredRoles(context, roleGroup));

function gatheredRole(object: KubernetesObject): GatheredRole {
  let rules: readonly AccessRule[] | undefined;
  return {
    object,
    labels: labelsOf(metadataOf(object)),
    rules: () => {
      rules ??= ownRules(fieldsOf(object), object.place).items;
      return rules;
    },
  };
}

/**
 * Labels by which a role adds its rules to one that every cluster has. What is added to view is edit's too, and what to
 * edit admin's: those gather each other. Source: Kubernetes documentation "Using RBAC Authorization", aggregated
 * ClusterRoles, and bootstrappolicy/policy.go (`ClusterRolesToAggregate`) as of v1.36.
 */
const gatheredBy: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    admin: ["admin", "edit", "view"],
    edit: ["edit", "view"],
    view: ["view"],
  }),
);

/** What roles among the files add to a role that every cluster has. */
function addedTo(name: string, context: ClusterContext): readonly FactList<AccessRule>[] {
  const from = gatheredBy.get(name);
  if (from === undefined) return [];
  return context
    .ofKind("rbac.authorization.k8s.io", "ClusterRole")
    .filter((role) => role.name !== name)
    .flatMap((role): readonly FactList<AccessRule>[] => {
      const answer = from.map((each) => isAddedTo(role, each)).reduce<Answer>(or, "no");
      if (answer === "yes") return [ownRules(fieldsOf(role), role.place)];
      return answer === "no" ? [] : [incomplete([], answer.doubt, role.place)];
    });
}

function isAddedTo(role: KubernetesObject, name: string): Answer {
  const key = `rbac.authorization.k8s.io/aggregate-to-${name}`;
  return matches(
    { requirements: [{ key, operator: "In", values: ["true"] }], doubt: undefined },
    labelsOf(metadataOf(role)),
  );
}

function gathering(role: Fields): readonly TreeNode[] {
  const node = role.fields("aggregationRule").node("clusterRoleSelectors");
  return node?.kind === "sequence" ? node.items : [];
}

function ownRules(role: Fields, place: Place): FactList<AccessRule> {
  const node = role.node("rules");
  const rules = itemsIn(role, "rules").map(ruleOf);
  const why = role.hidden ?? whyIncomplete(role, "rules") ?? rules.find((rule) => rule.why)?.why;
  const items = rules.map(({ rule }) => rule);
  return why === undefined ? complete(items, node?.place ?? place) : incomplete(items, why, node?.place ?? place);
}

function ruleOf(fields: Fields): { readonly rule: AccessRule; readonly why: string | undefined } {
  let why = fields.hidden;
  const texts = (key: string): readonly string[] => {
    const list = fields.list<string>(key, (node) => {
      if (node.kind !== "scalar") return { why: `\`${key}\` holds something that is no text` };
      if (node.unresolved !== undefined) return { why: node.unresolved };
      const text = asText(node);
      return text === undefined ? "nothing" : { value: text };
    });
    if (!list.complete) why ??= list.why;
    return list.items;
  };
  const rule: AccessRule = {
    verbs: texts("verbs"),
    groups: texts("apiGroups"),
    resources: texts("resources"),
    names: texts("resourceNames"),
    paths: texts("nonResourceURLs"),
    place: fields.place,
  };
  return { rule, why };
}

type Written = readonly [verbs: string, groups: string, resources: string];

/**
 * Roles that every cluster has, as far as they give what the controls look for. Source: Kubernetes documentation "Using
 * RBAC Authorization", user-facing roles, and plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go as of v1.36.
 */
const builtIn: ReadonlyMap<string, readonly Written[]> = new Map(
  Object.entries({
    "cluster-admin": [["*", "*", "*"]],
    admin: [
      [
        "get list watch create delete update patch",
        "",
        "secrets pods pods/exec pods/attach pods/portforward configmaps",
      ],
      ["get list watch create delete update patch", "apps", "deployments daemonsets statefulsets"],
      ["get list watch create delete update patch", "rbac.authorization.k8s.io", "roles rolebindings"],
      ["impersonate", "", "serviceaccounts"],
      ["create", "", "serviceaccounts/token"],
    ],
    edit: [
      [
        "get list watch create delete update patch",
        "",
        "secrets pods pods/exec pods/attach pods/portforward configmaps",
      ],
      ["get list watch create delete update patch", "apps", "deployments daemonsets statefulsets"],
      ["impersonate", "", "serviceaccounts"],
      ["create", "", "serviceaccounts/token"],
    ],
    view: [["get list watch", "", "pods configmaps services events"]],
  }),
);

/** Whether every cluster has a role of this name. */
export function isBuiltIn(kind: string, name: string): boolean {
  return kind === "ClusterRole" && (builtIn.has(name) || name.startsWith("system:"));
}

/** The rules of a role that only bindings name here. */
export function rulesOfAbsent(
  kind: string,
  name: string,
  { context, place }: { readonly context: ClusterContext; readonly place: Place },
): FactList<AccessRule> {
  const rules = kind === "ClusterRole" ? builtIn.get(name) : undefined;
  if (rules === undefined) return incomplete([], context.absent(`the ${kind} ${name}`), place);
  const list = (text: string) => (text === "" ? [""] : text.split(" "));
  const added = addedTo(name, context);
  const whyNot = added.flatMap((each) => (each.complete ? [] : [each.why]))[0];
  const own = rules.map(([verbs, groups, resources]) => ({
    verbs: list(verbs),
    groups: list(groups),
    resources: list(resources),
    names: [],
    paths: [],
    place,
  }));
  const all = [...own, ...added.flatMap((each) => each.items)];
  return whyNot === undefined ? complete(all, place) : incomplete(all, whyNot, place);
}
