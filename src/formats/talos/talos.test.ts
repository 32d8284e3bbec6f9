import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { TalosConfiguration } from "../../facts/configuration/talos.ts";
import { knownValue } from "../../facts/fact.ts";
import { describePlace, Source } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { talosFormat } from "./index.ts";
import { talosForm } from "./recognise.ts";

// covers: W9 S1 | files | real: siderolabs/talos v1.13.9 schema, onedr0p/home-ops at d9078e4

const shared = fileURLToPath(new URL("../../../../shared", import.meta.url));

function read(text: string, path = "machine.yaml"): TalosConfiguration {
  const file: TextFile = { ok: true, path, text, source: new Source(path, text), mode: 0o600 };
  const { subjects } = talosFormat.read({
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
  const [subject] = subjects;
  if (subject?.kind !== "repository-file" || subject.configuration?.software !== "talos") throw new Error("no Talos");
  return subject.configuration;
}

const machine = (text: string, path?: string) => {
  const found = read(text, path).machine;
  if (found === undefined) throw new Error("no machine");
  return found;
};

describe("A file", () => {
  test.each([
    ["machine:\n  type: worker\n", "machine"],
    ["# a patch\nmachine:\n  # kernel\n\n  sysctls: {}\n", "machine"],
    ["machine:\n{% if a %}\n  kubelet: {}\n{% endif %}\n", "machine"],
    ["cluster:\n  apiServer:\n    certSANs: []\n", "machine"],
    ["apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: a\n", "machine"],
    ["context: a\ncontexts:\n  a:\n    endpoints: []\n", "client"],
    ["cluster:\n  id: a\nsecrets: {}\ntrustdinfo:\n  token: a\ncerts: {}\n", "secrets"],
    ["clusterName: a\ntalosVersion: v1.13.9\nendpoint: https://a:6443\nnodes: []\n", "talhelper"],
    ["customization:\n  extraKernelArgs: []\n", "schematic"],
    ["apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\n", undefined],
    ["apiVersion: kustomize.config.k8s.io/v1beta1\nkind: KustomizationConfig\n", undefined],
    ["machine:\n  image: ubuntu\n", undefined],
    ["cluster:\n  nodes: 3\n", undefined],
    ["services:\n  machine:\n    type: x\n", undefined],
  ] as const)("is told by its text: %j", (text, form) => expect(talosForm(text)).toBe(form));
});

test.skipIf(!existsSync(join(shared, "schemas/talos")))(
  "Every kind of document of Talos's own schema is known as one of Talos (../shared/schemas/talos)",
  () => {
    const schema = readFileSync(join(shared, "schemas/talos/v1.13.9/config.schema.json"), "utf8");
    const definitions = (
      JSON.parse(schema) as { $defs: Record<string, { properties?: { kind?: { enum?: string[] } } }> }
    ).$defs;
    const kinds = Object.values(definitions).flatMap((one) => one.properties?.kind?.enum ?? []);
    expect(kinds.length).toBeGreaterThan(40);
    for (const kind of kinds) expect(talosForm(`apiVersion: v1alpha1\nkind: ${kind}\n`), kind).toBe("machine");
  },
);

const homeOps = join(shared, "corpus/home-ops/talos");

describe.skipIf(!existsSync(homeOps))("Of a living cluster's templates (../shared/corpus/home-ops)", () => {
  const text = (path: string) => readFileSync(join(homeOps, path), "utf8");

  test("every one is read without a problem, and no secret is seen in them.", () => {
    const paths = readdirSync(homeOps, { recursive: true, encoding: "utf8" }).filter((path) =>
      statSync(join(homeOps, path)).isFile(),
    );
    expect(paths.length).toBe(6);
    for (const path of paths) expect(read(text(path), path).secrets, path).toMatchObject({ items: [], complete: true });
  });

  test("the control plane's says what it says.", () => {
    const found = machine(text("controlplane.yaml.j2"));
    expect(found.whole).toBe(false);
    expect(knownValue(found.role)).toBe("controlplane");
    expect(found.podRoles.items.map(({ role, place }) => `${role} ${describePlace(place)}`)).toEqual([
      "os:admin machine.yaml:123:5",
    ]);
    expect(knownValue(found.anonymousApi)).toBe("health");
    expect(knownValue(found.etcdEncryption)).toBe("secretbox");
    expect(knownValue(found.audit)).toEqual({ records: true, bodiesOfSecrets: false });
  });

  test("what a template fills in is unknown, and what stands there is known.", () => {
    const found = machine(text("cluster.yaml.j2"), "cluster.yaml.j2");
    expect(knownValue(found.installImage)).toBe("factory.talos.dev/metal-installer/…:v1.14.0-rc.1");
    expect(machine("machine:\n  install:\n    image: a:{{ v }}\n").installImage).toMatchObject({
      kind: "unknown",
      why: "a template fills it in",
    });
    expect(knownValue(found.seccompDefault)).toBe(true);
    expect(knownValue(found.apiRoles)).toBe(true);
  });
});

describe("Secrets", () => {
  const pem = "LS0tLS1CRUdJTiBFRDI1NTE5IFBSSVZBVEUgS0VZLS0tLS0K";
  const names = (text: string) => read(text).secrets.items.map(({ name }) => name);

  test("are all that Talos itself takes out when it prints a configuration.", () => {
    const found = read(
      `machine:
  token: abcdef.0123456789abcdef
  ca: {crt: ${pem}, key: ${pem}}
  network:
    interfaces:
      - wireguard: {privateKey: ${pem}, peers: [{presharedKey: ${pem}}]}
  registries:
    config: {ghcr.io: {auth: {username: a, password: kq83nf92hd}}}
  systemDiskEncryption:
    state: {keys: [{static: {passphrase: kq83nf92hdX}}]}
cluster:
  secret: ${pem}
  token: k2n4x8.q7w3e5r9t1y6u2i4
  ca: {key: ${pem}}
  aggregatorCA: {key: ${pem}}
  serviceAccount: {key: ${pem}}
  etcd: {ca: {key: ${pem}}}
  secretboxEncryptionSecret: ${pem}
---
apiVersion: v1alpha1
kind: KubeEtcdEncryptionConfig
config:
  resources: [{providers: [{secretbox: {keys: [{name: a, secret: ${pem}}]}}]}]
---
apiVersion: v1alpha1
kind: KubeServiceAccountConfig
issuer: {privateKey: ${pem}}
---
apiVersion: v1alpha1
kind: WireguardConfig
privateKey: ${pem}
peers: [{presharedKey: ${pem}}]
`,
    ).secrets;
    expect(found.items.map(({ name }) => name)).toEqual([
      "machine.token",
      "machine.ca.key",
      "machine.network.interfaces.wireguard.privateKey",
      "machine.network.interfaces.wireguard.peers.presharedKey",
      "machine.registries.config.ghcr.io.auth.password",
      "machine.systemDiskEncryption.state.keys.static.passphrase",
      "cluster.secret",
      "cluster.token",
      "cluster.ca.key",
      "cluster.aggregatorCA.key",
      "cluster.serviceAccount.key",
      "cluster.etcd.ca.key",
      "cluster.secretboxEncryptionSecret",
      "KubeEtcdEncryptionConfig.config.resources.providers.secretbox.keys.secret",
      "KubeServiceAccountConfig.issuer.privateKey",
      "WireguardConfig.privateKey",
      "WireguardConfig.peers.presharedKey",
    ]);
    expect(JSON.stringify(found)).not.toContain(pem);
  });

  test.each([
    "machine:\n  token: op://a/b/c\n",
    "machine:\n  token: ${MACHINE_TOKEN}\n",
    "machine:\n  token: ENC[AES256_GCM,data:x]\n",
    "machine:\n  token: REDACTED\n",
    "machine:\n  token: <token>\n",
    "machine:\n  token: {{ token }}\n",
    "machine:\n  token: ''\n",
    "machine:\n  env: {HTTP_PROXY: http://a:3128, GODEBUG: x}\n",
  ])("are none where something else stands for them: %j", (text) => expect(names(text)).toEqual([]));
});

describe("Settings", () => {
  test("of a whole configuration that Talos gives itself are defaults; those of a patch are not stated.", () => {
    const whole = machine(
      "machine:\n  type: controlplane\n  token: op://a\ncluster:\n  controlPlane:\n    endpoint: https://a:6443\n",
    );
    expect(whole.whole).toBe(true);
    expect(whole.anonymousApi).toMatchObject({ kind: "defaulted", value: "off", by: "platform" });
    expect(whole.audit).toMatchObject({ kind: "defaulted", value: { records: true } });
    expect(whole.firewall).toMatchObject({ kind: "defaulted", value: "accept" });
    const patch = machine("machine:\n  type: controlplane\n");
    for (const fact of [patch.anonymousApi, patch.audit, patch.firewall, patch.podSecurity])
      expect(fact.kind).toBe("unstated");
  });

  test("below a template's blocks are unknown where they are not seen.", () => {
    const found = machine("machine:\n  type: worker\n{% if x %}\n  sysctls: {a: b}\n{% endif %}\n", "a.yaml.j2");
    for (const fact of [found.anonymousApi, found.stateEncrypted, found.etcdEncryption, found.firewall])
      expect(fact.kind).toBe("unknown");
    expect(found.kernelArguments.complete).toBe(false);
    // What stands in the blocks is read all the same.
    expect(read("machine:\n{% if x %}\n  token: k2n4x8.q7w3e5r9t1y6u2i4\n{% endif %}\n").secrets.items).toHaveLength(1);
  });
});

test("No text makes it throw, and a broken one says where", () => {
  const line = fc.constantFrom(
    "machine:",
    "cluster:",
    "  type: worker",
    "  token: a",
    "  ca:",
    "    key: [",
    "{% if %}",
    "{{ x }}",
    "---",
    "apiVersion: v1alpha1",
    "kind: VolumeConfig",
    "- a",
    "  registries: 3",
    "  features: [rbac]",
    "\tx",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 14 }), (lines) => {
      const { secrets } = read(`machine:\n  type: worker\n${lines.join("\n")}`);
      return secrets.items.length >= 0;
    }),
    { numRuns: 300 },
  );
  expect(read("machine:\n  token: [\n").secrets.complete).toBe(false);
});

