/**
 * A system call that the server makes in a container's name is made by root.
 *
 * Reads:  workload.incus.interceptions
 * Passes: no call is intercepted that reaches into the kernel.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const interceptionNarrow = defineControl({
  id: "workload.interception-narrow",
  on: "workload",
  platforms: ["incus"],
  severity: "medium",
  title: "The server makes no dangerous calls for a container",
  claim: "No container has the server mount file systems or load programs into the kernel for it.",
  threat:
    "A file system that the container made itself is read by the kernel as root: a crafted one is a way into the kernel. Programs for BPF and priorities reach the whole host.",
  remedy:
    'Remove the key under `security.syscalls.intercept.`. For a file system use FUSE, which runs inside: `"security.syscalls.intercept.mount.fuse" = "ext4=fuse2fs"`; or attach the disk as a device.',
  judged:
    "Fails for `intercept.mount` with file systems in `mount.allowed`, for `intercept.bpf` and its devices, and for `intercept.sched_setscheduler`. Redirection to FUSE, `mknod`, `setxattr` and `sysinfo` pass: they are bounded by the server.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.PS-01"], coverage: ["W4"] },
  fix: {
    changesBehaviour:
      "The program in the container that asks for it is refused: it loads no BPF program, or mounts no such file system.",
    onlyNamed: true,
    edits: (_workload, _system, judgement) => wordAt(judgement, "true", "false"),
  },

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus instance");
    return forbidAny(
      incus.interceptions,
      ({ key, does, place }) => fail(`\`${key}\` lets it ${does}`, { place, detail: key }),
      { what: "the intercepted calls", none: "no dangerous call is made for it" },
    );
  },
});
