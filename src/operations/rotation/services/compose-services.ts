import type { Credential, CredentialCheck, LoginAttempt, ServiceControl, Vantage } from "../../../contracts/rotator.ts";
import { RingwallError } from "../../../lib/error.ts";
import type { RunProgram } from "../../../lib/run-program.ts";
import type { EngineContainer } from "../../../platforms/compose/engine/schemas.ts";
import type { Secret } from "../../../secrets/secret.ts";
import { mosquittoPasswordFile } from "../../../secrets/secret-values.ts";
import { deliver } from "../../deploy/deliver.ts";
import { type Delivery, deliveryState } from "../../deploy/deliveries.ts";
import {
  accountsOf,
  composeOf,
  type Deployment,
  deliveryFolder,
  deploymentDeliveries,
} from "../../deploy/deployment.ts";
import { redactor } from "../../deploy/redact.ts";
import { behindIn } from "../../deploy/services-behind.ts";
import { tellContainer } from "../../deploy/tell.ts";
import { waitHealthy } from "../../deploy/wait-healthy.ts";
import type { Agents } from "../../probes/agents.ts";
import { findContainer } from "./find-container.ts";
import { loginFromVantage } from "./login.ts";

export interface ServiceControlOptions {
  /** The operation's id: stands in the names of files that a killed delivery leaves. */
  readonly id: string;
  /** Runs programs; the deployment's own when left out. An operation hands in the one that journals. */
  readonly run?: RunProgram;
  /** Milliseconds until a service that was told must be well again. */
  readonly healthTimeout?: number;
  /** Milliseconds for one login. */
  readonly loginTimeout?: number;
}

const defaultHealthTimeout = 120_000;
const defaultLoginTimeout = 5_000;
/** A service that a signal ends is seen to have ended after so long. */
const settlingTime = 300;
const largestOutput = 1024 * 1024;

/** The services of a stack on Docker Compose, for a rotation. Whoever made `agents` closes them. */
export function composeServiceControl(
  deployment: Deployment,
  agents: Agents,
  options: ServiceControlOptions,
): ServiceControl {
  return new ComposeServices(deployment, agents, options);
}

class ComposeServices implements ServiceControl {
  readonly #deployment: Deployment;
  readonly #agents: Agents;
  readonly #options: ServiceControlOptions;
  /** What was delivered last by this control, in place of what the store had when it was read. */
  readonly #delivered = new Map<string, Credential>();

  constructor(deployment: Deployment, agents: Agents, options: ServiceControlOptions) {
    const run = options.run ?? deployment.surroundings.run;
    this.#deployment = { ...deployment, surroundings: { ...deployment.surroundings, run } };
    this.#agents = agents;
    this.#options = options;
  }

  async isRunning(service: string): Promise<boolean> {
    return (await this.#running(service)) !== undefined;
  }

  async exec(...[service, command, options = {}]: Parameters<ServiceControl["exec"]>) {
    const container = await this.#running(service);
    if (container === undefined) throw new RingwallError("engine-failed", `"${service}" does not run.`);
    const { stdin, timeoutMs } = options;
    const before = stdin === undefined ? ["exec"] : ["exec", "--interactive"];
    const result = await this.#deployment.surroundings.run("docker", [...before, container.Id, ...command], {
      ...(stdin === undefined ? {} : { input: stdin.expose() }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
    return {
      code: result.code ?? 255,
      stdout: result.stdout.slice(0, largestOutput),
      stderr: result.stderr.slice(0, largestOutput),
    };
  }

  async deliver(service: string, credentials: ReadonlyMap<string, Credential>): Promise<boolean> {
    for (const [name, credential] of credentials) this.#delivered.set(name, credential);
    return this.#write(
      this.#deliveries(service).filter(({ secrets }) => secrets.some((secret) => credentials.has(secret))),
    );
  }

  async deliverDerived(...[service, secret, entries]: Parameters<ServiceControl["deliverDerived"]>): Promise<boolean> {
    this.#delivered.set(secret, { account: undefined, value: mosquittoPasswordFile(secret, entries) });
    const deliveries = this.#deliveries(service).filter(({ secrets }) => secrets.includes(secret));
    if (deliveries.length > 0) return this.#write(deliveries);
    throw new RingwallError("invalid", `"${service}" takes no file that is made as "${secret}".`);
  }

  async tell(service: string): ReturnType<ServiceControl["tell"]> {
    const container = await this.#running(service);
    // It reads its files when it starts.
    if (container === undefined) return { how: "none" };
    const behind = await behindIn(this.#deployment, service, container);
    const declared = this.#deployment.stack.services.find(({ name }) => name === service)?.reload ?? "restart";
    const reload = behind === undefined ? declared : (behind.reload ?? "restart");
    // Made anew already since the last delivery: a second time would only disturb it.
    if (reload === "none" || (behind === undefined && reload === "restart")) return { how: "none" };
    if (reload === "restart") {
      await this.#restart(service, container);
      return { how: "restart" };
    }
    const { run, sleep } = this.#deployment.surroundings;
    const deliveries = this.#deliveries(service);
    const folder = deliveryFolder(this.#deployment);
    await tellContainer({ service, container, reload, deliveries, deliveryFolder: folder, run });
    await sleep(settlingTime);
    await this.#awaitHealth(service);
    return { how: "signal" in reload ? "signal" : "command" };
  }

  login(from: Vantage, attempt: LoginAttempt): Promise<CredentialCheck> {
    return loginFromVantage(from, attempt, {
      deployment: this.#deployment,
      agents: this.#agents,
      timeoutMs: this.#options.loginTimeout ?? defaultLoginTimeout,
    });
  }

  #running(service: string): Promise<EngineContainer | undefined> {
    return findContainer(this.#deployment, service);
  }

  /** The service's files as they are to be now: this control's own deliveries over what the store had. */
  #deliveries(service: string): readonly Delivery[] {
    const declared = accountsOf(this.#deployment);
    const values = new Map<string, Secret>(this.#deployment.values);
    for (const [name, { value }] of this.#delivered) values.set(name, value);
    const accountOf = (secret: string) => this.#delivered.get(secret)?.account ?? declared(secret);
    return deploymentDeliveries({ ...this.#deployment, values, accountOf }).filter(
      (delivery) => delivery.service === service,
    );
  }

  async #write(deliveries: readonly Delivery[]): Promise<boolean> {
    let changed = false;
    for (const delivery of deliveries) {
      if ((await deliveryState(delivery)) === "same") continue;
      await deliver(delivery, this.#deployment.deliveryRoot, this.#options.id);
      changed = true;
    }
    return changed;
  }

  /** Anew and not again: what is in its environment is read by Compose when the container is made. */
  async #restart(service: string, container: EngineContainer): Promise<void> {
    await this.#agents.leave({ kind: "process", pid: container.State.Pid });
    const args = ["up", "--detach", "--no-build", "--no-deps", "--force-recreate", service];
    await composeOf(this.#deployment).run(args);
    await this.#awaitHealth(service);
  }

  async #awaitHealth(service: string): Promise<void> {
    const { client, resources, values, surroundings } = this.#deployment;
    const secrets = [...values.values(), ...[...this.#delivered.values()].map(({ value }) => value)];
    await waitHealthy(client, resources.project, {
      services: [service],
      timeout: this.#options.healthTimeout ?? defaultHealthTimeout,
      clock: surroundings.clock,
      sleep: surroundings.sleep,
      progress: (text) => surroundings.tell({ kind: "step-progress", step: "tell", text }),
      redact: redactor(secrets),
      ...(surroundings.signal === undefined ? {} : { signal: surroundings.signal }),
    });
  }
}
