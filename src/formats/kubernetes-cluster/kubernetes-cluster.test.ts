import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { ClusterConfiguration } from "../../facts/configuration/cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { Source } from "../../lib/place.ts";
import { systemsOf } from "../../platforms/testing/systems-of.ts";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigFacts } from "../config-format.ts";
import { kubernetesClusterFormat } from "./index.ts";
import { clusterForm, mayBeCluster } from "./recognise.ts";

// covers: W9 A10 S1 | kubernetes | real: files after the shape of kubeadm's, k3s's, kind's and k3d's own examples

function factsOf(text: string, path: string): ConfigFacts {
  const file: TextFile = { ok: true, path, text, source: new Source(path, text), mode: 0o600 };
  return kubernetesClusterFormat.read({
    file,
    path,
    paths: [path],
    system: "s",
    lens: "written",
    platform: "files",
    owner: undefined,
    files: undefined as never,
    locate: () => undefined,
    find: () => undefined,
  });
}

function read(text: string, path = "kubeadm.yaml"): ClusterConfiguration {
  const [subject] = factsOf(text, path).subjects;
  if (subject?.kind !== "repository-file" || subject.configuration?.software !== "cluster")
    throw new Error("no cluster");
  return subject.configuration;
}

const k3s = (text: string) => read(text, "etc/rancher/k3s/config.yaml");
const flags = (list: ClusterConfiguration["proxyArguments"]) =>
  list.items.map(({ name, value }) => `${name}=${knownValue(value) ?? "?"}`);

describe("A file is told", () => {
  test.each([
    ["kubeadm.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n", "documents"],
    ["a.yaml", "kind: JoinConfiguration\napiVersion: kubeadm.k8s.io/v1beta3\n", "documents"],
    ["k.yaml", "# kubelet\napiVersion: kubelet.config.k8s.io/v1beta1 # x\nkind: KubeletConfiguration\r\n", "documents"],
    ["enc.yaml", 'apiVersion: "apiserver.config.k8s.io/v1"\nkind: "EncryptionConfiguration"\n', "documents"],
    ["policy.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\n", "documents"],
    ["kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n", "documents"],
    ["k3d.yaml", "apiVersion: k3d.io/v1alpha5\nkind: Simple\n", "documents"],
    ["etc/rancher/k3s/config.yaml", "tls-san:\n  - a\n", "k3s"],
    ["etc/rancher/k3s/config.yaml", "# the server\n---\ntls-san:\n- a\nkubelet-arg:\n- b=c\n", "k3s"],
    ["etc/rancher/k3s/config.yaml.d/10-token.yaml", "token: a\n", "k3s"],
    ["rke2/config.yaml.j2", "server: https://{{ a }}:9345\ntoken: '{{ b }}'\n", "rke2"],
    ["roles/k3s_server/templates/config.yaml.j2", "cluster-init: true\nwrite-kubeconfig-mode: 644\n", "k3s"],
    ["k3s-server.yaml", "kubelet-arg: []\nflannel-backend: none\n", "k3s"],
  ] as const)("as what it is: %s", (path, text, form) => {
    expect(mayBeCluster(path)).toBe(true);
    expect(clusterForm(path, text)).toBe(form);
  });

  test.each([
    ["config.yaml", "token: a\nserver: b\n"],
    ["config.yaml", "tls-san: [a]\nwrite-kubeconfig-mode: 644\n"],
    ["apps/k3s/config.yaml", "debug: true\ntheme: dark\n"],
    ["app/config.yaml", "server: https://a\ntoken: b\nnode-name: c\n"],
    ["k3s.yaml", "apiVersion: v1\nkind: Config\nclusters: []\n"],
    ["k3s/config.yaml", "apiVersion: v1\nkind: ConfigMap\n"],
    ["k3s/docker-compose.yaml", "services:\n  server:\n    image: rancher/k3s\n"],
    ["inventory/group_vars/k3s_cluster.yml", "k3s_version: v1.33.1\ntoken: a\n"],
    ["roles/k3s/handlers/k3s.yml", "---\n# a\n\n- name: a\n  kubelet-arg: b\ncluster-init: true\nkubelet-arg: []\n"],
    ["roles/k3s/tasks/main.yml", "- name: a\n  shell: k3s\n"],
    ["cluster.yaml", "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\n"],
    ["kyverno.yaml", "apiVersion: kyverno.io/v1\nkind: Policy\n"],
    ["a.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"],
    ["machine.yaml", "machine:\n  type: worker\n"],
  ])("from what others are: %s", (path, text) => expect(clusterForm(path, text)).toBeUndefined());

  test("in time that grows with its text and no faster.", () => {
    const texts = ["apiVersion: ", "apiVersion: kubeadm.k8s.io/v", "k3s", "kubelet-arg", "\n"].map((part) =>
      part.repeat(400_000 / part.length),
    );
    const began = threadMs();
    for (const text of texts)
      for (const path of [`${"k3s".repeat(300)}/a.yaml`, "k3s/config.yaml"]) clusterForm(path, text);
    expect(threadMs() - began).toBeLessThan(1_000);
  });
});