describe("A patch that stands in a text", () => {
  const told = (text: string, path: string) => {
    const file: TextFile = { ok: true, path, text, source: new Source(path, text), mode: 0o600 };
    const around = { path, paths: [path], system: "s", lens: "written", platform: "files", owner: undefined } as const;
    const nothing = { files: undefined as never, locate: () => undefined, find: () => undefined };
    return talosFormat.read({ file, ...around, ...nothing });
  };
  const head = "clusterName: home\nendpoint: https://192.0.2.1:6443\n";
  const patch = "machine:\n          features:\n            rbac: false";

  test.each([
    ["of all", `${head}nodes: []\npatches:\n  - |-\n        ${patch}\n`],
    ["of a node", `${head}nodes:\n  - hostname: a\n    patches:\n      - |-\n        ${patch}\n`],
    ["with a mark where it begins", `${head}nodes: []\npatches:\n  - |-\n        ---\n        ${patch}\n`],
    ["of the control plane", `${head}nodes: []\ncontrolPlane:\n  patches:\n    - |-\n        ${patch}\n`],
  ])("is judged: %s.", (_, text) => {
    const { subjects, problems } = told(text, "talconfig.yaml");
    const machines = subjects.flatMap((each) =>
      each.kind === "repository-file" && each.configuration?.software === "talos"
        ? (each.configuration.machine ?? [])
        : [],
    );
    expect(machines.map(({ apiRoles }) => knownValue(apiRoles))).toEqual([false]);
    expect(problems).toEqual([]);
  });

  test("is called the same when lines come before it, so that what is known of it stays known.", () => {
    const own = `hostname: a\n    patches:\n      - |-\n        ${patch}\n`;
    const text = `${head}nodes:\n  - ${own}patches:\n  - "@all.yaml"\n  - |-\n        ${patch}\n`;
    const names = (written: string) => told(written, "talconfig.yaml").subjects.map(({ ref }) => ref.name);
    expect(names(text)).toEqual(["talconfig.yaml", "talconfig.yaml: patch 2 of all", "talconfig.yaml: patch 1 of a"]);
    expect(names(`# one more\n${text}`)).toEqual(names(text));
  });

  test("is looked for in no more time than a text is long, whatever blanks it has.", () => {
    const started = threadMs();
    for (const blanks of [" ".repeat(100_000), `[${" ".repeat(100_000)}`, `- ${" ".repeat(100_000)}`])
      expect(talosFormat.recognises("patch.yaml", `${blanks}x\n`)).toBe(false);
    expect(threadMs() - started).toBeLessThan(1_000);
  });

  test("is said not to be read where it is a list of operations, in a talconfig.yaml or a file of its own.", () => {
    const list = "- op: add\n  path: /machine/features/rbac\n  value: false\n";
    const inline = `${head}nodes: []\npatches:\n  - |-\n    - op: add\n      path: /machine/features/rbac\n      value: false\n`;
    for (const [text, path] of [
      [list, "patch.yaml"],
      [inline, "talconfig.yaml"],
      [inline.replace("    - op", "    # Roles are off.\n    ---\n    - op"), "talconfig.yaml"],
    ] as const)
      expect(told(text, path).problems.map(({ message }) => message)).toEqual([expect.stringContaining("RFC 6902")]);
    expect(talosFormat.recognises("patch.yaml", list)).toBe(true);
    expect(talosFormat.recognises("patch.yaml", list.replace("/machine/", "/spec/"))).toBe(false);
  });

  test("leaves manifests that the machine applies unjudged, and says so.", () => {
    const text =
      "machine:\n  type: controlplane\ncluster:\n  inlineManifests:\n    - name: a\n      contents: |-\n        apiVersion: v1\n        kind: Pod\n";
    expect(told(text, "machine.yaml").problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("1 manifest stands under `cluster.inlineManifests`"),
    ]);
  });
});
