import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { System } from "../../facts/system.ts";
import { clusterOf } from "../../platforms/kubernetes/testing/manifests.ts";
import { type PodSecurityLevel, podSecurityOf } from "./pod-security.ts";

const corpus = fileURLToPath(new URL("../../../../shared/corpus/pss", import.meta.url));
const levels = ["baseline", "restricted"] as const;

interface Fixture {
  readonly level: PodSecurityLevel;
  readonly verdict: "pass" | "fail";
  readonly path: string;
}

const fixtures: readonly Fixture[] = existsSync(corpus)
  ? levels.flatMap((level) =>
      (["pass", "fail"] as const).flatMap((verdict) => {
        const folder = join(corpus, level, "v1.37", verdict);
        return readdirSync(folder).map((name) => ({ level, verdict, path: join(folder, name) }));
      }),
    )
  : [];

/** How each kind holds the pod's metadata and spec, which are indented under its template. */
const kinds: Readonly<Record<string, (pod: string) => string>> = {
  Pod: (pod) => `apiVersion: v1\nkind: Pod\n${pod}`,
  PodTemplate: (pod) => `apiVersion: v1\nkind: PodTemplate\nmetadata: {name: x}\ntemplate:\n${indented(pod, 2)}`,
  ...Object.fromEntries(
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map((kind) => [kind, inTemplate("apps/v1", kind)]),
  ),
  ReplicationController: inTemplate("v1", "ReplicationController"),
  Job: inTemplate("batch/v1", "Job"),
  Rollout: inTemplate("argoproj.io/v1alpha1", "Rollout"),
  CronJob: (pod) =>
    `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x}\nspec:\n  jobTemplate:\n    spec:\n      template:\n${indented(pod, 8)}`,
};