describe("kubeadm's flags", () => {
  const map = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n";
  const list = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";

  test("are a mapping up to v1beta3 and a list of names and values since.", () => {
    const old = read(`${map}apiServer:\n  extraArgs:\n    anonymous-auth: "false"\n    profiling: "false"\n`);
    const young = read(
      `${list}apiServer:\n  extraArgs:\n  - {name: anonymous-auth, value: "false"}\n  - {name: profiling, value: "false"}\n`,
    );
    for (const { settings } of [old, young]) {
      expect(settings.anonymousApi).toMatchObject({ kind: "stated", value: "off" });
      expect(flags(settings.apiServerArguments)).toEqual([
        "anonymous-auth=false",
        "profiling=false",
        "enable-admission-plugins=NodeRestriction",
      ]);
    }
  });

  test("may switch an admission plugin off in any of several, of which one may not be seen.", () => {
    const level = (...values: readonly string[]) =>
      read(
        `${list}apiServer:\n  extraArgs:\n${values.map((value) => `  - {name: disable-admission-plugins, value: "${value}"}\n`).join("")}`,
      ).settings.podSecurity;
    expect(level("ServiceAccount", "PodSecurity")).toMatchObject({
      kind: "stated",
      value: expect.stringMatching(/^none/) as string,
    });
    expect(level("ServiceAccount", "DefaultStorageClass")).toMatchObject({ kind: "defaulted", value: "privileged" });
    expect(level("ServiceAccount", "${PLUGINS}")).toMatchObject({ kind: "unknown" });
  });

  test("leave what kubeadm itself gives, and say nothing of parts that the file is not about.", () => {
    const { settings, tool } = read(list);
    expect(tool).toBe("kubeadm");
    expect(settings.parts).toEqual(["API server", "etcd"]);
    expect(settings.etcdEncryption).toMatchObject({ kind: "defaulted", value: "none" });
    expect(flags(settings.etcdArguments)).toEqual([
      "client-cert-auth=true",
      "peer-client-cert-auth=true",
      "trusted-ca-file=etcd/ca.crt",
      "peer-trusted-ca-file=etcd/ca.crt",
    ]);
    expect(read(`${list}etcd:\n  external:\n    endpoints: []\n`).settings.parts).toEqual(["API server"]);
  });

  test.each([
    `${list}apiServer:\n  extraArgs:\n  - value: a\n`,
    `${list}apiServer:\n  extraArgs: 3\n`,
    `${list}apiServer: x\n`,
    `${list}apiServer: ENC[AES256_GCM,data:x]\n`,
    `${list}{% if a %}\napiServer: {}\n{% endif %}\n`,
    `${list}apiServer:\n  extraArgs: [\n`,
  ])("that cannot be told are never taken for left out: %j", (text) => {
    const { settings } = read(text);
    expect(settings.apiServerArguments.complete).toBe(false);
    expect([settings.anonymousApi.kind, settings.audit.kind, settings.etcdEncryption.kind]).toEqual(
      Array(3).fill("unknown"),
    );
  });

  test.each(["${MODE}", "$(MODE)", "$MODE", "ENC[AES256_GCM,data:x]", "<%= mode %>"])(
    "are open where a variable or SOPS stands for the value: %s",
    (value) => {
      const old = read(`${map}apiServer:\n  extraArgs:\n    authorization-mode: ${value}\n`).settings;
      const young = read(
        `${list}apiServer:\n  extraArgs:\n  - {name: authorization-mode, value: "${value}"}\n`,
      ).settings;
      for (const { apiServerArguments } of [old, young])
        expect(apiServerArguments.items[0]?.value.kind).toBe("unknown");
      const file = read(
        `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthorization:\n  mode: ${value}\n`,
      ).settings;
      expect(file.kubeletArguments.items[0]?.value.kind).toBe("unknown");
      const { kubeletArguments } = k3s(
        `kubelet-arg:\n- authorization-mode=${value}\n- ENC[AES256_GCM,data:x]\n`,
      ).settings;
      expect(kubeletArguments).toMatchObject({ complete: false, items: [{ value: { kind: "unknown" } }] });
    },
  );

  test("of a kind cluster stand in patches, which say nothing by what they leave out.", () => {
    const { settings, tool } = read(
      "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraArgs:\n      authorization-mode: AlwaysAllow\nnodes:\n- role: control-plane\n  kubeadmConfigPatches:\n  - |\n    kind: InitConfiguration\n    nodeRegistration:\n      kubeletExtraArgs:\n        read-only-port: 10255\n",
    );
    expect(tool).toBe("kind");
    expect(flags(settings.apiServerArguments)).toEqual(["authorization-mode=AlwaysAllow"]);
    expect(flags(settings.kubeletArguments)).toEqual(["read-only-port=10255"]);
    expect(settings.audit.kind).toBe("unstated");
  });

  test("of a kind cluster stand in lists of operations too, as far as they set something.", () => {
    const cluster = (list: string) =>
      `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatchesJSON6902:\n- group: kubeadm.k8s.io\n  version: v1beta3\n  kind: ClusterConfiguration\n  patch: |\n${list}`;
    const operations = (list: string) => read(cluster(list)).settings.apiServerArguments;
    const set =
      "    - {op: add, path: /apiServer/extraArgs/authorization-mode, value: AlwaysAllow}\n    - {op: add, path: /apiServer/certSANs/-, value: a}\n    - {op: remove, path: /apiServer/extraArgs/anonymous-auth}\n";
    expect(flags(operations(set))).toEqual(["authorization-mode=AlwaysAllow"]);
    const listed = "    - {op: add, path: /apiServer/extraArgs/-, value: {name: anonymous-auth, value: 'true'}}\n";
    expect(flags(operations(listed))).toEqual(["anonymous-auth=true"]);
    expect(factsOf(cluster("    - {op: add\n"), "kind.yaml").problems).toHaveLength(1);
  });

  test("are open where patches in a folder of the machine come on top; what is stated stays.", () => {
    const patched =
      "---\napiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\npatches: {directory: /etc/kubernetes/patches}\n";
    const { settings } = read(`${map}apiServer:\n  extraArgs: {anonymous-auth: "true"}\n${patched}`);
    expect(knownValue(settings.anonymousApi)).toBe("on");
    expect([settings.audit, settings.etcdEncryption].map((fact) => fact.kind === "unknown" && fact.why)).toEqual(
      Array(2).fill(expect.stringContaining("patches.directory")),
    );
  });
});

