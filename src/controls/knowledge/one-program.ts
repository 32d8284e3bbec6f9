import { knownValue } from "../../facts/fact.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** Images of whole systems, in which anything may run. */
const ofSystem =
  /(?:^|\/)(?:almalinux|alpine|amazonlinux|archlinux|centos|debian|fedora|nixos|opensuse|oraclelinux|rockylinux|ubuntu)(?:\/|$)/i;

/**
 * Whether a workload is one container of an image that somebody publishes for one program, as far as is seen. In others
 * something else may answer on a port, and lead on to the program.
 */
export function runsOneProgram(workload: Workload, system: System): boolean {
  if (knownValue(workload.isolation) === "vm") return false;
  const [only, another] = system.containersOf(workload).filter(({ kubernetes }) => kubernetes?.role !== "init");
  const image = only?.image === undefined || another !== undefined ? undefined : system.get(only.image);
  if (image === undefined || image.built) return false;
  const repository = knownValue(image.reference)?.repository ?? image.likelyRepository;
  return repository !== undefined && !ofSystem.test(repository);
}
