import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { evaluate } from "../../src/controls/evaluate.ts";
import { allControls } from "../../src/controls/registry.ts";
import { readPaths } from "../../src/platforms/read-paths.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A file in which WORD stands where a reader or a control looks a name up. */
const files: readonly (readonly [path: string, text: string])[] = [
  ["frpc.ini", "[common]\nserver_addr = a.org\nWORD = x\n[p]\nWORD = y\ntype = tcp\nlocal_port = 80\n"],
  ["daemon.json", '{"log-driver": "WORD", "log-opts": {"max-size": "10m"}}'],
  ["vault.hcl", 'ui = true\nlistener "tcp" {\n  WORD {\n    a = "b"\n  }\n}\nstorage "file" { path = "/a" }\n'],
  ["policy.hcl", 'path "*" {\n  policy = "WORD"\n}\n'],
  ["sshd_config", "PasswordAuthentication no\nWORD x\n"],
  ["Dockerfile", "FROM debian:13\nRUN WORD install a\n"],
  [
    ".github/workflows/a.yml",
    "on: {WORD: {}}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n",
  ],
  [
    "talos/controlplane.yaml",
    "version: v1alpha1\nmachine:\n  type: controlplane\n  sysctls: {WORD: '0'}\n  features:\n    kubernetesTalosAPIAccess: {enabled: true, allowedRoles: [WORD], allowedKubernetesNamespaces: [a]}\ncluster: {}\n---\napiVersion: v1alpha1\nkind: NetworkRuleConfig\nname: a\nportSelector: {ports: [WORD], protocol: tcp}\ningress: [{subnet: 0.0.0.0/0}]\n",
  ],
  [
    "role.yaml",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: WORD}\nsubjects: [{kind: ServiceAccount, name: a, namespace: b}]\n",
  ],
];

/** Every verdict on a file in which a word stands, with the word taken out again. */
function verdictsWith(word: string, path: string, text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "inherited-"));
  folders.push(folder);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text.replaceAll("WORD", word));
  const { systems } = readPaths(["."], { cwd: folder });
  const options = { today: new Date("2026-01-01T00:00:00Z"), profile: "strict", ownStack: false } as const;
  const { verdicts, internalErrors } = evaluate(systems, allControls, { ...options, keepVerdicts: true });
  expect(internalErrors, word).toEqual([]);
  return verdicts
    .filter(({ verdict }) => verdict !== "not-applicable")
    .map(({ control, verdict, evidence }) => `${control} ${verdict}: ${evidence.join(" ")}`.replaceAll(word, "WORD"))
    .sort();
}

// covers: P6 | files
test.each(files)("A name that every object of JavaScript has is a name like others in %s.", (path, text) => {
  const ordinary = verdictsWith("ordinary", path, text);
  expect(ordinary).not.toEqual([]);
  for (const word of ["constructor", "toString", "valueOf", "__proto__"])
    expect(verdictsWith(word, path, text), word).toEqual(ordinary);
});