function inTemplate(apiVersion: string, kind: string): (pod: string) => string {
  return (pod) =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec:\n  template:\n${indented(pod, 4)}`;
}

function indented(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(by));
}

/** The fixture's pod without its `apiVersion` and `kind`. */
function podOf(path: string): string {
  return readFileSync(path, "utf8").replace(/^(?:apiVersion|kind):.*\n/gm, "");
}

function answer(system: System, level: PodSecurityLevel) {
  const [workload] = system.all("workload");
  if (workload === undefined) throw new Error("There is no workload.");
  return podSecurityOf({ workload, containers: system.containersOf(workload) }, level);
}

/** Checks of baseline that another stands for at restricted, in lower case. */
const overridden: Readonly<Record<string, string>> = { hostpathvolumes: "restrictedvolumes" };
/** What the API server demands beside a field, or what a fixture lacks besides. */
const companions: Readonly<Record<string, readonly string[]>> = {
  windowshostprocess: ["hostnamespaces"],
  privileged: ["allowprivilegeescalation"],
  allowprivilegeescalation: ["capabilities"],
};

/** `hostnamespaces` for `hostnamespaces0.yaml`, `capabilities` for `capabilities_baseline1.yaml`. */
function checkOf(path: string): string {
  return basename(path).replace(/(?:_baseline|_restricted)?\d*\.yaml$/, "");
}

// covers: W7 | kubernetes | real: the fixtures of the Pod Security Standards, v1.37
describe.skipIf(fixtures.length === 0)("the fixtures of the Pod Security Standards", () => {
  test("are the 148 of v1.37", () => {
    expect(fixtures).toHaveLength(148);
  });

  describe.each(Object.entries(kinds))("in a %s", (_, wrap) => {
    test.each(levels)("are judged at %s as their folders say", (level) => {
      const wrong = fixtures
        .filter((fixture) => fixture.level === level)
        .filter(({ path, verdict }) => {
          const { violations, doubts } = answer(clusterOf(wrap(podOf(path))), level);
          return doubts.length > 0 || (violations.length === 0) !== (verdict === "pass");
        });
      expect(wrong).toEqual([]);
    });
  });

  test("fail for the check that they are named after, and for nothing that does not belong to it", () => {
    const wrong = fixtures.flatMap(({ level, verdict, path }) => {
      if (verdict === "pass") return [];
      const found = new Set(
        answer(clusterOf(kinds.Pod?.(podOf(path)) ?? ""), level).violations.map(({ check }) => check.toLowerCase()),
      );
      const expected = level === "restricted" ? (overridden[checkOf(path)] ?? checkOf(path)) : checkOf(path);
      const others = [...found].filter((check) => check !== expected && !companions[expected]?.includes(check));
      return found.has(expected) && others.length === 0 ? [] : [`${level} ${basename(path)}: ${[...found].join(", ")}`];
    });
    expect(wrong).toEqual([]);
  });

  test("that pass at restricted pass at baseline too", () => {
    const refused = fixtures.filter(
      ({ level, verdict, path }) =>
        level === "restricted" &&
        verdict === "pass" &&
        answer(clusterOf(kinds.Pod?.(podOf(path)) ?? ""), "baseline").violations.length > 0,
    );
    expect(refused).toEqual([]);
  });
});

const pod = (spec: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n${indented(spec, 2)}`;
const restricted = `hostUsers: true
securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
containers:
- name: web
  image: web:1
  securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`;
const found = (spec: string, level: PodSecurityLevel) =>
  answer(clusterOf(pod(spec)), level).violations.map(({ check, where, what }) => `${check}: ${where}: ${what}`);

// covers: W7 | kubernetes
describe("what the fixtures of the Pod Security Standards do not show", () => {
  test("a pod with users of its own need not promise that it is not root", () => {
    const root = restricted.replace("runAsNonRoot: true", "runAsUser: 0");
    expect(found(root, "restricted")).toEqual([
      "runAsNonRoot: container web: runAsNonRoot is not stated",
      "runAsUser: the pod: runAsUser is 0",
    ]);
    expect(found(root.replace("hostUsers: true", "hostUsers: false"), "restricted")).toEqual([]);
  });

  test("a Windows pod needs none of what only Linux has", () => {
    const bare = "containers:\n- name: web\n  image: web:1\nsecurityContext: {runAsNonRoot: true}\n";
    expect(found(`${bare}os: {name: windows}`, "restricted")).toEqual([]);
    expect(found(`${bare}os: {name: linux}`, "restricted")).toHaveLength(3);
  });

  test("init, sidecar and ephemeral containers are judged as the others are", () => {
    const more = `${restricted}initContainers:\n- {name: prepare, image: a:1}\n- {name: beside, image: a:1, restartPolicy: Always}\nephemeralContainers:\n- {name: debug, image: a:1}\n`;
    const missed = found(more, "restricted").filter((each) => each.startsWith("allowPrivilegeEscalation"));
    expect(missed.map((each) => each.split(": ")[1])).toEqual([
      "init container prepare",
      "container beside",
      "ephemeral container debug",
    ]);
  });

  test("a volume of an image is allowed, a share by NFS is not", () => {
    const volumes = "volumes:\n- {name: a, image: {reference: x:1}}\n- {name: b, nfs: {server: s, path: /}}\n";
    expect(found(restricted + volumes, "restricted")).toEqual(["restrictedVolumes: the pod: the volume b is a nfs"]);
  });

  test("AppArmor is judged by field as by annotation, and a profile of no type is none", () => {
    const off = restricted.replace(
      "{type: RuntimeDefault}}",
      "{type: RuntimeDefault}, appArmorProfile: {type: Unconfined}}",
    );
    expect(found(off, "baseline")).toEqual(["appArmorProfile: the pod: the AppArmor profile is Unconfined"]);
    const empty = restricted.replace("{type: RuntimeDefault}", "{}");
    expect(found(empty, "baseline")).toEqual(["seccompProfile: the pod: the seccomp profile is of no type"]);
  });

  test("capabilities count as they are spelled", () => {
    expect(found(restricted.replace("[ALL]", "[all]"), "restricted")).toEqual([
      "capabilities: container web: ALL is not dropped",
    ]);
  });

  test.each([
    ["a value of the wrong type", "allowPrivilegeEscalation: false", 'allowPrivilegeEscalation: "false"'],
    ["a template's field", "runAsNonRoot: true", 'runAsNonRoot: "{{ .Values.nonRoot }}"'],
    ["a name that is a mapping", "drop: [ALL]", "drop: [{a: b}]"],
    ["a list that is none", "containers:\n- name: web", "containers:\n  web:\n  - name: web"],
  ])("%s is a doubt, never a pass", (_, right, wrong) => {
    const { violations, doubts } = answer(clusterOf(pod(restricted.replace(right, wrong))), "restricted");
    expect(violations).toEqual([]);
    expect(doubts).not.toEqual([]);
  });

  test("`yes` is true, as kubectl reads it", () => {
    expect(found(`hostPID: yes\n${restricted}`, "baseline")).toEqual(["hostNamespaces: the pod: hostPID is true"]);
  });
});
