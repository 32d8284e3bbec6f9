/** Reads what the kernel tells of processes and sockets (proc(5)). Pure parsers; whoever calls them reads the files. */

export interface ListeningSocket {
  readonly protocol: "tcp" | "udp";
  /** `0.0.0.0` and `::` mean every address. */
  readonly address: string;
  readonly port: number;
  readonly inode: number;
}

/**
 * The listening sockets of a `/proc/PID/net/{tcp,tcp6,udp,udp6}` text. For TCP those in state LISTEN (0A); for UDP the
 * unconnected ones (07). Lines that do not look like the table are passed over.
 */
export function parseSockets(text: string, protocol: "tcp" | "udp"): ListeningSocket[] {
  const wanted = protocol === "tcp" ? "0A" : "07";
  const sockets: ListeningSocket[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [addressHex, portHex] = (fields[1] ?? "").split(":");
    if (fields[3] !== wanted || addressHex === undefined || portHex === undefined) continue;
    sockets.push({
      protocol,
      address: decodeAddress(addressHex),
      port: Number.parseInt(portHex, 16),
      inode: Number(fields[9] ?? 0),
    });
  }
  return sockets;
}

/** Little-endian 32-bit words, as the kernel prints them on the machines that Node.js runs on. */
function decodeAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  const text = new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text);
  if (mapped === null) return text;
  const high = Number.parseInt(mapped[1] ?? "0", 16);
  const low = Number.parseInt(mapped[2] ?? "0", 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

export interface ProcessStatus {
  /** Real, effective, saved, file-system. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly effectiveCapabilities: readonly string[];
  readonly permittedCapabilities: readonly string[];
  readonly boundingCapabilities: readonly string[];
  readonly noNewPrivileges: boolean | undefined;
  /** 0 none, 1 strict, 2 filter. */
  readonly seccomp: number | undefined;
}

/** `/proc/PID/status`. A field that the kernel does not print is undefined or an empty list. */
export function parseStatus(text: string): ProcessStatus {
  const fields = new Map(
    text
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const),
  );
  const numbers = (name: string): number[] => (fields.get(name) ?? "").split(/\s+/).filter(Boolean).map(Number);
  const nnp = fields.get("NoNewPrivs");
  const seccomp = fields.get("Seccomp");
  return {
    uids: numbers("Uid"),
    gids: numbers("Gid"),
    groups: numbers("Groups"),
    effectiveCapabilities: capabilityNames(fields.get("CapEff") ?? "0"),
    permittedCapabilities: capabilityNames(fields.get("CapPrm") ?? "0"),
    boundingCapabilities: capabilityNames(fields.get("CapBnd") ?? "0"),
    noNewPrivileges: nnp === undefined ? undefined : nnp === "1",
    seccomp: seccomp === undefined ? undefined : Number(seccomp),
  };
}

/** Names by bit number, from `include/uapi/linux/capability.h` of Linux 6.x. */
const capabilityBits: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
];

/** The capabilities of a hexadecimal mask; a bit that has no name here is given as `CAP_<number>`. */
export function capabilityNames(hex: string): string[] {
  const mask = BigInt(`0x${hex.trim() || "0"}`);
  const names: string[] = [];
  for (let bit = 0n; 1n << bit <= mask; bit++) {
    if ((mask & (1n << bit)) !== 0n) names.push(capabilityBits[Number(bit)] ?? `CAP_${bit}`);
  }
  return names;
}

export interface MountEntry {
  readonly mountPoint: string;
  readonly readOnly: boolean;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** `/proc/PID/mountinfo`: read-only is what the mount says or what the superblock says. */
export function parseMounts(text: string): MountEntry[] {
  return text.split("\n").flatMap((line): MountEntry[] => {
    const separator = line.indexOf(" - ");
    if (separator === -1) return [];
    const before = line.slice(0, separator).split(" ");
    const after = line.slice(separator + 3).split(" ");
    const options = (before[5] ?? "").split(",");
    return [
      {
        mountPoint: unescapeMount(before[4] ?? ""),
        readOnly: options.includes("ro") || (after[2] ?? "").split(",").includes("ro"),
        type: after[0] ?? "",
        source: unescapeMount(after[1] ?? ""),
        options,
      },
    ];
  });
}

function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export interface InterfaceAddress {
  readonly address: string;
  readonly prefix: number;
  readonly scope: "global" | "link" | "host";
  readonly device: string;
}

/** `/proc/PID/net/if_inet6`. */
export function parseIpv6Addresses(text: string): InterfaceAddress[] {
  return text.split("\n").flatMap((line): InterfaceAddress[] => {
    const [hex, , prefix, scope, , device] = line.trim().split(/\s+/);
    if (hex === undefined || hex.length !== 32 || device === undefined) return [];
    const address = new URL(`http://[${(hex.match(/.{4}/g) ?? []).join(":")}]/`).hostname.slice(1, -1);
    return [
      {
        address,
        prefix: Number.parseInt(prefix ?? "0", 16),
        scope: scope === "20" ? "link" : scope === "10" ? "host" : "global",
        device,
      },
    ];
  });
}

/** The cgroup paths of `/proc/PID/cgroup` by controller; the unified hierarchy of version 2 has the name "". */
export function parseCgroups(text: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    if (controllers === undefined) continue;
    for (const controller of controllers.split(",")) paths.set(controller.replace(/^name=/, ""), path.join(":"));
  }
  return paths;
}
