import { changed, type Fault } from "./fault.ts";

/** A limit is lifted while the container runs. */
function updated(title: string, lift: readonly string[], control: string): Fault {
  return {
    title,
    breaks: ["workload.resources-limited"],
    put: (stack) => void stack.docker("update", ...lift, stack.container("site")),
    take: (stack) => stack.restore("site"),
    named: [`${control} container site`],
  };
}

export const workloadFaults: readonly Fault[] = [
  changed("node-exporter", 'user: "0:0"', {
    title: "a service runs as root",
    breaks: ["workload.user-unprivileged"],
    named: ["workload.user-unprivileged container node-exporter"],
  }),
  changed("site", "cap_add: [NET_ADMIN]", {
    title: "a service gets a capability",
    breaks: ["workload.capabilities-dropped"],
    named: ["workload.capabilities-added-few container site"],
  }),
  changed("site", "cap_drop: !reset []", {
    title: "a service keeps the engine's own capabilities",
    breaks: ["workload.capabilities-dropped"],
    named: ["workload.capabilities-dropped container site"],
    follows: ["workload.capabilities-added-few container site"],
  }),
  changed("site", "security_opt: !reset []", {
    title: "a service may gain privileges",
    breaks: ["workload.no-new-privileges"],
    named: ["workload.no-new-privileges-on container site"],
  }),
  changed("site", 'security_opt: ["seccomp=unconfined"]', {
    title: "a service runs without the seccomp filter",
    breaks: ["workload.seccomp-confined"],
    named: ["workload.seccomp-confined container site"],
  }),
  changed("site", "privileged: true", {
    title: "a service is privileged",
    breaks: ["workload.namespaces-own", "workload.capabilities-dropped", "workload.seccomp-confined"],
    named: ["workload.privileged-off container site"],
    follows: [/^workload\.[a-z-]+ (container|workload) site$/],
  }),
  changed("site", "pid: host", {
    title: "a service sees the host's processes",
    breaks: ["workload.namespaces-own"],
    named: ["workload.host-processes-hidden workload site", "workload.exposure-contained workload site"],
    // The engine itself takes SELinux's label away then.
    follows: ["workload.selinux-confined container site"],
  }),
  changed("site", "ipc: host", {
    title: "a service shares the host's IPC",
    breaks: ["workload.namespaces-own"],
    named: ["workload.host-ipc-hidden workload site"],
    // The engine itself takes SELinux's label away then.
    follows: ["workload.selinux-confined container site"],
  }),
  changed("site", "uts: host", {
    title: "a service shares the host's name",
    breaks: ["workload.namespaces-own"],
    named: ["workload.host-uts-hidden workload site"],
  }),
  changed("site", "network_mode: host\nnetworks: !reset null\nexpose: !reset null", {
    title: "a service stands in the host's network",
    breaks: ["workload.namespaces-own", "network.services-separated"],
    named: ["network.host-network-off workload site"],
    // From the host it reaches what the host reaches, and the edge no longer reaches it.
    follows: [
      /^network\.[a-z-]+ (policy-rule (site|[a-z-]+) → |network caddy--site|workload site)/,
      /^edge\.[a-z-]+ route site\//,
    ],
  }),
  changed("site", "read_only: false", {
    title: "a service can write to its root file system",
    breaks: ["workload.root-read-only"],
    named: ["workload.root-read-only container site"],
  }),
  changed("site", "mem_limit: !reset null\nmemswap_limit: !reset null", {
    title: "a service has no memory limit",
    breaks: ["workload.resources-limited"],
    named: ["workload.memory-limited container site"],
  }),
  updated("the CPU limit is lifted", ["--cpu-quota", "-1"], "workload.cpu-limited"),
  updated("the limit of processes is lifted", ["--pids-limit", "-1"], "workload.pids-limited"),
  changed("site", "volumes:\n  - /var/run/docker.sock:/var/run/docker.sock:ro", {
    title: "the engine's socket is mounted",
    breaks: ["workload.engine-socket-unmounted"],
    named: [/^workload\.engine-socket-unmounted mount site:/, "workload.exposure-contained workload site"],
    follows: [/^workload\.host-paths-unmounted mount site:/],
  }),
  changed("site", "volumes:\n  - /etc:/host-etc", {
    title: "a folder of the host is mounted to write",
    breaks: ["workload.host-paths-declared"],
    named: ["workload.host-paths-unmounted mount site:/host-etc"],
  }),
  changed("site", "healthcheck: { disable: true }", {
    title: "a service's health is not checked",
    breaks: ["workload.health-checked"],
    named: ["workload.health-checked container site"],
  }),
  changed("site", 'restart: "no"', {
    title: "a service is not restarted",
    breaks: ["workload.restarted"],
    named: ["workload.restart-stated workload site"],
  }),
  changed("site", "logging: !override { driver: json-file }", {
    title: "a service's log grows without bound",
    breaks: ["detection.logs-bounded"],
    named: ["detection.log-bounded container site"],
  }),
  changed("site", "image: ringwall-lab/nginx:1.26.3", {
    title: "a service's image is named without its digest",
    breaks: ["supply-chain.images-pinned"],
    named: ["supply-chain.image-digest-pinned image site"],
    follows: ["supply-chain.registry-trusted image site"],
  }),
];