describe("k3s", () => {
  test("starts its API server with requests without a name refused, and an agent has none.", () => {
    const server = k3s("cluster-init: true\n").settings;
    expect(server.anonymousApi).toMatchObject({ kind: "defaulted", value: "off" });
    const agent = k3s("server: https://a:6443\ntoken-file: /t\nkubelet-arg: [a=b]\n").settings;
    expect(agent.parts).toEqual(["kubelet", "kube-proxy"]);
    expect(agent.etcdEncryption.kind).toBe("unstated");
  });

  test("takes one text, a list of texts, and keys with a plus.", () => {
    expect(flags(k3s("kubelet-arg: a=b\nkubelet-arg+:\n  - --c=d=e\n  - f\n").settings.kubeletArguments)).toEqual([
      "a=b",
      "c=d=e",
      "f=true",
    ]);
  });

  test.each([
    ['"0644"', 0o644],
    ["644", 0o644],
    ['"600"', 0o600],
  ])("reads the kubeconfig's permissions as octal: %s", (text, mode) =>
    expect(k3s(`write-kubeconfig-mode: ${text}\n`).kubeconfigMode).toMatchObject({ kind: "stated", value: mode }),
  );

  describe("is read with the files beside it,", () => {
    const inFolder = (files: Readonly<Record<string, string>>) =>
      systemsOf(
        Object.fromEntries(Object.entries(files).map(([name, text]) => [`etc/rancher/k3s/config.yaml${name}`, text])),
      ).flatMap((system) =>
        system
          .all("repository-file")
          .flatMap(({ configuration }) => (configuration?.software === "cluster" ? [configuration] : [])),
      );

    test("each of which says more, and none alone.", () => {
      const found = inFolder({
        "": "cluster-init: true\n",
        ".d/10.yaml": "secrets-encryption: true\nwrite-kubeconfig-mode: '644'\n",
        ".d/20.yml": "write-kubeconfig-mode: '600'\n",
        ".d/notes.txt": "secrets-encryption: false\n",
      });
      expect(found).toHaveLength(1);
      const encrypted = (each: ClusterConfiguration | undefined) => each && knownValue(each.settings.etcdEncryption);
      expect(encrypted(found[0])).toEqual(encrypted(k3s("cluster-init: true\nsecrets-encryption: true\n")));
      expect(encrypted(found[0])).not.toEqual(encrypted(k3s("cluster-init: true\n")));
      expect(found[0]?.kubeconfigMode).toMatchObject({ kind: "stated", value: 0o600 });
    });

    test("of a key the last one, and with a sign behind it the ones before too.", () => {
      const first = "cluster-init: true\nkubelet-arg: [a=1]\n";
      const kubelet = (...texts: readonly string[]) =>
        inFolder({ "": first, ...Object.fromEntries(texts.map((text, index) => [`.d/${index}.yaml`, text])) }).flatMap(
          ({ settings }) => flags(settings.kubeletArguments),
        );
      expect(kubelet("kubelet-arg: b=2\n")).toEqual(["b=2"]);
      expect(kubelet("kubelet-arg+: [b=2]\n", "kubelet-arg+: c=3\n")).toEqual(["a=1", "b=2", "c=3"]);
      expect(kubelet("kubelet-arg+: [b=2]\n", "kubelet-arg: [c=3]\n")).toEqual(["c=3"]);
    });

    test("and says nothing for sure where one cannot be read.", () => {
      const found = inFolder({
        "": "cluster-init: true\n",
        ".d/10.yaml.j2": "{% if a %}\ndebug: true\n{% endif %}\ntoken: a\n",
      });
      expect(found.map(({ settings }) => settings.etcdEncryption.kind)).toEqual(["unknown"]);
    });
  });

  test("says less by what it leaves out where other files may stand beside it.", () => {
    const part = read("kubelet-arg: a=b\ncluster-init: true\n", "k3s/config.yaml.d/10.yaml").settings;
    expect([part.audit.kind, part.etcdEncryption.kind, part.anonymousApi.kind]).toEqual(Array(3).fill("unstated"));
  });
});

