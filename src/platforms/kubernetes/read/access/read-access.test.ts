import { describe, expect, test } from "vitest";
import type { Grant, Principal } from "../../../../facts/subjects.ts";
import { clusterOf } from "../../testing/manifests.ts";

function read(...objects: readonly string[]) {
  const system = clusterOf(objects.join("---\n"));
  const grant = (name: string): Grant | undefined => system.all("grant").find((each) => each.ref.name === name);
  const principal = (name: string): Principal | undefined =>
    system.all("principal").find((each) => each.ref.name === name);
  return { system, grant, principal };
}

const group = "rbac.authorization.k8s.io";

function clusterBinding(role: string, subjects: string): string {
  return `apiVersion: ${group}/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {apiGroup: ${group}, kind: ClusterRole, name: ${role}}\nsubjects: ${subjects}\n`;
}

function binding(kind: string, role: string, subjects: string): string {
  return `apiVersion: ${group}/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: shop}\nroleRef: {apiGroup: ${group}, kind: ${kind}, name: ${role}}\nsubjects: ${subjects}\n`;
}

function role(kind: string, rules: string, extra = ""): string {
  return `apiVersion: ${group}/v1\nkind: ${kind}\nmetadata: {name: r${kind === "Role" ? ", namespace: shop" : ""}${extra}}\nrules: ${rules}\n`;
}

