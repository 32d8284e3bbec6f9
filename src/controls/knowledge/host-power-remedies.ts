import type { PlatformName } from "../../facts/subjects.ts";
import { listed } from "../../lib/listed.ts";
import type { StepToHost } from "../severity.ts";

type Words = Readonly<Record<StepToHost["power"], string>>;

const hostProcess = "no `windowsOptions.hostProcess`";

const compose: Words = {
  socket: "a filtering proxy in place of the engine's socket",
  "socket folder": "no folder of the host in which the engine's socket lies",
  privileged: "no `privileged`, but the `devices:` and `cap_add:` that it cannot do without",
  files: "of the host's files only the folders that it needs",
  processes: "no `pid: host`",
  "host process": hostProcess,
};

const ofFile = "no folder of the host or its sockets in a `disk` device";

const words: Readonly<Record<PlatformName, Words>> = {
  compose,
  files: compose,
  incus: {
    socket: ofFile,
    "socket folder": ofFile,
    files: ofFile,
    privileged:
      'no `"security.privileged"` (what must be privileged goes into a virtual machine, `type = "virtual-machine"`)',
    processes: "no sight of the host's processes",
    "host process": hostProcess,
  },
  kubernetes: {
    socket: "no `hostPath` of the engine's socket",
    "socket folder": "no `hostPath` in which the engine's socket lies",
    privileged: "no `privileged`, but the capabilities that it cannot do without",
    files: "no `hostPath` of the node's own files",
    processes: "no `hostPID`",
    "host process": hostProcess,
  },
};

/** What takes these powers over the host from a workload, as a clause: only what it has is spoken of. */
export function powersTaken(steps: readonly StepToHost[], platform: PlatformName): string {
  return listed([...new Set(steps.map(({ power }) => words[platform][power]))]);
}
