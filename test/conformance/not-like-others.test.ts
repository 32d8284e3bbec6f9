/** What other checkers are blamed for, item by item. Each is held beside its opposite, so that silence alone is no success. */
import { rmSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { evaluate } from "../../src/controls/evaluate.ts";
import { fail } from "../../src/controls/judge.ts";
import { allControls } from "../../src/controls/registry.ts";
import { readComposeProject } from "../../src/platforms/compose/read.ts";
import { checkFolder, ringwall } from "../support/check-folder.ts";
import { composeProjectOf } from "../support/compose-tree.ts";
import { folderOf, type Hostile } from "../support/hostile-files.ts";

const folders: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, Hostile>>): string {
  const folder = folderOf(files);
  folders.push(folder);
  return folder;
}

interface SarifResult {
  readonly ruleId: string;
  readonly locations: readonly { readonly physicalLocation?: { readonly region?: unknown } }[];
}

const compose = (service: string, more = "") =>
  folderWith({ "compose.yaml": `${more}services:\n  app:\n    image: ghcr.io/example/app:1.4.2\n${service}` });

const pod = (container: string) => `apiVersion: v1
kind: Pod
metadata: {name: app, namespace: home}
spec:
  containers:
    - name: main
      image: ghcr.io/example/app:1.4.2
      ${container}
`;

