import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compareSeverity, type Finding, type Ring } from "../contracts/verdict.ts";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

/** The rings that judge what a pod is; the others judge what is around it. */
const rings: ReadonlySet<Ring> = new Set(["workload", "secrets", "supply-chain", "data"]);

function findingsOf(path: string): readonly Finding[] {
  const { systems } = readPaths([path], { cwd: "/" });
  const options = { today: new Date("2026-11-21"), profile: "homelab", ownStack: false } as const;
  const { findings, internalErrors } = evaluate(systems, allControls, options);
  expect(internalErrors).toEqual([]);
  return findings.filter(({ ring }) => rings.has(ring));
}

function findingsIn(text: string): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-pods-"));
  try {
    writeFileSync(join(folder, "manifests.yaml"), text);
    return findingsOf(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const told = (findings: readonly Finding[]) =>
  findings.map(({ control, severity, subject }) => `${severity} ${control} ${subject.name}`);

const hardened = `apiVersion: apps/v1
kind: Deployment
metadata: {name: vaultwarden, namespace: vaultwarden}
spec:
  selector: {matchLabels: {app: vaultwarden}}
  template:
    metadata: {labels: {app: vaultwarden}}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        fsGroup: 1000
        seccompProfile: {type: RuntimeDefault}
      initContainers:
        - name: prepare
          image: ghcr.io/dani-garcia/vaultwarden:1.37.2@sha256:5d326778c22f063d093d6b0c9c766a28249561632266776f2c93132ab0ad3a80
          command: [mkdir, -p, /data/icons]
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: data, mountPath: /data}]
      containers:
        - name: vaultwarden
          image: ghcr.io/dani-garcia/vaultwarden:1.37.2@sha256:5d326778c22f063d093d6b0c9c766a28249561632266776f2c93132ab0ad3a80
          env:
            - {name: ROCKET_PORT, value: "8080"}
            - {name: SIGNUPS_ALLOWED, value: "false"}
            - {name: ADMIN_TOKEN_FILE, value: /run/secrets/vaultwarden/token}
          ports: [{name: http, containerPort: 8080}]
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          livenessProbe: {httpGet: {path: /alive, port: http}}
          resources: {requests: {cpu: 25m, memory: 64Mi}, limits: {memory: 256Mi}}
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: tmp, mountPath: /tmp}
            - {name: token, mountPath: /run/secrets/vaultwarden, readOnly: true}
      volumes:
        - {name: data, persistentVolumeClaim: {claimName: vaultwarden}}
        - {name: tmp, emptyDir: {medium: Memory}}
        - {name: token, secret: {secretName: vaultwarden, defaultMode: 0440}}
`;

const typical = `apiVersion: v1
kind: Secret
metadata: {name: app, namespace: media}
data: {DB_PASSWORD: a0o4czdmR2gyTHFQejkxeA==}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: media}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      hostPID: true
      containers:
        - name: app
          image: ghcr.io/acme/app
          env:
            - {name: SMTP_PASSWORD, value: Zk9qL2mXv8Rt3WbY}
            - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: app, key: DB_PASSWORD}}}
          securityContext: {privileged: true}
          volumeMounts: [{name: socket, mountPath: /run/containerd/containerd.sock}]
      volumes: [{name: socket, hostPath: {path: /run/containerd/containerd.sock}}]
`;

// covers: W1 W3 W4 W5 W6 W7 W8 | kubernetes
describe("pods", () => {
  test("a hardened one leaves nothing to say", () => {
    expect(told(findingsIn(hardened))).toEqual([]);
  });

  test("of a typical one the dangers come first, and the Pod Security Standards after them", () => {
    const findings = findingsIn(typical);
    const first = findings.slice(0, 5).map(({ control }) => control);
    expect(first.toSorted()).toEqual([
      "secrets.literal-absent",
      "secrets.manifest-encrypted",
      "workload.engine-socket-unmounted",
      "workload.host-processes-hidden",
      "workload.privileged-off",
    ]);
    const standards = findings.filter(({ control }) => control.startsWith("workload.pod-security"));
    expect(standards.map(({ severity }) => severity)).toEqual(["low", "info"]);
  });

  test("one that its namespace would refuse is told so", () => {
    const namespace = `apiVersion: v1
kind: Namespace
metadata: {name: media, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
`;
    const refused = findingsIn(namespace + typical).filter(({ control }) =>
      control.startsWith("workload.pod-security"),
    );
    expect(refused.map(({ control, severity }) => `${severity} ${control}`)).toEqual([
      "medium workload.pod-security-baseline",
      "info workload.pod-security-restricted",
    ]);
    expect(refused[0]?.message).toMatch(/its namespace enforces baseline, so the API server refuses it$/);
  });

  test("no value of a secret is in any finding", () => {
    const text = JSON.stringify(findingsIn(typical));
    for (const value of ["kJ8s7fGh2LqPz91x", "a0o4czdmR2gyTHFQejkxeA", "Zk9qL2mXv8Rt3WbY"])
      expect(text).not.toContain(value);
  });

  test("neither a Service, nor a role, nor a policy, nor a claim is asked for what only pods have", () => {
    const text = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: media}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: media}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: media}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: media}
data: {LOG_LEVEL: info}
`;
    expect(told(findingsIn(text))).toEqual([]);
  });
});

const restricted = fileURLToPath(new URL("../../../shared/corpus/pss/restricted/v1.37/pass", import.meta.url));

// covers: W7 | kubernetes | real: the fixtures of the Pod Security Standards, v1.37
test.skipIf(!existsSync(restricted))("a pod that keeps to the level restricted has no finding of severity high", () => {
  const files = readdirSync(restricted);
  expect(files).toHaveLength(23);
  const weighty = files.flatMap((name) =>
    findingsOf(join(restricted, name))
      .filter(({ severity }) => compareSeverity(severity, "high") >= 0)
      .map(({ control, message }) => `${name}: ${control}: ${message}`),
  );
  expect(weighty).toEqual([]);
});

describe("A privileged init container", () => {
  const pods = (init: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: search, namespace: logs}
spec:
  selector: {matchLabels: {app: search}}
  template:
    metadata: {labels: {app: search}}
    spec:
      initContainers:
        - {name: sysctl, image: "docker.io/library/busybox:1.37", command: [sysctl, -w, vm.max_map_count=262144], securityContext: {privileged: true}${init}}
      containers:
        - {name: search, image: "docker.elastic.co/elasticsearch/elasticsearch:9.1.0", ports: [{containerPort: 9200}]}
---
apiVersion: v1
kind: Service
metadata: {name: search, namespace: logs}
spec: {type: LoadBalancer, selector: {app: search}, ports: [{port: 9200}]}
`;
  const about = (text: string) =>
    told(findingsIn(text)).filter((line) => /privileged-off|exposure-contained/.test(line));

  test("has ended before anybody comes, and is no step from outside to the host", () => {
    expect(about(pods(""))).toEqual(["high workload.privileged-off logs/Deployment/search/sysctl"]);
  });

  test("that stays is one", () => {
    expect(about(pods(", restartPolicy: Always"))).toEqual([
      "critical workload.exposure-contained logs/Deployment/search",
    ]);
  });
});
