import { complete, type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { type ProcessStatus, parseCgroups, parseMounts, parseStatus } from "./proc.ts";
import { containerProcesses, type ListFolders, listHostFolders, type ReadFile, readHostFile } from "./processes.ts";

/** The fields of a container that the kernel itself tells. */
export type KernelFacts = Pick<
  Container,
  | "user"
  | "addedCapabilities"
  | "noNewPrivileges"
  | "seccomp"
  | "readOnlyRoot"
  | "memoryLimit"
  | "cpuLimit"
  | "pidsLimit"
>;

/**
 * What the kernel enforces on a container now, over *all* of its processes: the weakest of them counts, since that is
 * the one an attacker picks. Those that entered less than half a second ago do not count. A file that cannot be read makes the fact unknown, with the reason.
 *
 * Sources: proc(5) for status and mountinfo; the kernel's cgroup-v1/memory.txt and cgroup-v2.rst for limits.
 */
export function kernelFacts(
  pid: number,
  service: string,
  read: ReadFile = readHostFile,
  list: ListFolders = listHostFolders,
): KernelFacts {
  const place: Place = { kind: "object", locator: `kernel, process ${pid} of ${service}` };
  const cgroups = cgroupFiles(pid, read);
  const settled = containerProcesses(pid, read, list).filter((one) => one === pid || isSettled(one, read));
  const statuses = settled.flatMap((one) => {
    const text = read(`/proc/${one}/status`);
    return text === undefined ? [] : [parseStatus(text)];
  });
  if (statuses.length === 0)
    return allUnknown(`/proc/${pid}/status cannot be read; it needs root, and the process must still run`, place);
  const capabilities = [
    ...new Set(
      statuses.flatMap((status) => [
        ...status.effectiveCapabilities,
        // A process may take up again what it is permitted, and may gain by a program what its bounds allow.
        ...status.permittedCapabilities,
        ...status.boundingCapabilities,
      ]),
    ),
  ];
  return {
    user: userOf(statuses, place),
    // All that it holds. What was dropped is for the engine to tell: the kernel does not know what there was before.
    addedCapabilities: complete(
      capabilities.map((name) => ({ name, place })),
      place,
    ),
    noNewPrivileges: everyStatus(statuses, (status) => status.noNewPrivileges, place),
    seccomp: seccompOf(statuses, place),
    readOnlyRoot: readOnlyRootOf(pid, read, place),
    memoryLimit: cgroups.memory(place),
    cpuLimit: cgroups.cpu(place),
    pidsLimit: cgroups.pids(place),
  };
}

/** What a program that enters a container has of a life before it is confined, by far. */
const youthMs = 500;
/** The kernel counts times for programs in hundredths of a second on every machine (`USER_HZ`). */
const tickMs = 10;

/**
 * Whether a process is older than the moment in which the engine's own helper enters a container, for a health check or
 * an `exec`: until it has given up its rights it is root with every capability, and nobody else's program runs yet.
 */
function isSettled(pid: number, read: ReadFile): boolean {
  // The second field is the program's name, which may hold anything but ends with the last parenthesis.
  const fields = (read(`/proc/${pid}/stat`) ?? "").replace(/^.*\)\s/s, "").split(" ");
  const started = Number(fields[19]) * tickMs;
  const now = Number.parseFloat(read("/proc/uptime") ?? "") * 1000;
  return !(now - started < youthMs);
}

function userOf(statuses: readonly ProcessStatus[], place: Place): KernelFacts["user"] {
  const worst = statuses.find((status) => status.uids.includes(0)) ?? statuses[0];
  const uid = worst?.uids.includes(0) === true ? 0 : worst?.uids[1];
  const gid = worst?.gids[1];
  if (uid === undefined) return unknown("the kernel printed no uid", place);
  return stated(
    { text: gid === undefined ? String(uid) : `${uid}:${gid}`, uid, ...(gid === undefined ? {} : { gid }) },
    place,
  );
}

