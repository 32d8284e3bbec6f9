/** Pods of every shape, and what the Pod Security admission of Kubernetes says of them. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { type PodSecurityLevel, podSecurityOf } from "../../src/controls/knowledge/pod-security.ts";
import { clusterOf } from "../../src/platforms/kubernetes/testing/manifests.ts";

/** The checks that refuse a pod at each level, sorted; those of one name of both levels once. */
export type Refusals = Readonly<Record<PodSecurityLevel, readonly string[]>>;

/** How the plugin speaks of each check when it refuses. Source: `policy/check_*.go`, v1.37. */
const checkNames: ReadonlyMap<string, string> = new Map([
  ["allowPrivilegeEscalation != false", "allowPrivilegeEscalation"],
  ["forbidden AppArmor profile", "appArmorProfile"],
  ["forbidden AppArmor profiles", "appArmorProfile"],
  ["non-default capabilities", "capabilities"],
  ["unrestricted capabilities", "capabilities"],
  ["host namespaces", "hostNamespaces"],
  ["hostPath volumes", "hostPathVolumes"],
  ["hostPort", "hostPorts"],
  ["probe or lifecycle host", "hostProbesAndHostLifecycle"],
  ["hostProcess", "windowsHostProcess"],
  ["privileged", "privileged"],
  ["procMount", "procMount"],
  ["restricted volume types", "restrictedVolumes"],
  ["runAsNonRoot != true", "runAsNonRoot"],
  ["runAsUser=0", "runAsUser"],
  ["seccompProfile", "seccompProfile"],
  ["seLinuxOptions", "seLinuxOptions"],
  ["forbidden sysctls", "sysctls"],
]);

/** What the plugin says of each pod; `program` is test/lab/pod-security, built. */
export function askPlugin(program: string, pods: readonly unknown[]): readonly Refusals[] {
  const input = pods.map((pod) => JSON.stringify(pod)).join("\n");
  const { stdout, stderr, status } = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`the plugin ended with ${status}: ${stderr}`);
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const { error, baseline, restricted } = JSON.parse(line) as Refusals & { readonly error?: string };
      if (error !== undefined) throw new Error(`the plugin cannot read a pod: ${error}`);
      return { baseline: named(baseline), restricted: named(restricted) };
    });
}

function named(reasons: readonly string[]): readonly string[] {
  return [...new Set(reasons.map((reason) => checkNames.get(reason) ?? `not known: ${reason}`))].sort();
}

/** The same by Ringwall, the pod read as a manifest. A doubt is a name of its own. */
export function judge(pod: unknown): Refusals {
  const system = clusterOf(JSON.stringify(pod));
  const [workload] = system.all("workload");
  if (workload === undefined) throw new Error("the pod was not read");
  const at = (level: PodSecurityLevel) => {
    const { violations, doubts } = podSecurityOf({ workload, containers: system.containersOf(workload) }, level);
    const names = [...violations.map(({ check }) => check), ...doubts.map(({ check }) => `doubt: ${check}`)];
    return [...new Set(names)].sort();
  };
  return { baseline: at("baseline"), restricted: at("restricted") };
}

/** One of some values, and often nothing. */
function some<T>(...values: readonly T[]): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 3, arbitrary: fc.constantFrom(...values) },
  );
}

