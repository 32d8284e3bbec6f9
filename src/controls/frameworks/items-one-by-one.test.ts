import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPaths } from "../../platforms/read-paths.ts";
import { frameworkList } from "../../report/requirements.ts";
import { evaluate } from "../evaluate.ts";
import { allControls } from "../registry.ts";
import { frameworks } from "./framework.ts";

const today = new Date("2027-01-01T00:00:00Z");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-items-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** How the items of a framework stand, by state. */
function states(name: string, manifest: string, file = "a.yaml"): ReadonlyMap<string, string> {
  writeFileSync(join(folder, file), manifest);
  const { systems } = readPaths([join(folder, file)], { cwd: folder, now: today });
  const { tallies } = evaluate(systems, allControls, { profile: "homelab", today, ownStack: false });
  const framework = frameworks.find((each) => each.name === name);
  if (framework === undefined) throw new Error(`There is no ${name}.`);
  return new Map(frameworkList(framework, { tallies }).rows.map(({ id, state }) => [id, state]));
}

function failed(of: ReadonlyMap<string, string>): readonly string[] {
  return [...of].filter(([, state]) => state === "failed").map(([id]) => id);
}

const pod = (spec: string, security = "") => `apiVersion: v1
kind: Pod
metadata: { name: a, namespace: x }
spec:
  automountServiceAccountToken: false
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
${spec}
  containers:
    - name: a
      image: ghcr.io/me/a:1.0.0
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true${security}, capabilities: { drop: [ALL] } }
`;

// covers: W7 | kubernetes
describe("of a pod that fails one check", () => {
  test("that item alone of the standards has failed, and the others hold", () => {
    const standards = states("pod-security", pod("  hostPID: true"));
    expect(failed(standards)).toEqual(["baseline/hostNamespaces"]);
    expect(standards.get("baseline/windowsHostProcess")).toBe("passed");
    expect(standards.get("restricted/capabilities")).toBe("passed");
  });

  test("the CIS items of the other checks hold, and the one of the namespace has failed", () => {
    const items = states("cis-kubernetes", pod("  hostPID: true"));
    expect(items.get("5.2.3")).toBe("failed");
    for (const id of ["5.2.2", "5.2.4", "5.2.5", "5.2.11", "5.2.12", "5.2.13"]) expect(items.get(id)).toBe("passed");
  });

  test("what is stricter of one kind fails at both levels", () => {
    const volumes = "  volumes: [{ name: s, hostPath: { path: /srv/a } }]";
    expect(failed(states("pod-security", pod(volumes)))).toEqual([
      "baseline/hostPathVolumes",
      "restricted/restrictedVolumes",
    ]);
    expect(failed(states("pod-security", pod("", ", procMount: Unmasked")))).toContain("baseline/procMount");
  });

  test("what cannot be resolved leaves its own item open", () => {
    const standards = states("pod-security", pod('  hostPID: "{{ .Values.pid }}"'));
    expect(standards.get("baseline/hostNamespaces")).toBe("unknown");
    expect(standards.get("baseline/privileged")).toBe("passed");
  });
});

// covers: W7 | kubernetes
test("An agent that is excused for what it is for has failed the items all the same", () => {
  const agent = `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: cilium, namespace: kube-system }
spec:
  selector: { matchLabels: { a: b } }
  template:
    metadata: { labels: { a: b } }
    spec:
      hostNetwork: true
      hostPID: true
      containers:
        - name: agent
          image: quay.io/cilium/cilium:v1.18.2
          securityContext: { privileged: true }
          volumeMounts: [{ name: s, mountPath: /host }]
      volumes: [{ name: s, hostPath: { path: / } }]
---
${pod("")}`;
  const items = states("cis-kubernetes", agent);
  for (const id of ["5.2.2", "5.2.3", "5.2.5", "5.2.7", "5.2.12"]) expect([id, items.get(id)]).toEqual([id, "failed"]);
  const guide = states("nsa-kubernetes", agent);
  for (const id of ["no-privileged", "no-host-namespaces", "non-root"]) expect(guide.get(id)).toBe("failed");
});