function everyStatus(
  statuses: readonly ProcessStatus[],
  ask: (status: ProcessStatus) => boolean | undefined,
  place: Place,
): Fact<boolean> {
  const answers = statuses.map(ask);
  if (answers.includes(false)) return stated(false, place);
  return answers.includes(undefined) ? unknown("this kernel does not print the field", place) : stated(true, place);
}

function seccompOf(statuses: readonly ProcessStatus[], place: Place): KernelFacts["seccomp"] {
  const modes = statuses.map((status) => status.seccomp);
  if (modes.includes(0)) return stated({ kind: "unconfined" }, place);
  return modes.includes(undefined)
    ? unknown("this kernel does not print the seccomp mode", place)
    : stated({ kind: "default" }, place);
}

function readOnlyRootOf(pid: number, read: ReadFile, place: Place): Fact<boolean> {
  const text = read(`/proc/${pid}/mountinfo`);
  if (text === undefined) return unknown(`/proc/${pid}/mountinfo cannot be read`, place);
  // The last mount on "/" is the one that counts.
  const root = parseMounts(text).findLast((mount) => mount.mountPoint === "/");
  return root === undefined ? unknown("the process has no mount at /", place) : stated(root.readOnly, place);
}

interface CgroupFiles {
  memory(place: Place): Fact<number>;
  cpu(place: Place): Fact<number>;
  pids(place: Place): Fact<number>;
}

function cgroupFiles(pid: number, read: ReadFile): CgroupFiles {
  const paths = parseCgroups(read(`/proc/${pid}/cgroup`) ?? "");
  const memory = paths.get("memory");
  if (memory !== undefined) {
    const file = (controller: string, name: string): string | undefined =>
      read(`/sys/fs/cgroup/${controller}${paths.get(controller) ?? ""}/${name}`);
    return {
      memory: (place) => limit(file("memory", "memory.limit_in_bytes"), "memory.limit_in_bytes", place),
      cpu: (place) => cpuLimit(file("cpu", "cpu.cfs_quota_us"), file("cpu", "cpu.cfs_period_us"), place),
      pids: (place) => limit(file("pids", "pids.max"), "pids.max", place),
    };
  }
  const unified = paths.get("");
  const file = (name: string): string | undefined =>
    unified === undefined ? undefined : read(`/sys/fs/cgroup${unified}/${name}`);
  return {
    memory: (place) => limit(file("memory.max"), "memory.max", place),
    cpu: (place) => {
      const [quota, period] = (file("cpu.max") ?? "").trim().split(" ");
      return cpuLimit(quota === "" ? undefined : quota, period, place);
    },
    pids: (place) => limit(file("pids.max"), "pids.max", place),
  };
}

/** `max`, or the near-2^63 that version 1 prints, is no limit. */
function limit(text: string | undefined, file: string, place: Place): Fact<number> {
  if (text === undefined) return unknown(`${file} cannot be read on this host`, place);
  const value = Number(text.trim());
  return text.trim() === "max" || !Number.isFinite(value) || value >= 2 ** 60 ? unstated(place) : stated(value, place);
}

function cpuLimit(quota: string | undefined, period: string | undefined, place: Place): Fact<number> {
  if (quota === undefined || period === undefined) return unknown("the CPU quota cannot be read on this host", place);
  const microseconds = Number(quota.trim());
  return quota.trim() === "max" || !(microseconds > 0)
    ? unstated(place)
    : stated(microseconds / Number(period.trim()), place);
}

function allUnknown(why: string, place: Place): KernelFacts {
  return {
    user: unknown(why, place),
    addedCapabilities: { items: [], complete: false, why, place },
    noNewPrivileges: unknown(why, place),
    seccomp: unknown(why, place),
    readOnlyRoot: unknown(why, place),
    memoryLimit: unknown(why, place),
    cpuLimit: unknown(why, place),
    pidsLimit: unknown(why, place),
  };
}
