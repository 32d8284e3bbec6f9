import type { Gap, Guarantee, Plan, PlannedChange } from "../../contracts/platform.ts";
import { engineRemarks } from "../../platforms/compose/engine/describe-engine.ts";
import { composeObstacles } from "../../platforms/compose/resource-obstacles.ts";
import type { RenderChange } from "../render/compare.ts";
import type { DeliveryState } from "./deliveries.ts";
import { missingImages, missingSecrets, takenNames, takenPorts } from "./obstacles.ts";
import type { PlanInputs } from "./plan-inputs.ts";
import { planNetworks } from "./plan-networks.ts";
import { planServices } from "./plan-services.ts";
import { planVolumes } from "./plan-volumes.ts";
import { rootObstacles } from "./rights.ts";
import { subnetClashes } from "./subnets.ts";

/** A plan, with what is special about the engine in sentences. */
export interface DeploymentPlan extends Plan {
  readonly remarks: readonly string[];
}

/** What `up` would do, and what stops it. Pure. */
export function planDeployment(inputs: PlanInputs): DeploymentPlan {
  const { resources, state, stack } = inputs;
  const networks = planNetworks(inputs);
  const secrets = planSecrets(inputs);
  return {
    changes: [
      ...planFiles(inputs),
      ...networks,
      ...planVolumes(inputs),
      ...secrets,
      ...planServices(inputs, changedNames(networks), secrets),
      ...planFirewall(inputs),
    ],
    guarantees: said(inputs.guarantees, (guarantee) => guarantee.statements(stack)),
    gaps: said(inputs.gaps, (gap) => gap.statements(stack, inputs.engine)),
    todos: stack.todos,
    remarks: engineRemarks(inputs.engine),
    obstacles: [
      ...composeObstacles(stack),
      ...foreignFiles(inputs),
      ...takenNames(resources, state, inputs),
      ...takenPorts(resources, state),
      ...subnetClashes(resources, state, inputs.hostSubnets, inputs.adopt),
      ...missingSecrets(resources, stack.secrets, inputs.valued),
      ...missingImages(resources, state),
      ...rootObstacles(inputs),
    ],
  };
}

/** Whether `up` would leave everything as it is. */
export function changesNothing(plan: Plan): boolean {
  return plan.changes.every((change) => change.action === "keep");
}

function said<T extends Guarantee | Gap>(
  items: readonly T[],
  statements: (item: T) => readonly string[],
): Plan["guarantees"] {
  return items.flatMap((item) => statements(item).map((statement) => ({ id: item.id, statement })));
}

function changedNames(changes: readonly PlannedChange[]): ReadonlySet<string> {
  return new Set(changes.flatMap(({ name, action }) => (action === "recreate" ? [name] : [])));
}

const fileReasons: Readonly<Record<RenderChange["action"], readonly string[]>> = {
  create: [],
  change: ["its content or mode changed"],
  keep: [],
  remove: ["it is no longer rendered"],
};

function planFiles({ rendered }: PlanInputs): PlannedChange[] {
  return rendered.map(({ path, action }) => {
    return { kind: "file", name: path, action, because: fileReasons[action], needsRoot: false };
  });
}

/** Files of the rendered folder that somebody else wrote or changed: they are not replaced unasked. */
function foreignFiles({ rendered, folder, force }: PlanInputs): string[] {
  return rendered.flatMap(({ path, foreign }) => {
    if (foreign === undefined || (force && foreign.forcible)) return [];
    const remedy = foreign.forcible ? "Take the change into stack.yaml, or give --force to lose it." : "Move it away.";
    return [`${folder}/${path} is not Ringwall's to replace: ${foreign.why}. ${remedy}`];
  });
}

/** The host's firewall is touched only where the stack asks for it. */
function planFirewall({ firewall }: PlanInputs): PlannedChange[] {
  if (firewall === undefined) return [];
  const { wanted, present } = firewall;
  if (wanted.length === 0 && present === undefined) return [];
  const common = { kind: "firewall", name: "host", needsRoot: true } as const;
  if (wanted.length === 0) return [{ ...common, action: "remove", because: ["the stack no longer asks for it"] }];
  if (present === undefined) {
    return [{ ...common, action: "create", because: ["containers are to be kept from the host's own listeners"] }];
  }
  const same = JSON.stringify([...wanted].sort()) === JSON.stringify(present);
  return [
    { ...common, action: same ? "keep" : "change", because: same ? [] : ["its networks changed"], needsRoot: !same },
  ];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

const secretReasons: Readonly<Record<DeliveryState, string>> = {
  absent: "it is not delivered yet",
  same: "",
  differs: "its value, owner or mode changed",
  unseen: "it cannot be seen by this user, so it is delivered again",
};

function planSecrets({ deliveries, uid }: PlanInputs): PlannedChange[] {
  return deliveries.map(({ delivery, state }): PlannedChange => {
    const name = `${delivery.secrets.join(", ")} for ${delivery.service}`;
    const foreign = delivery.uid !== uid;
    if (state === "same") return { kind: "secret", name, action: "keep", because: [], needsRoot: false };
    const action = state === "absent" ? "create" : "change";
    const because = [secretReasons[state], `for uid ${delivery.uid} alone, mode ${octal(delivery.mode)}`];
    return { kind: "secret", name, action, because, needsRoot: foreign };
  });
}