describe("A setting of the cluster that a variable or a template fills in is not known:", () => {
  const filled = ["${VALUE}", "$VALUE", "'{{ value }}'", "{{ value }}"];

  test.each(filled)("%s", (value) => {
    const rke2 = read(`profile: ${value}\ncluster-init: true\n`, "etc/rancher/rke2/config.yaml").settings;
    expect(rke2.podSecurity.kind).toBe("unknown");
    const server = k3s(`cluster-init: true\nsecrets-encryption: ${value}\n`).settings;
    expect(server.etcdEncryption.kind).toBe("unknown");
    const provider = k3s(`cluster-init: true\nsecrets-encryption: true\nsecrets-encryption-provider: ${value}\n`);
    expect(provider.settings.etcdEncryption.kind).toBe("unknown");
    const k3d = read(
      `apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n      - arg: --secrets-encryption=${value.replaceAll("'", "")}\n`,
      "k3d.yaml",
    ).settings;
    expect(k3d.etcdEncryption.kind).toBe("unknown");
  });
});

describe("Secrets", () => {
  test("are told by name, and no value gets into what is told.", () => {
    const value = "8f3a1c7e5b9d2046";
    const found = k3s(
      `token: ${value}\nagent-token: ${value}\ndatastore-endpoint: postgres://k3s:${value}@db:5432/k3s\n`,
    ).secrets;
    expect(found.items.map(({ name }) => name)).toEqual(["token", "agent-token", "datastore-endpoint"]);
    expect(JSON.stringify(found)).not.toContain(value);
  });

  test.each([
    "token: ${K3S_TOKEN}\n",
    "token: '{{ k3s_token }}'\n",
    "token: <the token>\n",
    "token: op://vault/k3s/token\n",
    "token: ''\n",
    "datastore-endpoint: postgres://db:5432/k3s\n",
  ])("are none where something else stands for them: %j", (text) => expect(k3s(text).secrets.items).toEqual([]));

  test("of kubeadm that end by themselves give less away than those that do not, and its example is everybody's.", () => {
    const token = (rest: string) =>
      read(`apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n- ${rest}\n`).secrets
        .items[0];
    expect(token("token: k7w2ze.4q9x1m8t5r3b6v0c\n  ttl: 24h0m0s")?.root).toBe(false);
    expect(token("token: k7w2ze.4q9x1m8t5r3b6v0c\n  ttl: '0'")?.root).toBe(true);
    expect(token("token: abcdef.0123456789abcdef")?.opens).toContain("kubeadm's own example");
  });
});

test("No text makes it throw", () => {
  const line = fc.constantFrom(
    "apiServer:",
    "  extraArgs:",
    "  - name: a",
    "    value: [",
    "etcd: 3",
    "  local:",
    "nodeRegistration: null",
    "---",
    "kind: KubeletConfiguration",
    "apiVersion: kubelet.config.k8s.io/v1beta1",
    "kind: Policy",
    "rules: [a]",
    "{% if x %}",
    "{{ y }}",
    "token: a",
    "kubelet-arg: {a: b}",
    "- a",
    "\tx",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 14 }), fc.constantFrom("k.yaml", "k3s/config.yaml"), (lines, path) => {
      const text = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n${lines.join("\n")}`;
      return factsOf(path === "k.yaml" ? text : lines.join("\n"), path).subjects.length === 1;
    }),
    { numRuns: 300 },
  );
});
