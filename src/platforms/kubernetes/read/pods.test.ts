import { describe, expect, test } from "vitest";
import { knownValue } from "../../../facts/fact.ts";
import { playsRole } from "../../../facts/knowledge/roles.ts";
import type { Container, Workload } from "../../../facts/subjects.ts";
import type { System } from "../../../facts/system.ts";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { KubernetesManifests, KubernetesObject } from "../objects.ts";
import { clusterOf, manifestsOf } from "../testing/manifests.ts";
import { readKubernetes } from "./index.ts";

const pod = (spec: string, more = "") =>
  clusterOf(
    `apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: media}\nspec:\n${spec.trim().replace(/^/gm, "  ")}\n${more}`,
  );

function container(system: System, name = "web"): Container {
  const found = system.all("container").find(({ kubernetes }) => kubernetes?.name === name);
  if (found === undefined) throw new Error(`There is no container ${name}.`);
  return found;
}

function workload(system: System): Workload {
  const [found] = system.all("workload");
  if (found === undefined) throw new Error("There is no workload.");
  return found;
}

const web = "containers:\n- name: web\n  image: nginx:1.29\n";

// covers: W1 W4 | kubernetes
describe("a container's security", () => {
  test("is its own before the pod's, and the pod's before Kubernetes' default", () => {
    const system = pod(`
securityContext: {runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
containers:
- {name: web, image: "a:1"}
- {name: other, image: "a:1", securityContext: {runAsUser: 0, seccompProfile: {type: Localhost, localhostProfile: p.json}}}`);
    expect(knownValue(container(system).user)).toMatchObject({ uid: 1000 });
    expect(knownValue(container(system, "other").user)).toMatchObject({ uid: 0 });
    expect(knownValue(container(system, "other").seccomp)).toEqual({ kind: "custom", name: "p.json" });
    expect(container(system).noNewPrivileges).toMatchObject({ kind: "defaulted", value: false });
    expect(container(pod(web)).seccomp).toMatchObject({ kind: "defaulted", value: { kind: "unconfined" } });
    expect(container(pod(web)).user.kind).toBe("unstated");
  });

  test("allows escalation to one with SYS_ADMIN, whatever is written", () => {
    const context = "securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [cap_sys_admin]}}";
    const found = container(pod(`${web}  ${context}`));
    expect(found.noNewPrivileges).toMatchObject({ kind: "defaulted", value: false });
    expect(found.addedCapabilities.items.map(({ name }) => name)).toEqual(["SYS_ADMIN"]);
  });

  test.each([
    ["a text", 'privileged: "true"'],
    ["a list", "privileged: [true]"],
    ["a template", 'privileged: "{{ .Values.privileged }}"'],
  ])("is unknown where %s stands for true", (_, field) => {
    expect(container(pod(`${web}  securityContext: {${field}}`)).privileged.kind).toBe("unknown");
  });
});

// covers: W3 | kubernetes
test("Limits are the container's, else the pod's, else what the namespace's LimitRange gives", () => {
  const range = `---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: d, namespace: media}\nspec:\n  limits: [{type: Container, default: {memory: 1Gi, cpu: 250m}}]\n`;
  const own = container(pod(`${web}  resources: {limits: {memory: 512Mi, cpu: "2"}}`, range));
  expect([knownValue(own.memoryLimit), knownValue(own.cpuLimit)]).toEqual([512 * 1024 ** 2, 2]);
  const whole = container(pod(`resources: {limits: {memory: 128M}}\n${web}`, range));
  expect(knownValue(whole.memoryLimit)).toBe(128e6);
  expect(whole.cpuLimit).toMatchObject({ kind: "defaulted", by: "namespace", value: 0.25 });
  expect(container(pod(web)).memoryLimit.kind).toBe("unstated");
  expect(container(pod(`${web}  resources: {limits: {memory: 0}}`)).memoryLimit.kind).toBe("unstated");
});

