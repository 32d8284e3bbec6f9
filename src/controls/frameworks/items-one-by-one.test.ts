import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPaths } from "../../platforms/read-paths.ts";
import { requirementOf } from "../../report/control-state.ts";
import { evaluate } from "../evaluate.ts";
import { allControls } from "../registry.ts";
import { type Tally, tallyOfItem } from "../tally.ts";
import { type Framework, frameworks } from "./framework.ts";

const today = new Date("2027-01-01T00:00:00Z");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-items-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** How the items of a framework stand, by state. */
function states(name: string, manifest: string): ReadonlyMap<string, string> {
  writeFileSync(join(folder, "a.yaml"), manifest);
  const { systems } = readPaths([join(folder, "a.yaml")], { cwd: folder, now: today });
  const { tallies } = evaluate(systems, allControls, { profile: "homelab", today, ownStack: false });
  const framework = frameworks.find((each) => each.name === name);
  if (framework === undefined) throw new Error(`There is no ${name}.`);
  return new Map(framework.items.map(({ id }) => [id, stateOf(framework, id, tallies)]));
}

function stateOf({ references }: Framework, item: string, tallies: ReadonlyMap<string, Tally>): string {
  const controls = allControls.filter(({ frameworks: each }) => each[references]?.includes(item)).map(({ id }) => id);
  return requirementOf(controls, tallies, (tally) => tallyOfItem(tally, references, item)).state;
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
