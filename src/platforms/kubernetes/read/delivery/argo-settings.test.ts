import { expect, test } from "vitest";
import { clusterOf } from "../../testing/manifests.ts";

/** Whom a connector of Dex lets in, where whoever is in is an administrator. */
function doorsWith(connector: string): readonly string[] {
  const data = { "dex.config": `connectors: [${connector}]\n` };
  const map = (name: string, values: Readonly<Record<string, string>>) =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "argocd" }, data: values });
  const system = clusterOf(
    `${map("argocd-cm", data)}\n---\n${map("argocd-rbac-cm", { "policy.default": "role:admin" })}\n`,
  );
  return system.all("repository-file").flatMap(({ configuration }) => {
    if (configuration?.software !== "argo-cd") return [];
    const { openDoors } = configuration;
    if (openDoors === undefined) return [];
    return [...openDoors.items.map(({ name }) => name), ...(openDoors.complete ? [] : [openDoors.why])];
  });
}

// covers: A3 | kubernetes
test.each([
  ["{type: github, config: {}}", ["GitHub"]],
  ["{type: github, config: {orgs: [{name: example}]}}", []],
  ["{type: github, config: {orgs: []}}", ["GitHub"]],
  ["{type: github, config: {org: ''}}", ["GitHub"]],
  ["{type: github, config: {hostName: ghe.example.org}}", []],
  ["{type: gitlab, config: {baseURL: 'https://gitlab.com'}}", ["GitLab"]],
  ["{type: gitlab, config: {baseURL: 'https://git.example.org'}}", []],
  ["{type: google, config: {hostedDomains: [example.org]}}", []],
  ["{type: google, config: {hostedDomains: []}}", ["Google"]],
  ["{type: microsoft, config: {}}", ["Microsoft"]],
  ["{type: microsoft, config: {tenant: common}}", ["Microsoft"]],
  ["{type: microsoft, config: {tenant: organizations, groups: [a], onlySecurityGroups: true}}", ["Microsoft"]],
  ["{type: microsoft, config: {tenant: 9f1a3c6e-0000-4000-8000-000000000000}}", []],
  ["{type: ldap, config: {}}", []],
])("A connector of Dex lets in everybody with an account there unless it names some: %s", (connector, doors) => {
  expect(doorsWith(connector)).toEqual(doors);
});