// covers: W6 | kubernetes
describe("mounts", () => {
  const mountsOf = (system: System) =>
    system
      .all("mount")
      .map(({ type, source, readOnly, propagation }) => [
        knownValue(type),
        knownValue(source),
        knownValue(readOnly),
        knownValue(propagation),
      ]);

  test("show what lies behind each volume", () => {
    const system = pod(`${web}  volumeMounts:
  - {name: node, mountPath: /node, subPath: log, mountPropagation: Bidirectional}
  - {name: data, mountPath: /data, readOnly: true}
  - {name: memory, mountPath: /tmp}
  - {name: scratch, mountPath: /scratch}
  - {name: settings, mountPath: /settings}
  - {name: share, mountPath: /share}
volumes:
- {name: node, hostPath: {path: /var}}
- {name: data, persistentVolumeClaim: {claimName: files}}
- {name: memory, emptyDir: {medium: Memory}}
- {name: scratch}
- {name: settings, configMap: {name: app}}
- {name: share, nfs: {server: nas, path: /, readOnly: true}}`);
    expect(mountsOf(system)).toEqual([
      ["bind", "/var/log", false, "rshared"],
      ["volume", "files", true, "rprivate"],
      ["tmpfs", "emptyDir", false, "rprivate"],
      ["anonymous-volume", "emptyDir", false, "rprivate"],
      ["other", "app", true, "rprivate"],
      ["volume", "nfs", true, "rprivate"],
    ]);
  });

  test("find the claims that a StatefulSet makes, and are unknown for a volume that nobody describes", () => {
    const system = clusterOf(`apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      containers:
      - name: db
        image: postgres:17
        volumeMounts: [{name: data, mountPath: /data}, {name: gone, mountPath: /gone}]
  volumeClaimTemplates: [{metadata: {name: data}}]
`);
    const [data, gone] = system.all("mount");
    expect(knownValue(data?.type ?? { kind: "unstated", place: { kind: "nowhere", why: "" } })).toBe("volume");
    expect(gone?.type).toMatchObject({ kind: "unknown", why: "no volume of the pod is called `gone`" });
  });
});

// covers: N12 | kubernetes
describe("listeners", () => {
  const listeners = (system: System) =>
    system
      .all("listener")
      .map(({ port, hostPort, reach }) => [
        knownValue(port),
        hostPort === undefined ? undefined : knownValue(hostPort),
        knownValue(reach),
      ]);

  test("are inside unless a port of the node is taken", () => {
    const system = pod(`${web}  ports:
  - {containerPort: 8080}
  - {containerPort: 9000, hostPort: 9000}
  - {containerPort: 9001, hostPort: 9001, hostIP: 127.0.0.1}
  - {containerPort: 9002, hostPort: 0}`);
    expect(listeners(system)).toEqual([
      [8080, undefined, "networks"],
      [9000, 9000, "everywhere"],
      [9001, 9001, "loopback"],
      [9002, undefined, "networks"],
      [80, undefined, "networks"],
    ]);
  });

  test("are all the node's on the node's network", () => {
    expect(listeners(pod(`hostNetwork: true\n${web}  ports: [{containerPort: 80}]`))).toEqual([[80, 80, "everywhere"]]);
  });
});

describe("On the node's network", () => {
  const exposureOf = (spec: string) => {
    const system = pod(`hostNetwork: true\n${spec}`);
    const [workload] = system.all("workload");
    return workload === undefined ? undefined : system.reach.exposure(workload).exposure;
  };
  const installer = "initContainers: [{name: setup, image: alpine, securityContext: {privileged: true}}]\n";

  test.each([
    "registry.k8s.io/pause:3.10",
    "k8s.gcr.io/pause-amd64:3.1",
    "gcr.io/google-containers/pause:2.0",
    "gke.gcr.io/pause:3.8@sha256:880e63f94b145e46f1b1082bb71b85e21f16b99b180b9996407d61240ceb9830",
    "rancher/mirrored-pause:3.6",
    "mcr.microsoft.com/oss/kubernetes/pause:3.9",
  ])("nothing reaches a pod that only sleeps once it has set up the node (%s)", (image) => {
    expect(exposureOf(`${installer}containers: [{name: sleep, image: "${image}"}]`)).not.toBe("published");
  });

  test.each([
    ["another image of that name", 'containers: [{name: sleep, image: "evil.example/pause:1"}]'],
    ["a command of its own", 'containers: [{name: sleep, image: "registry.k8s.io/pause:3.10", command: [serve]}]'],
    [
      "another container beside it",
      'containers: [{name: sleep, image: "registry.k8s.io/pause:3.10"}, {name: a, image: a}]',
    ],
    [
      "a port that it names",
      'containers: [{name: sleep, image: "registry.k8s.io/pause:3.10", ports: [{containerPort: 80}]}]',
    ],
    [
      "a sidecar among the containers that set up",
      'initContainers: [{name: a, image: a, restartPolicy: Always}]\ncontainers: [{name: sleep, image: "registry.k8s.io/pause:3.10"}]',
    ],
    ["an image that is not told", 'containers: [{name: sleep, image: "${IMAGE}"}]'],
  ])("a pod with %s is reached", (_, spec) => {
    expect(exposureOf(spec)).toBe("published");
  });
});

