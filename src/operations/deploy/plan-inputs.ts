import type { Gap, Guarantee } from "../../contracts/platform.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import type { DockerEngineInfo } from "../../platforms/compose/engine/describe-engine.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import type { AppliedState } from "../../state/applied.ts";
import type { RenderChange } from "../render/compare.ts";
import type { Delivery, DeliveryState } from "./deliveries.ts";
import type { EngineState } from "./engine-state.ts";
import type { SeenDelivery } from "./seen-deliveries.ts";
import type { HostSubnet } from "./subnets.ts";
import type { VolumeOwner } from "./volume-owner.ts";

/** One delivery as it is, and how the container that runs now stands to it. */
export interface DeliveryNow extends SeenDelivery {
  readonly delivery: Delivery;
  readonly state: DeliveryState;
}

/** Everything that a plan is made from, read beforehand: the plan itself touches nothing. */
export interface PlanInputs {
  readonly stack: ResolvedStack;
  readonly resources: ComposeResources;
  readonly engine: DockerEngineInfo;
  readonly state: EngineState;
  readonly hostSubnets: readonly HostSubnet[];
  /** The rendered folder, and what writing it would do to each file. */
  readonly folder: string;
  readonly rendered: readonly RenderChange[];
  /** Whether files that somebody else changed may be replaced. */
  readonly force: boolean;
  /** Bridges that the host's firewall is to close, and those that it closes now; undefined where it is left alone. */
  readonly firewall:
    | { readonly wanted: readonly string[]; readonly present: readonly string[] | undefined }
    | undefined;
  readonly deliveries: readonly DeliveryNow[];
  /** Names of the secrets that have a value. */
  readonly valued: ReadonlySet<string>;
  /** The root of each volume that exists and can be seen, in ids of the containers, by the engine's name. */
  readonly volumeOwners: ReadonlyMap<string, VolumeOwner>;
  /** Compose's own hash of each service; undefined when it cannot tell yet. */
  readonly composeHashes: ReadonlyMap<string, string> | undefined;
  readonly applied: AppliedState | undefined;
  /** Who runs Ringwall; 0 is root. */
  readonly uid: number;
  /** Whether things of the same name that something else made may be taken over. */
  readonly adopt: boolean;
  readonly guarantees: readonly Guarantee[];
  readonly gaps: readonly Gap[];
}
