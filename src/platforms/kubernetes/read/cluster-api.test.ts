import { describe, expect, test } from "vitest";
import type { ClusterConfiguration } from "../../../facts/configuration/cluster.ts";
import { knownValue } from "../../../facts/fact.ts";
import { clusterOf } from "../testing/manifests.ts";

// covers: W9 A10 | kubernetes | real: objects after the shape of the providers' own templates

function configurationsOf(text: string) {
  return clusterOf(text)
    .all("repository-file")
    .flatMap(({ configuration }) => configuration ?? []);
}

function clusterIn(text: string): ClusterConfiguration {
  const [found] = configurationsOf(text);
  if (found?.software !== "cluster") throw new Error("no cluster");
  return found;
}

const flags = (list: ClusterConfiguration["proxyArguments"]) =>
  list.items.map(({ name, value }) => `${name}=${knownValue(value) ?? "?"}`);

const object = (kind: string, group: string, spec: string) =>
  `apiVersion: ${group}.cluster.x-k8s.io/v1beta1\nkind: ${kind}\nmetadata: {name: home, namespace: capi}\nspec: ${spec}\n`;
const kubeadm = (spec: string) => object("KubeadmControlPlane", "controlplane", `{kubeadmConfigSpec: ${spec}}`);

describe("kubeadm by Cluster API", () => {
  test("is read as its own file is, with its own defaults.", () => {
    const { tool, settings } = clusterIn(
      kubeadm(
        "{clusterConfiguration: {apiServer: {extraArgs: {anonymous-auth: 'true'}}}, initConfiguration: {nodeRegistration: {kubeletExtraArgs: {read-only-port: '10255'}}}}",
      ),
    );
    expect(tool).toBe("kubeadm");
    expect(settings.parts).toEqual(["API server", "kubelet", "etcd"]);
    expect(knownValue(settings.anonymousApi)).toBe("on");
    expect(flags(settings.kubeletArguments)).toEqual(["read-only-port=10255"]);
    expect(settings.audit).toMatchObject({ kind: "defaulted", value: { records: false } });
  });

  test("takes flags as a list, and starts an API server that is not spoken of.", () => {
    const listed = "{clusterConfiguration: {apiServer: {extraArgs: [{name: authorization-mode, value: AlwaysAllow}]}}}";
    expect(flags(clusterIn(kubeadm(listed)).settings.apiServerArguments)).toContain("authorization-mode=AlwaysAllow");
    expect(clusterIn(kubeadm("{}")).settings.parts).toEqual(["API server", "etcd"]);
  });

  test("leaves open what a ClusterClass may change of a template, and what patches of the machine may.", () => {
    const template = object(
      "KubeadmControlPlaneTemplate",
      "controlplane",
      "{template: {spec: {kubeadmConfigSpec: {clusterConfiguration: {apiServer: {extraArgs: {profiling: 'false'}}}}}}}",
    );
    expect(clusterIn(template).settings.audit.kind).toBe("unstated");
    const patched = kubeadm("{initConfiguration: {patches: {directory: /etc/patches}}}");
    expect(clusterIn(patched).settings.audit.kind).toBe("unknown");
  });

  test("of machines that only join tells of their kubelets.", () => {
    const { settings } = clusterIn(
      object(
        "KubeadmConfigTemplate",
        "bootstrap",
        "{template: {spec: {joinConfiguration: {nodeRegistration: {kubeletExtraArgs: {anonymous-auth: 'true'}}}}}}",
      ),
    );
    expect(settings.parts).toEqual(["kubelet"]);
    expect(flags(settings.kubeletArguments)).toEqual(["anonymous-auth=true"]);
  });
});

test("RKE2 by Cluster API says what its object states, and nothing by what that leaves out.", () => {
  const { tool, settings } = clusterIn(
    object(
      "RKE2ControlPlane",
      "controlplane",
      "{serverConfig: {kubeAPIServer: {extraArgs: [--anonymous-auth=true]}}, agentConfig: {kubelet: {extraArgs: [read-only-port=10255]}, cisProfile: cis}}",
    ),
  );
  expect(tool).toBe("rke2");
  expect(knownValue(settings.anonymousApi)).toBe("on");
  expect(flags(settings.kubeletArguments)).toEqual(["read-only-port=10255"]);
  expect(knownValue(settings.podSecurity)).toBe("restricted");
  expect(settings.audit.kind).toBe("unstated");
});

describe("Talos by Cluster API", () => {
  const talos = (config: string) =>
    object("TalosControlPlane", "controlplane", `\n  controlPlaneConfig:\n    controlplane:\n${config}`);

  test("is judged by the patches that stand in texts.", () => {
    const [found] = configurationsOf(
      talos(
        "      generateType: controlplane\n      strategicPatches:\n      - |\n        machine:\n          kubelet:\n            extraArgs:\n              read-only-port: '10255'\n",
      ),
    );
    if (found?.software !== "talos") throw new Error("no Talos");
    expect(flags(found.machine?.kubeletArguments ?? ({ items: [] } as never))).toEqual(["read-only-port=10255"]);
  });

  test("says that operations are not judged.", () => {
    for (const patches of ["configPatches: ", "strategicPatches:\n      - |\n        "]) {
      const operations = `${patches}[{op: add, path: /machine/x, value: y}]`;
      const system = clusterOf(talos(`      generateType: controlplane\n      ${operations}\n`));
      expect(system.problems.map(({ message }) => message)).toEqual([expect.stringContaining("list of operations")]);
      expect(system.all("repository-file")).toEqual([]);
    }
  });
});