// covers: S1 S2 | kubernetes
describe("secrets and environment", () => {
  const secretsOf = (system: System) =>
    system
      .all("secret-reference")
      .map(({ secret, delivery, mode }) => [secret, knownValue(delivery), knownValue(mode)]);

  test("each Secret is one reference for each way of delivery", () => {
    const system = pod(`${web}  env:
  - {name: A, valueFrom: {secretKeyRef: {name: db, key: a}}}
  - {name: B, valueFrom: {secretKeyRef: {name: db, key: b}}}
  envFrom: [{secretRef: {name: mail}}]
  volumeMounts: [{name: db, mountPath: /run/db}]
volumes:
- {name: db, secret: {secretName: db, defaultMode: 0400}}
- {name: all, projected: {defaultMode: 0440, sources: [{secret: {name: extra, items: [{key: k, path: p, mode: 0444}]}}]}}`);
    expect(secretsOf(system)).toEqual([
      ["db", "environment", undefined],
      ["mail", "environment", undefined],
      ["db", "file", 0o400],
      ["extra", "file", 0o444],
    ]);
  });

  test("values come from objects among the files, and from nowhere where those are encrypted or made elsewhere", () => {
    const objects = `---
apiVersion: v1
kind: Secret
metadata: {name: plain, namespace: media}
data: {key: aHVudGVyMg==}
---
apiVersion: v1
kind: Secret
metadata: {name: sealed, namespace: media}
stringData: {key: "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]"}
sops: {mac: x}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app, namespace: media}
data: {LOG_LEVEL: debug, MODE: dark}
`;
    const system = pod(
      `${web}  env:
  - {name: PLAIN, valueFrom: {secretKeyRef: {name: plain, key: key}}}
  - {name: SEALED, valueFrom: {secretKeyRef: {name: sealed, key: key}}}
  - {name: ELSEWHERE, valueFrom: {secretKeyRef: {name: elsewhere, key: key}}}
  - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
  - {name: URL, value: "http://u:$(PLAIN)@h/$$(NOT)"}
  - {name: MODE, value: light}
  envFrom: [{configMapRef: {name: app}}, {secretRef: {name: elsewhere}}]`,
      objects,
    );
    const shown = container(system).environment.items.map(({ name, value, from, suppliedBy, interpolates }) => [
      name,
      knownValue(value)?.reveal(),
      from ?? suppliedBy,
      interpolates.join(),
    ]);
    expect(shown).toEqual([
      ["LOG_LEVEL", "debug", "ConfigMap media/app", ""],
      ["PLAIN", "hunter2", "Secret media/plain", ""],
      ["SEALED", undefined, "Secret media/sealed", ""],
      ["ELSEWHERE", undefined, "Secret media/elsewhere", ""],
      ["NODE", undefined, "the pod itself", ""],
      ["URL", "http://u:$(PLAIN)@h/$$(NOT)", undefined, "PLAIN"],
      ["MODE", "light", undefined, ""],
    ]);
    expect(container(system).environment.complete).toBe(true);
  });
});