/** A mapping with those of its keys that have a value; null in place of one now and then, which is as good as nothing. */
function mapping(shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record(shape)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

const profile = mapping({
  type: fc.constantFrom(
    "RuntimeDefault",
    "RuntimeDefault",
    "Localhost",
    "Unconfined",
    "",
    "runtime/default",
    undefined,
  ),
  localhostProfile: some("a.json"),
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>, weight = 3) =>
  fc.oneof({ weight, arbitrary: fc.constantFrom(undefined, null) }, { weight: 2, arbitrary });

const shared = {
  runAsUser: some(0, 1, 1000),
  runAsNonRoot: some(true, true, true, false, null),
  seccompProfile: maybe(profile, 1),
  appArmorProfile: maybe(profile, 9),
  seLinuxOptions: maybe(
    mapping({
      type: some("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t"),
      user: some("", "", "system_u"),
      role: some("", "", "sysadm_r"),
      level: some("s0:c1,c2"),
    }),
    9,
  ),
  windowsOptions: maybe(mapping({ hostProcess: some(true, false, false) }), 9),
};

const capability = fc.constantFrom(
  ..."ALL all CHOWN KILL NET_BIND_SERVICE NET_RAW NET_ADMIN SYS_ADMIN CAP_NET_ADMIN SETUID MKNOD SYS_CHROOT".split(" "),
);
const containerContext = mapping({
  ...shared,
  privileged: some(true, false, false, false, null),
  allowPrivilegeEscalation: some(false, false, false, true, null),
  procMount: some("Default", "Default", "Unmasked"),
  capabilities: maybe(
    mapping({
      add: maybe(fc.array(capability, { maxLength: 2 })),
      drop: maybe(fc.oneof(fc.constant(["ALL"]), fc.array(capability, { maxLength: 2 })), 1),
    }),
    1,
  ),
  readOnlyRootFilesystem: some(true, false),
});
const handler = mapping({
  httpGet: maybe(mapping({ host: some("", "", "127.0.0.1"), port: fc.constant(80) })),
  tcpSocket: maybe(mapping({ host: some("", "", "8.8.8.8"), port: fc.constant(80) })),
  exec: maybe(fc.constant({ command: ["true"] })),
});
const container = (name: string) =>
  mapping({
    name: fc.constant(name),
    image: fc.constant("a:1"),
    securityContext: maybe(containerContext, 1),
    ports: maybe(
      fc.array(mapping({ containerPort: fc.constant(80), hostPort: some(0, 0, 8080) }), { maxLength: 2 }),
      3,
    ),
    livenessProbe: maybe(handler, 9),
    readinessProbe: maybe(handler, 9),
    startupProbe: maybe(handler, 9),
    lifecycle: maybe(mapping({ postStart: maybe(handler), preStop: maybe(handler) }), 9),
  });

const volumeSources: Readonly<Record<string, unknown>> = {
  awsElasticBlockStore: { volumeID: "a" },
  azureDisk: { diskName: "a", diskURI: "b" },
  azureFile: { secretName: "a", shareName: "b" },
  cephfs: { monitors: ["a"] },
  cinder: { volumeID: "a" },
  configMap: { name: "a" },
  csi: { driver: "a" },
  downwardAPI: { items: [] },
  emptyDir: {},
  ephemeral: {},
  fc: {},
  flexVolume: { driver: "a" },
  flocker: {},
  gcePersistentDisk: { pdName: "a" },
  gitRepo: { repository: "a" },
  glusterfs: { endpoints: "a", path: "b" },
  hostPath: { path: "/a" },
  image: { reference: "a:1" },
  iscsi: { targetPortal: "a", iqn: "b", lun: 0 },
  nfs: { server: "a", path: "/" },
  persistentVolumeClaim: { claimName: "a" },
  photonPersistentDisk: { pdID: "a" },
  portworxVolume: { volumeID: "a" },
  projected: { sources: [] },
  quobyte: { registry: "a", volume: "b" },
  rbd: { monitors: ["a"], image: "b" },
  scaleIO: { gateway: "a", system: "b", secretRef: null },
  secret: { secretName: "a" },
  storageos: {},
  vsphereVolume: { volumePath: "a" },
};
const usual = ["configMap", "secret", "emptyDir", "persistentVolumeClaim", "projected"];
const volume = (name: string) =>
  fc
    .oneof(
      { weight: 3, arbitrary: fc.constantFrom(undefined, ...usual) },
      { weight: 1, arbitrary: fc.constantFrom(...Object.keys(volumeSources)) },
    )
    .map((source) => ({ name, ...(source === undefined ? {} : { [source]: volumeSources[source] }) }));

const podContext = mapping({
  ...shared,
  sysctls: maybe(
    fc.array(
      fc
        .constantFrom(
          ..."net.ipv4.tcp_rmem net.ipv4.tcp_notsent_lowat kernel.shm_rmid_forced net.ipv4.ip_forward kernel.msgmax".split(
            " ",
          ),
        )
        .map((name) => ({ name, value: "1" })),
      { maxLength: 2 },
    ),
    4,
  ),
});

/** A pod, as often right as wrong, with what the checks look at. */
export const pods: fc.Arbitrary<unknown> = fc
  .record({
    annotations: maybe(
      mapping({
        "container.apparmor.security.beta.kubernetes.io/web": some("runtime/default", "localhost/a", "", "unconfined"),
        "seccomp.security.alpha.kubernetes.io/pod": some("unconfined"),
      }),
      9,
    ),
    spec: mapping({
      os: maybe(mapping({ name: fc.constantFrom("linux", "windows") }), 6),
      hostUsers: some(false, true, null),
      hostNetwork: fc.constantFrom(undefined, undefined, undefined, undefined, false, null, true),
      hostPID: fc.constantFrom(undefined, undefined, undefined, undefined, false, null, true),
      hostIPC: fc.constantFrom(undefined, undefined, undefined, undefined, false, null, true),
      securityContext: maybe(podContext, 1),
      containers: fc.oneof(fc.tuple(container("web")), fc.tuple(container("web"), container("beside"))),
      initContainers: maybe(fc.tuple(container("first"))),
      ephemeralContainers: maybe(fc.tuple(container("debug")), 9),
      volumes: maybe(fc.tuple(volume("one"), volume("two"))),
    }),
  })
  .map(({ annotations, spec }) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "x", ...(annotations == null ? {} : { annotations }) },
    spec,
  }));
