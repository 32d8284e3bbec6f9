import type { Step } from "../../contracts/operation.ts";
import { RingwallError } from "../../lib/error.ts";
import { demandCompose } from "../../platforms/compose/engine/describe-engine.ts";
import { refuseWhileRotating } from "../rotation/unfinished.ts";
import { awaitHealth } from "./await-health.ts";
import { type Deployment, readPlanInputs } from "./deployment.ts";
import { changesNothing, type DeploymentPlan, planDeployment } from "./plan.ts";
import { upSteps } from "./up-steps.ts";
import { withJournal } from "./with-journal.ts";

export interface UpOptions {
  /** Milliseconds until every service must be ready. */
  readonly healthTimeout: number;
  /** Shown the plan when the lock is held and before anything is changed; false leaves everything as it is. */
  readonly confirm: (plan: DeploymentPlan) => Promise<boolean>;
}

export type UpOutcome = "changed" | "unchanged" | "declined";

/** What `up` would do now. Throws when `docker compose` is missing or too old. Changes nothing. */
export async function plan(deployment: Deployment): Promise<DeploymentPlan> {
  demandCompose(deployment.engine);
  return planDeployment(await readPlanInputs(deployment));
}

/**
 * Brings a stack up: files, secrets, images, volumes, services, health, in journalled steps that each finish what an
 * interrupted run began. A stack that is up already is looked at, not touched. Throws `conflict` with every obstacle
 * before anything is changed.
 */
export async function up(deployment: Deployment, options: UpOptions): Promise<UpOutcome> {
  const outcome: { is: UpOutcome } = { is: "changed" };
  await withJournal("up", deployment, async (tools): Promise<readonly Step[]> => {
    await refuseWhileRotating(deployment.state.journals, "up", deployment.stack.name);
    const planned = await plan(deployment);
    if (planned.obstacles.length > 0) throw obstaclesError(planned.obstacles);
    if (changesNothing(planned) && tools.takesUp === undefined) {
      outcome.is = "unchanged";
      return [];
    }
    if (!(await options.confirm(planned))) {
      outcome.is = "declined";
      return [];
    }
    return upSteps(deployment, planned, tools, options.healthTimeout);
  });
  if (outcome.is === "unchanged") {
    const { tell } = deployment.surroundings;
    await awaitHealth(deployment, options.healthTimeout, (text) =>
      tell({ kind: "step-progress", step: "health", text }),
    );
  }
  return outcome.is;
}

function obstaclesError(obstacles: readonly string[]): RingwallError {
  const [first = "", ...rest] = obstacles;
  const more = rest.length === 0 ? "" : ` (and ${rest.length} more: see \`ringwall plan\`)`;
  return new RingwallError("conflict", `Nothing was changed. ${first}${more}`);
}