describe("what is a pod", () => {
  test("what prepares it does not make it a database", () => {
    const system = pod(`initContainers: [{name: wait, image: "postgres:17"}]\n${web}`);
    expect(playsRole(workload(system), "datastore", system)).toBe("no");
    expect(container(system, "wait").kubernetes?.role).toBe("init");
  });

  test("its account's token is mounted unless the pod, or else the account, says otherwise", () => {
    const account =
      "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: media}\nautomountServiceAccountToken: false\n";
    const tokenOf = (spec: string) => workload(pod(spec, account)).kubernetes?.tokenMounted;
    expect(tokenOf(web)).toMatchObject({ kind: "defaulted", value: true });
    expect(tokenOf(`serviceAccountName: a\n${web}`)).toMatchObject({ kind: "stated", value: false });
    expect(tokenOf(`serviceAccountName: a\nautomountServiceAccountToken: true\n${web}`)).toMatchObject({ value: true });
  });

  test("a dump's pods and replica sets are not told beside the Deployment that made them", () => {
    const owned = (kind: string, owner: string, spec: string) =>
      `---\napiVersion: v1\nkind: ${kind}\nmetadata: {name: ${kind.toLowerCase()}, ownerReferences: [{kind: ${owner}, name: ${owner.toLowerCase()}, controller: true}]}\nspec: ${spec}\n`;
    const one = "{containers: [{name: web, image: a}]}";
    const system = clusterOf(
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: deployment}\nspec: {template: {spec: ${one}}}\n${owned("Pod", "Deployment", one)}${owned("Pod", "ReplicaSet", one)}`,
    );
    expect(system.all("workload").map(({ ref }) => ref.name)).toEqual([
      "default/Deployment/deployment",
      "default/Pod/pod",
    ]);
  });

  test("neither a Service nor a ClusterRole has anything of one", () => {
    const system = clusterOf(`apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}], selector: {app: web}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
`);
    for (const kind of ["workload", "container", "image", "mount"] as const) expect(system.all(kind)).toEqual([]);
  });
});

// covers: W7 | kubernetes
test("A manifest in which anything has the wrong type is read all the same", () => {
  const manifests = manifestsOf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: x, namespace: media}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: x}, annotations: {container.apparmor.security.beta.kubernetes.io/web: unconfined}}
    spec:
      os: {name: linux}
      serviceAccountName: a
      securityContext: {runAsUser: 1, supplementalGroups: [1], sysctls: [{name: a, value: b}], seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: web
        image: nginx:1.29
        args: [a]
        env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: B, value: c}]
        envFrom: [{configMapRef: {name: c}}]
        ports: [{containerPort: 80, hostPort: 80, protocol: TCP}]
        resources: {limits: {cpu: 1, memory: 1Gi}}
        livenessProbe: {httpGet: {host: h, port: 80}}
        lifecycle: {preStop: {exec: {command: [a]}}}
        securityContext: {privileged: true, capabilities: {add: [A], drop: [B]}}
        volumeMounts: [{name: v, mountPath: /v}]
      volumes: [{name: v, secret: {secretName: s, items: [{key: k, path: p, mode: 256}]}}]
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: media}
data: {k: aGk=}
`);
  for (const [index, object] of manifests.objects.entries()) {
    for (const changed of variantsOf(object)) {
      const objects = manifests.objects.with(index, changed);
      expect(() =>
        readKubernetes({ ...manifests, objects } satisfies KubernetesManifests, { systemName: "c" }),
      ).not.toThrow();
    }
  }
});

/** The object with each node of it, one at a time, replaced by one of each kind. */
function* variantsOf(object: KubernetesObject): Generator<KubernetesObject> {
  for (const node of nodesIn(object.node)) {
    const { place } = node;
    const others: readonly TreeNode[] = [
      { kind: "scalar", value: null, place },
      { kind: "scalar", value: "text", place },
      { kind: "scalar", value: -1.5, place },
      { kind: "scalar", value: "x", unresolved: "nobody knows", place },
      { kind: "sequence", items: [{ kind: "scalar", value: "a", place }], place },
      { kind: "mapping", entries: new Map([["a", { key: "a", keyPlace: place, value: node }]]), place },
      { kind: "mapping", entries: new Map(), incomplete: "some of it is missing", place },
    ];
    for (const other of others) {
      const changed = replaced(object.node, node, other);
      if (changed.kind === "mapping") yield { ...object, node: changed };
    }
  }
}

function* nodesIn(node: TreeNode): Generator<TreeNode> {
  yield node;
  if (node.kind === "sequence") for (const item of node.items) yield* nodesIn(item);
  if (node.kind === "mapping") for (const { value } of node.entries.values()) yield* nodesIn(value);
}

function replaced(node: TreeNode, old: TreeNode, by: TreeNode): TreeNode {
  if (node === old) return by;
  if (node.kind === "sequence") return { ...node, items: node.items.map((item) => replaced(item, old, by)) };
  if (node.kind === "scalar") return node;
  const entries: MappingNode["entries"] = new Map(
    [...node.entries].map(([key, entry]) => [key, { ...entry, value: replaced(entry.value, old, by) }]),
  );
  return { ...node, entries };
}