const pod = (spec: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: web, image: example/web}], ${spec}}\n`;

// covers: A10 | kubernetes
describe("A role", () => {
  test("has the holders of every binding that names it, with where it holds for each.", () => {
    const { grant } = read(
      role("ClusterRole", "[{apiGroups: [''], resources: [pods], verbs: [get]}]"),
      clusterBinding("r", "[{kind: User, name: ann}]"),
      binding("ClusterRole", "r", "[{kind: ServiceAccount, name: web}, {kind: Group, name: team}]"),
    );
    expect(
      grant("ClusterRole/r")?.kubernetes?.holders.items.map(({ kind, name, within }) => `${kind} ${name} ${within}`),
    ).toEqual(["User ann undefined", "ServiceAccount shop/web shop", "Group team shop"]);
  });

  test("of a namespace is another than one of the same name in the cluster.", () => {
    const { grant } = read(role("Role", "[]"), clusterBinding("r", "[{kind: User, name: ann}]"));
    expect(grant("Role/shop/r")?.kubernetes?.holders.items).toEqual([]);
    expect(grant("ClusterRole/r")?.kubernetes?.rules.complete).toBe(false);
  });

  const ann = "[{kind: User, name: ann}]";
  test.each([
    ["rules that are no list", role("ClusterRole", "{}"), "rules", ann],
    ["a rule that is no mapping", role("ClusterRole", "[a]"), "rules", ann],
    ["a holder without a name that is known", role("ClusterRole", "[]"), "holders", "[{kind: User, name: {}}]"],
    ["a holder of no known kind", role("ClusterRole", "[]"), "holders", "[{kind: {}, name: ann}]"],
    ["holders that are no list", role("ClusterRole", "[]"), "holders", "{}"],
  ] as const)("with %s is not known as a whole.", (_, written, part, subjects) => {
    const { grant } = read(written, clusterBinding("r", subjects));
    expect(grant("ClusterRole/r")?.kubernetes?.[part].complete).toBe(false);
  });

  test("that a binding does not name for certain gives nobody knows what.", () => {
    const { principal, grant } = read(clusterBinding("{}", "[{kind: User, name: ann}]"));
    expect(principal("User ann")?.roles.items).toEqual(["ClusterRole/?"]);
    expect(grant("ClusterRole/?")?.kubernetes?.rules.complete).toBe(false);
  });

  test("that every cluster has may have more where a label of a role is not resolved.", () => {
    const other = role("ClusterRole", "[]", `, labels: {${group}/aggregate-to-view: {}}`);
    const { grant } = read(other, clusterBinding("view", "[{kind: User, name: ann}]"));
    expect(grant("ClusterRole/view")?.kubernetes?.rules.complete).toBe(false);
  });

  test("that every cluster has is known without being written.", () => {
    const { grant } = read(clusterBinding("cluster-admin", "[{kind: User, name: ann}]"));
    expect(grant("ClusterRole/cluster-admin")?.kubernetes).toMatchObject({
      builtIn: true,
      rules: { complete: true, items: [{ verbs: ["*"], groups: ["*"], resources: ["*"] }] },
    });
  });

  test("that gathers others has the rules of those that are here, and may have more.", () => {
    const gathering = `apiVersion: ${group}/v1\nkind: ClusterRole\nmetadata: {name: all}\naggregationRule: {clusterRoleSelectors: [{matchLabels: {part: 'yes'}}]}\n`;
    const { grant } = read(
      gathering,
      role("ClusterRole", "[{apiGroups: [''], resources: [secrets], verbs: [list]}]", ", labels: {part: 'yes'}"),
    );
    expect(grant("ClusterRole/all")?.kubernetes?.rules).toMatchObject({
      complete: false,
      items: [{ resources: ["secrets"] }],
    });
  });

  test("that every cluster has, has what roles among the files add to it by their labels as well.", () => {
    const { grant } = read(
      role(
        "ClusterRole",
        "[{apiGroups: [''], resources: [secrets], verbs: [list]}]",
        `, labels: {${group}/aggregate-to-view: 'true'}`,
      ),
      clusterBinding("view", "[{kind: User, name: ann}]"),
      clusterBinding("admin", "[{kind: User, name: bob}]"),
      clusterBinding("cluster-admin", "[{kind: User, name: eve}]"),
    );
    const last = (name: string) => grant(`ClusterRole/${name}`)?.kubernetes?.rules.items.at(-1);
    expect(last("view")).toMatchObject({ resources: ["secrets"], verbs: ["list"] });
    expect(last("admin")).toMatchObject({ resources: ["secrets"], verbs: ["list"] });
    expect(last("cluster-admin")).toMatchObject({ verbs: ["*"] });
  });

  test("that adds rules which are not known leaves open what the other gives.", () => {
    const { grant } = read(
      role(
        "ClusterRole",
        "[{apiGroups: [''], resources: [{a: b}], verbs: [list]}]",
        `, labels: {${group}/aggregate-to-view: 'true'}`,
      ),
      clusterBinding("view", "[{kind: User, name: ann}]"),
    );
    expect(grant("ClusterRole/view")?.kubernetes?.rules.complete).toBe(false);
  });

  test("takes a user that is an account for that account.", () => {
    const { grant } = read(clusterBinding("view", "[{kind: User, name: 'system:serviceaccount:shop:web'}]"));
    expect(grant("ClusterRole/view")?.kubernetes?.holders.items).toMatchObject([
      { kind: "ServiceAccount", name: "shop/web" },
    ]);
  });
});

describe("An account", () => {
  const uses = (spec: string, account = "") => {
    const { principal } = read(
      account,
      pod(spec),
      clusterBinding("view", "[{kind: ServiceAccount, name: web, namespace: shop}]"),
    );
    return principal("ServiceAccount shop/web")?.kubernetes?.uses.items.map(({ token }) =>
      "value" in token ? token.value : token.kind,
    );
  };
  const declared =
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\nautomountServiceAccountToken: false\n";

  test("is used by the pods that name it, with its token unless they or it say otherwise.", () => {
    expect(uses("serviceAccountName: web")).toEqual([true]);
    expect(uses("serviceAccountName: web", declared)).toEqual([false]);
    expect(uses("serviceAccountName: web, automountServiceAccountToken: true", declared)).toEqual([true]);
    expect(uses("serviceAccountName: other")).toEqual([]);
  });

  test("gives its token by a projected volume whatever else is said, but not one for somebody else.", () => {
    const volume = (extra: string) =>
      `volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t${extra}}}]}}]`;
    expect(uses(`serviceAccountName: web, automountServiceAccountToken: false, ${volume("")}`)).toEqual([true]);
    expect(
      uses(`serviceAccountName: web, automountServiceAccountToken: false, ${volume(", audience: vault")}`),
    ).toEqual([false]);
  });

  test("of objects that state no namespace is the one that a binding names.", () => {
    const loose =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: server}\nspec: {serviceAccountName: server, containers: [{name: s, image: example/s}]}\n";
    const { principal } = read(
      loose,
      clusterBinding("cluster-admin", "[{kind: ServiceAccount, name: server, namespace: tools}]"),
    );
    expect(principal("ServiceAccount tools/server")?.kubernetes?.uses.items).toHaveLength(1);
  });
});

// covers: A10 | kubernetes
test("An account has the Secrets that keep a token of it which never ends, and no Secret of another kind or namespace.", () => {
  const secret = (name: string, namespace: string, type: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: ${namespace}, annotations: {kubernetes.io/service-account.name: web}}\ntype: ${type}\n`;
  const { principal } = read(
    clusterBinding("cluster-admin", "[{kind: ServiceAccount, name: web, namespace: shop}]"),
    secret("lasting", "shop", "kubernetes.io/service-account-token"),
    secret("other-kind", "shop", "Opaque"),
    secret("other-namespace", "blog", "kubernetes.io/service-account-token"),
  );
  expect(principal("ServiceAccount shop/web")?.kubernetes?.lastingTokens?.map((each) => each.secret)).toEqual([
    "shop/lasting",
  ]);
});