describe("Ringwall does not", () => {
  // covers: W4 | compose
  it("skip a Compose file because it has no `version:`, nor because it has one", async () => {
    for (const version of ["", 'version: "3.8"\n', 'version: "2"\n']) {
      const { findings, controls } = await checkFolder(compose("    privileged: true\n", version));
      expect(controls, version).toContain("workload.privileged-off");
      expect(
        findings.filter(({ control }) => control === "input"),
        version,
      ).toEqual([]);
    }
  });

  // The many workloads and policies of a real cluster: src/controls/network/segmented-cluster.test.ts.
  it("report missing policies where a CiliumNetworkPolicy takes the pods", async () => {
    const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: home}\n";
    const policy =
      "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: deny, namespace: home}\nspec: {endpointSelector: {}, ingress: [{}], egress: [{toEndpoints: [{matchLabels: {app: x}}]}]}\n";
    const open = await checkFolder(folderWith({ "app.yaml": [namespace, pod("stdin: false")].join("---\n") }));
    expect(open.controls).toContain("network.default-deny-set");
    const closed = await checkFolder(
      folderWith({ "app.yaml": [namespace, pod("stdin: false"), policy].join("---\n") }),
    );
    expect(closed.controls).not.toContain("network.default-deny-set");
  });

  it("demand a securityContext of a Service, a ClusterRole or anything else that runs nothing", async () => {
    const objects = [
      "apiVersion: v1\nkind: Service\nmetadata: {name: app, namespace: home}\nspec: {selector: {app: app}, ports: [{port: 80}]}\n",
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: home}\ndata: {colour: blue}\n",
      "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: home}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n",
    ];
    const ofContexts = /seccomp|capabilities|user-unprivileged|no-new-privileges|root-read-only|pod-security-re/;
    const without = await checkFolder(folderWith({ "objects.yaml": objects.join("---\n") }));
    expect(without.controls.filter((control) => ofContexts.test(control))).toEqual([]);
    const withPod = await checkFolder(folderWith({ "objects.yaml": [...objects, pod("tty: false")].join("---\n") }));
    const told = withPod.findings.filter(({ control }) => ofContexts.test(control));
    expect(told.length).toBeGreaterThan(3);
    for (const { subject } of told) expect(subject).toContain("home/Pod/app");
  });

  // covers: N6 | compose
  it("take `0.0.0.0:8080:8080` or `[::]:8080:8080` for bound to an interface", async () => {
    const found = async (port: string) =>
      (await checkFolder(compose(`    ports: ["${port}"]\n`))).findings.filter(
        ({ control }) => control === "network.only-proxy-publishes",
      );
    const everywhere = await found("8080:8080");
    expect(everywhere).toMatchObject([{ message: expect.stringContaining("on every address") }]);
    expect((await found("0.0.0.0:8080:8080"))[0]?.message).toBe(everywhere[0]?.message);
    expect((await found("[::]:8080:8080"))[0]?.message).toMatch(/on every (?:IPv6 )?address/);
    expect(await found("127.0.0.1:8080:8080")).toEqual([]);
  });

  // covers: W6 | compose
  it("call an anonymous or named volume a host mount", async () => {
    const found = async (volume: string) =>
      (await checkFolder(compose(`    volumes: ["${volume}"]\n`, "volumes: {etc: {}}\n"))).controls;
    expect(await found("/etc:/etc")).toContain("workload.host-paths-unmounted");
    expect(await found("/etc")).not.toContain("workload.host-paths-unmounted");
    expect(await found("etc:/etc")).not.toContain("workload.host-paths-unmounted");
  });

  // covers: W4 | kubernetes
  it("look for `Kind` where manifests say `kind`", async () => {
    const { controls } = await checkFolder(folderWith({ "pod.yaml": pod("securityContext: {privileged: true}") }));
    expect(controls).toContain("workload.privileged-off");
    const wrong = pod("securityContext: {privileged: true}").replace("kind: Pod", "Kind: Pod");
    expect((await checkFolder(folderWith({ "pod.yaml": wrong }))).controls).not.toContain("workload.privileged-off");
  });

  // covers: W4 | compose, kubernetes
  it.each(["yes", "Yes", "on", "TRUE", '"true"'])("read `privileged: %s` as a text in Compose", async (value) => {
    const { findings } = await checkFolder(compose(`    privileged: ${value}\n`));
    expect(findings.find(({ control }) => control === "workload.privileged-off")).toMatchObject({ verdict: "fail" });
  });

  it.each(["yes", "On", "True"])("read `privileged: %s` as a text in a manifest", async (value) => {
    const { findings } = await checkFolder(folderWith({ "pod.yaml": pod(`securityContext: {privileged: ${value}}`) }));
    expect(findings.find(({ control }) => control === "workload.privileged-off")).toMatchObject({ verdict: "fail" });
  });

  it("drop a rule that throws: it is reported, its verdict is unknown, and the others judge on", () => {
    const system = readComposeProject(composeProjectOf("services: {app: {image: app, privileged: true}}"));
    const [known] = allControls.filter(({ id }) => id === "workload.privileged-off");
    if (known === undefined) throw new Error("There is no such control.");
    const id = "workload.broken-test";
    const bug = { ...known, id, check: () => fail(JSON.parse("{")) };
    const result = evaluate([system], [bug, ...allControls], {
      today: new Date("2027-01-01T00:00:00Z"),
      profile: "homelab",
      ownStack: false,
    });
    expect(result.internalErrors).toMatchObject([{ control: id }]);
    expect(result.findings.find(({ control }) => control === id)).toMatchObject({ verdict: "unknown" });
    expect(result.findings.some(({ control }) => control === known.id)).toBe(true);
  });

  it("report line 1 when the place is unknown", async () => {
    const folder = folderWith({
      "compose.yaml": "services: {app: {image: 'ghcr.io/example/app:1.4.2', privileged: true}}\n",
      ".sops.yaml":
        "creation_rules:\n  - age: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n    encrypted_regex: ^data$\n",
      ".git/HEAD": "ref: refs/heads/main\n",
    });
    const { findings } = await checkFolder(folder);
    // Nothing says where a line is missing in a file that is not there.
    const [found, ...others] = findings.filter(({ control }) => control === "secrets.ignore-complete");
    expect(others).toEqual([]);
    expect(found).toMatchObject({ file: null, line: null, column: null, placeUnknown: expect.stringMatching(/./) });
    const { out } = await ringwall(folder, ["check", "--format", "sarif"]);
    const results: SarifResult[] = JSON.parse(out).runs[0].results;
    const written = (id: string) => results.find(({ ruleId }) => ruleId === id)?.locations[0]?.physicalLocation;
    expect(written("secrets.ignore-complete")).toBeUndefined();
    expect(written("workload.privileged-off")?.region).toMatchObject({ startLine: 1, startColumn: 66 });
  });

  it("find four hundred equal warnings and bury the one that matters", async () => {
    const services = Array.from({ length: 400 }, (_, at) => `  app-${at}: {image: "ghcr.io/example/app:1.4.2"}\n`);
    const worst =
      "  zz-portainer:\n    image: portainer/portainer-ce:2.21.4\n    ports: ['9443:9443']\n    volumes: ['/var/run/docker.sock:/var/run/docker.sock']\n";
    const folder = folderWith({ "compose.yaml": `services:\n${services.join("")}${worst}` });
    const { out, code } = await ringwall(folder, ["check"], { columns: 100 });
    expect(code).toBe(1);
    expect(out.split("\n")[0]).toMatch(/^CRITICAL zz-portainer: It can be reached from outside/);
    expect(out.match(/memory limit is not stated/g)).toHaveLength(1);
    expect(out).toMatch(/memory limit is not stated: 401 services/);
    expect(out.split("\n").length).toBeLessThan(120);
  });

  it("need the internet, nor any socket", async () => {
    const connect = vi.spyOn(net.Socket.prototype, "connect").mockImplementation(() => {
      throw new Error("Nothing may be connected to.");
    });
    const fetched = vi.spyOn(globalThis, "fetch");
    const mixed = fileURLToPath(new URL("mixed-repository", import.meta.url));
    const { findings } = await checkFolder(mixed);
    expect(findings.length).toBeGreaterThan(10);
    expect(connect).not.toHaveBeenCalled();
    expect(fetched).not.toHaveBeenCalled();
    await expect(fetch("http://127.0.0.1:65500")).rejects.toThrow();
    expect(connect).toHaveBeenCalled();
  });

  // covers: W2 | kubernetes
  it("check a base or a patch by itself that an overlay makes whole", async () => {
    const deployment = (spec: string) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  template:\n    metadata: {labels: {app: app}}\n    spec:\n      containers: [{name: main, ${spec}}]\n`;
    const base = {
      "base/app.yaml": deployment("image: 'ghcr.io/example/app:1.4.2', securityContext: {privileged: true}"),
      "base/kustomization.yaml": "resources: [app.yaml]\n",
    };
    const alone = await checkFolder(folderWith(base));
    expect(alone.controls).toContain("workload.privileged-off");
    const whole = await checkFolder(
      folderWith({
        ...base,
        "home/kustomization.yaml": "resources: [../base]\nnamespace: home\npatches: [{path: patch.yaml}]\n",
        "home/patch.yaml": deployment("securityContext: {privileged: false}"),
      }),
    );
    expect(whole.controls).not.toContain("workload.privileged-off");
    const subjects = new Set(
      whole.findings.map(({ subject }) => subject).filter((name) => name.includes("Deployment")),
    );
    for (const subject of subjects) expect(subject).toContain("home/Deployment/app");
    expect(subjects.size).toBeGreaterThan(0);
  });
});
