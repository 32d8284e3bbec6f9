import { defineComponent, noSettings } from "../define-component.ts";

const megabyte = 1024 ** 2;
const rootMount =
  "The disks and memory of the host are measured, not the container's; read-only, and its user owns nothing there.";

/** Tells memory, disks and load of the host, as far as that goes without its network and process namespaces. */
export const nodeExporter = defineComponent({
  name: "node-exporter",
  purpose: "Metrics of the host",
  roles: ["monitoring"],
  image: {
    repository: "docker.io/prom/node-exporter",
    tag: "v1.11.1",
    uid: 65534,
    gid: 65534,
    writable: [],
    health: ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9100/"],
    capabilities: [],
    capabilitiesReason: "",
    citation:
      "prometheus/node_exporter Dockerfile at 0c561fa1c9f10840f093cb193d04b6f988bc66fe (USER nobody, 65534), README.md at 0361693d7b54d94f0e2b93fb03ed26b8f798f8e7 (`/:/host:ro,rslave`, --path.rootfs)",
  },
  ports: [{ name: "metrics", port: 9100, protocol: "tcp", audience: "declared" }],
  scrape: { port: 9100, path: "/metrics" },
  settings: noSettings,
  resources: { cpus: 1, memoryBytes: 128 * megabyte, pids: 64 },
  volumes: [],
  secrets: [],
  hostMounts: [{ source: "/", target: "/host", propagation: "rslave", reason: rootMount }],
  exceptions: [{ control: "workload.host-paths-unmounted", reason: rootMount }],
  command: () => [
    "--path.rootfs=/host",
    "--path.procfs=/host/proc",
    "--path.sysfs=/host/sys",
    "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/(docker|containers|containerd)/.+)($|/)",
    // These would show the container's own network, and want more rights than it has.
    "--no-collector.arp",
    "--no-collector.netclass",
    "--no-collector.netdev",
    "--no-collector.netstat",
    "--no-collector.sockstat",
    "--no-collector.udp_queues",
  ],
  gaps: () => [
    "Node Exporter does not see the host's network interfaces: that would take the host's network namespace.",
  ],
});
