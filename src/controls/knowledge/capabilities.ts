import type { Severity } from "../../contracts/verdict.ts";

/** What Docker and Podman give without being asked; adding one of these back after dropping all is as it should be. */
export const defaultCapabilities: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

/** What one gains by a capability beyond the default ones, as capabilities(7) describes it. */
export const dangerousCapabilities: ReadonlyMap<string, { readonly severity: Severity; readonly gives: string }> =
  new Map([
    ["ALL", { severity: "high", gives: "everything that root on the host may do" }],
    ["SYS_ADMIN", { severity: "high", gives: "mounting, namespaces and most ways out of a container" }],
    ["SYS_MODULE", { severity: "high", gives: "loading code into the host's kernel" }],
    ["SYS_RAWIO", { severity: "high", gives: "the host's memory and disks" }],
    ["SYS_PTRACE", { severity: "high", gives: "reading and changing other processes" }],
    ["DAC_READ_SEARCH", { severity: "high", gives: "reading every file, the host's through open_by_handle_at too" }],
    ["BPF", { severity: "high", gives: "programs in the host's kernel" }],
    ["MAC_ADMIN", { severity: "high", gives: "changing the rules of AppArmor and SELinux" }],
    ["MAC_OVERRIDE", { severity: "high", gives: "ignoring the rules of AppArmor and SELinux" }],
    ["SYS_BOOT", { severity: "high", gives: "restarting the host and loading another kernel" }],
    ["NET_ADMIN", { severity: "medium", gives: "interfaces, routes and packet filters of its network" }],
    ["PERFMON", { severity: "medium", gives: "observing the whole host" }],
    ["SYSLOG", { severity: "medium", gives: "the kernel's log and addresses" }],
    ["SYS_TIME", { severity: "medium", gives: "the host's clock, which certificates and logs rest on" }],
    ["AUDIT_CONTROL", { severity: "medium", gives: "switching the host's audit off" }],
    ["AUDIT_READ", { severity: "medium", gives: "the host's audit log" }],
    ["CHECKPOINT_RESTORE", { severity: "medium", gives: "other processes' memory" }],
    ["LINUX_IMMUTABLE", { severity: "low", gives: "changing files that are marked immutable" }],
    ["IPC_LOCK", { severity: "low", gives: "locking the host's memory" }],
    ["SYS_NICE", { severity: "low", gives: "priority over other services" }],
    ["SYS_RESOURCE", { severity: "low", gives: "going beyond its resource limits" }],
    ["NET_BROADCAST", { severity: "low", gives: "broadcasts" }],
  ]);
