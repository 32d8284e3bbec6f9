import { type Fact, knownValue, unknown } from "../../facts/fact.ts";
import type { NetworkMode, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/**
 * The mode of the network that a workload is really in: of the one whose network it shares, where it shares one. Unknown
 * where that one is not among what is seen, for it may be on the host's network, or in any other.
 */
export function networkModeBehind(workload: Workload, system: System): Fact<NetworkMode> {
  const seen = new Set<string>();
  let owner = workload;
  for (;;) {
    const { networkMode } = owner;
    const mode = knownValue(networkMode);
    if (mode?.kind !== "shared") return networkMode;
    seen.add(owner.ref.name);
    const other = system.workload({ ...owner.ref, name: mode.with });
    if (other === undefined) return unknown(`\`${mode.with}\` is no service of this project`, networkMode.place);
    if (seen.has(other.ref.name))
      return unknown("its services share one another's network in a circle", networkMode.place);
    owner = other;
  }
}

/** Whose network a workload shares, as a clause, where another's mode is judged with that other; undefined for its own. */
export function sharedNetworkOf(workload: Workload): string | undefined {
  const mode = knownValue(workload.networkMode);
  return mode?.kind === "shared" ? mode.with : undefined;
}
