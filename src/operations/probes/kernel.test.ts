import { describe, expect, it } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { kernelFacts } from "./kernel.ts";
import type { ReadFile } from "./processes.ts";

// covers: W1 W3 W4 W5 | compose

const goodStatus =
  "Uid:\t901\t901\t901\t901\nGid:\t901\t901\t901\t901\nCapEff:\t0\nCapBnd:\t0\nNoNewPrivs:\t1\nSeccomp:\t2\n";
const rootStatus = "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\t400\nCapBnd:\t400\nNoNewPrivs:\t0\nSeccomp:\t0\n";

function files(extra: Record<string, string> = {}): ReadFile {
  const all: Record<string, string> = {
    "/proc/42/status": goodStatus,
    "/proc/42/cgroup": "3:memory:/docker/c\n2:cpu,cpuacct:/docker/c\n1:pids:/docker/c\n",
    "/proc/42/mountinfo": "1 0 0:1 / / ro - overlay overlay ro\n",
    "/sys/fs/cgroup/memory/docker/c/cgroup.procs": "42\n",
    "/sys/fs/cgroup/memory/docker/c/memory.limit_in_bytes": "268435456\n",
    "/sys/fs/cgroup/cpu/docker/c/cpu.cfs_quota_us": "150000\n",
    "/sys/fs/cgroup/cpu/docker/c/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/pids/docker/c/pids.max": "128\n",
    ...extra,
  };
  return (path) => all[path];
}

describe("what the kernel enforces on a container", () => {
  it("reads a hardened one as it is, with version 1 of control groups", () => {
    const facts = kernelFacts(42, "web", files());
    expect(knownValue(facts.user)?.uid).toBe(901);
    expect(facts.addedCapabilities.items).toEqual([]);
    expect(knownValue(facts.noNewPrivileges)).toBe(true);
    expect(knownValue(facts.seccomp)).toEqual({ kind: "default" });
    expect(knownValue(facts.readOnlyRoot)).toBe(true);
    expect(knownValue(facts.memoryLimit)).toBe(268435456);
    expect(knownValue(facts.cpuLimit)).toBe(1.5);
    expect(knownValue(facts.pidsLimit)).toBe(128);
  });

  it("reads version 2 of control groups, where max is no limit", () => {
    const facts = kernelFacts(
      42,
      "web",
      files({
        "/proc/42/cgroup": "0::/docker/c\n",
        "/sys/fs/cgroup/docker/c/cgroup.procs": "42\n",
        "/sys/fs/cgroup/docker/c/memory.max": "max\n",
        "/sys/fs/cgroup/docker/c/cpu.max": "50000 100000\n",
        "/sys/fs/cgroup/docker/c/pids.max": "64\n",
      }),
    );
    expect(facts.memoryLimit.kind).toBe("unstated");
    expect(knownValue(facts.cpuLimit)).toBe(0.5);
    expect(knownValue(facts.pidsLimit)).toBe(64);
  });

  it("lets the weakest process count: one root helper makes the container a root container", () => {
    const facts = kernelFacts(
      42,
      "web",
      files({ "/sys/fs/cgroup/memory/docker/c/cgroup.procs": "42\n43\n", "/proc/43/status": rootStatus }),
    );
    expect(knownValue(facts.user)?.uid).toBe(0);
    expect(facts.addedCapabilities.items.map((one) => one.name)).toEqual(["NET_BIND_SERVICE"]);
    expect(knownValue(facts.noNewPrivileges)).toBe(false);
    expect(knownValue(facts.seccomp)).toEqual({ kind: "unconfined" });
  });

  it("passes over a helper of the engine's that has entered just now, and over no older process", () => {
    const stat = (started: number) =>
      `43 (runc init) S ${Array.from({ length: 18 }, () => 0).join(" ")} ${started} 0\n`;
    const entering = {
      "/sys/fs/cgroup/memory/docker/c/cgroup.procs": "42\n43\n",
      "/proc/43/status": rootStatus,
      "/proc/uptime": "1000.00 50.0\n",
    };
    const uid = (started: number) =>
      knownValue(kernelFacts(42, "web", files({ ...entering, "/proc/43/stat": stat(started) })).user)?.uid;
    expect(uid(99_980)).toBe(901);
    expect(uid(99_900)).toBe(0);
  });

  it("looks into the groups that the container made for itself", () => {
    const nested = files({
      "/sys/fs/cgroup/memory/docker/c/inner/cgroup.procs": "77\n",
      "/proc/77/status": rootStatus,
    });
    const list = (path: string) => (path === "/sys/fs/cgroup/memory/docker/c" ? ["inner"] : []);
    expect(knownValue(kernelFacts(42, "web", nested, list).user)?.uid).toBe(0);
    expect(knownValue(kernelFacts(42, "web", nested, () => []).user)?.uid).toBe(901);
  });

  it("does not take the host's processes for those of a container in the root group", () => {
    const rooted = files({
      "/proc/42/cgroup": "3:memory:/\n2:cpu,cpuacct:/\n1:pids:/\n0::/\n",
      "/sys/fs/cgroup/memory/cgroup.procs": "1\n42\n",
      "/proc/1/status": rootStatus,
    });
    expect(knownValue(kernelFacts(42, "web", rooted).user)?.uid).toBe(901);
  });

  it("takes the last mount at / for the root, since it hides those before", () => {
    const facts = kernelFacts(
      42,
      "web",
      files({ "/proc/42/mountinfo": "1 0 0:1 / / ro - overlay o ro\n2 1 0:2 / / rw - tmpfs t rw\n" }),
    );
    expect(knownValue(facts.readOnlyRoot)).toBe(false);
  });

  it("knows nothing of a process that it cannot read, and says why", () => {
    const facts = kernelFacts(42, "web", () => undefined);
    for (const fact of [
      facts.user,
      facts.noNewPrivileges,
      facts.seccomp,
      facts.readOnlyRoot,
      facts.memoryLimit,
      facts.cpuLimit,
      facts.pidsLimit,
    ]) {
      expect(fact.kind).toBe("unknown");
    }
    expect(facts.addedCapabilities.complete).toBe(false);
  });

  it("does not take a limit file that is missing for a limit that is not set", () => {
    const read = files();
    const facts = kernelFacts(42, "web", (path) => (path.includes("memory.limit") ? undefined : read(path)));
    expect(facts.memoryLimit.kind).toBe("unknown");
  });
});