// covers: W9 | kubernetes files
describe("What sets a cluster up", () => {
  const cis = (text: string, file?: string) => {
    const items = states("cis-kubernetes", text, file);
    return (...ids: readonly string[]) => ids.map((id) => `${id} ${items.get(id)}`);
  };

  test("fails the items of the part that is weak, and answers none of a part that it says nothing of", () => {
    const kubelet = cis(
      "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthentication: {anonymous: {enabled: true}}\nreadOnlyPort: 0\n",
    );
    expect(kubelet("4.2.1", "4.2.2", "4.2.4", "1.2.1", "1.2.6", "4.3.1")).toEqual([
      "4.2.1 failed",
      "4.2.2 passed",
      "4.2.4 passed",
      "1.2.1 not-judged",
      "1.2.6 not-judged",
      "4.3.1 not-judged",
    ]);
    const proxy = cis(
      "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmetricsBindAddress: 0.0.0.0:10249\n",
    );
    expect(proxy("4.3.1", "4.2.4")).toEqual(["4.3.1 failed", "4.2.4 not-judged"]);
  });

  const server = (...flags: readonly string[]) =>
    cis(
      `apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system, labels: {tier: control-plane}}\nspec: {containers: [{name: a, image: "registry.k8s.io/kube-apiserver:v1.34.1", command: [kube-apiserver, ${flags.join(", ")}]}]}\n`,
    );

  test("tells a token file from accounts that are not looked up", () => {
    const files = server(
      "--token-auth-file=/t",
      "--authorization-mode=Node",
      "--enable-admission-plugins=NodeRestriction",
    );
    expect(files("1.2.2", "1.2.21", "1.2.6", "1.2.14")).toEqual([
      "1.2.2 failed",
      "1.2.21 passed",
      "1.2.6 passed",
      "1.2.14 passed",
    ]);
    expect(server("--service-account-lookup=false")("1.2.2", "1.2.21")).toEqual(["1.2.2 passed", "1.2.21 failed"]);
  });

  test("tells clients of etcd from its peers", () => {
    const etcd = cis(
      'apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system}\nspec: {containers: [{name: a, image: "registry.k8s.io/etcd:3.6.5-0", command: [etcd, --client-cert-auth=true, --trusted-ca-file=/ca, "--listen-client-urls=https://10.0.0.1:2379", "--listen-peer-urls=https://10.0.0.1:2380"]}]}\n',
    );
    expect(etcd("2.2", "2.5")).toEqual(["2.2 passed", "2.5 failed"]);
  });

  test("tells that there is a log from what is in it, and a provider's choice from that there is one", () => {
    const policy = cis(
      "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: RequestResponse, resources: [{group: '', resources: [secrets]}]}]\n",
    );
    expect(policy("1.2.16", "3.2.1", "3.2.2")).toEqual(["1.2.16 not-judged", "3.2.1 passed", "3.2.2 failed"]);
    const provider = (name: string) =>
      cis(
        `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: [{resources: [secrets], providers: [{${name}: {}}]}]\n`,
      )("1.2.27", "1.2.28");
    expect(provider("aescbc")).toEqual(["1.2.27 not-judged", "1.2.28 passed"]);
    expect(provider("secretbox")).toEqual(["1.2.27 not-judged", "1.2.28 passed"]);
    expect(provider("identity")).toEqual(["1.2.27 not-judged", "1.2.28 failed"]);
  });
});

// covers: N6 | compose kubernetes
describe("Of a published port", () => {
  const compose = (port: string) => {
    const items = states(
      "cis-docker",
      `services:\n  a:\n    image: ghcr.io/me/a:1.0.0\n    ports: ["${port}"]\n`,
      "compose.yaml",
    );
    return ["5.8", "5.9", "5.14"].map((id) => `${id} ${items.get(id)}`);
  };

  test("those items fail that it does not meet", () => {
    expect(compose("8080:80")).toEqual(["5.8 passed", "5.9 failed", "5.14 failed"]);
    expect(compose("81:80")).toEqual(["5.8 failed", "5.9 failed", "5.14 failed"]);
    expect(compose("192.168.1.2:8080:80")).toEqual(["5.8 passed", "5.9 failed", "5.14 passed"]);
    expect(compose("127.0.0.1:81:80")).toEqual(["5.8 passed", "5.9 passed", "5.14 passed"]);
  });

  test("none is a port of the node that a Service of the cloud publishes", () => {
    const service = `${pod("").replace("{ name: a, namespace: x }", "{ name: a, namespace: x, labels: { app: a } }")}---
apiVersion: v1
kind: Service
metadata: { name: a, namespace: x }
spec: { type: LoadBalancer, selector: { app: a }, ports: [{ port: 5432 }] }
`;
    expect(states("pod-security", service).get("baseline/hostPorts")).toBe("passed");
    expect(states("cis-kubernetes", service).get("5.2.13")).toBe("passed");
  });
});

// covers: W7 W9 | compose kubernetes
describe("A framework of one platform", () => {
  const answered = (name: string, text: string, file: string) =>
    [...states(name, text, file)].filter(([, state]) => !state.startsWith("not-")).map(([id]) => id);
  const compose = "services:\n  a:\n    image: ghcr.io/me/a:1.0.0\n    privileged: true\n";

  test("counts nothing of another's containers", () => {
    for (const name of ["cis-kubernetes", "pod-security"])
      expect([name, answered(name, compose, "compose.yaml")]).toEqual([name, []]);
    // The file itself is one of the repository, whoever reads it, and holds no secrets.
    expect(answered("nsa-kubernetes", compose, "compose.yaml")).toEqual(["secrets"]);
    expect(answered("owasp-kubernetes", compose, "compose.yaml")).toEqual(["K03"]);
    for (const name of ["cis-docker", "owasp-docker"])
      expect(answered(name, pod("  hostPID: true"), "a.yaml")).toEqual([]);
    expect(answered("nist-csf", compose, "compose.yaml")).toContain("PR.PS-01");
    expect(answered("nist-csf", pod(""), "a.yaml")).toContain("PR.PS-01");
  });

  test("counts the build files, which belong to either", () => {
    const file = "FROM docker.io/library/alpine:latest\n";
    expect(answered("owasp-docker", file, "Dockerfile")).toContain("D08");
    expect(answered("nsa-kubernetes", file, "Dockerfile")).toContain("trusted-registries");
  });
});
