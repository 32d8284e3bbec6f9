import type { Ref } from "../../facts/subjects.ts";
import type { ProbeTarget } from "./target.ts";

/** A running service with everything that probes need of it. */
export interface RunningService extends ProbeTarget {
  /** The ref under which the engine's facts name it. */
  readonly container: Ref<"container">;
  /** What the engine tells of the container, as JSON text. */
  readonly inspect: string;
  /** Undefined when it could not be read. */
  readonly log: string | undefined;
  readonly mounts: readonly { readonly type: string; readonly source: string; readonly target: string }[];
}

/** A network of the stack, as the host has it. */
export interface ProbeNetwork {
  /** Its key in the project. */
  readonly key: string;
  /** The bridge's name on the host. */
  readonly bridge: string;
  readonly subnets: readonly string[];
}
