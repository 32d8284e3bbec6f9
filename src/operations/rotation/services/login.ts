import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { CredentialCheck, LoginAttempt, Vantage } from "../../../contracts/rotator.ts";
import { RingwallError } from "../../../lib/error.ts";
import { isRemote } from "../../../platforms/compose/engine/endpoint.ts";
import type { Deployment } from "../../deploy/deployment.ts";
import type { AgentLogin } from "../../probes/agent-protocol.ts";
import type { Agents } from "../../probes/agents.ts";
import { loginFrom } from "../../probes/namespace.ts";
import { placeLogin } from "./place-login.ts";

export interface LoginOptions {
  readonly deployment: Deployment;
  readonly agents: Agents;
  readonly timeoutMs: number;
}

/** Tries one login from a vantage, with the host's own program in the network of the service's container. */
export async function loginFromVantage(
  from: Vantage,
  attempt: LoginAttempt,
  options: LoginOptions,
): Promise<CredentialCheck> {
  const where = from.kind === "host" ? "this host" : `"${from.service}"`;
  const told = (outcome: CredentialCheck["outcome"], detail: string): CredentialCheck => ({
    outcome,
    detail: `As "${attempt.user}" at ${attempt.host}:${attempt.port}, from ${where}: ${detail}.`,
  });
  if (isRemote(options.deployment.client.endpoint)) {
    return told("unreachable", "the engine is on another machine, whose containers cannot be entered");
  }
  try {
    const placed = await placeLogin(from, attempt, options);
    if ("missing" in placed) return told("unreachable", placed.missing);
    const order = await orderOf(attempt, placed, options.deployment);
    const answer = await loginFrom(placed.place, order, options).catch(async (error: unknown) => {
      // Its agent went down with the container, or never came up: the next try starts another.
      await options.agents.leave(placed.place);
      throw error;
    });
    return answer === undefined ? told("unreachable", "the agent gave no answer") : told(answer.outcome, answer.detail);
  } catch (error) {
    if (error instanceof RingwallError && error.code !== "interrupted") return told("unreachable", clause(error));
    throw error;
  }
}

async function orderOf(
  attempt: LoginAttempt,
  at: { readonly address: string; readonly port: number },
  deployment: Deployment,
): Promise<AgentLogin> {
  const common = { address: at.address, port: at.port, user: attempt.user, password: attempt.password.expose() };
  if (attempt.protocol === "postgres") return { protocol: "postgres", ...common, database: attempt.database };
  const certificates = attempt.tls ? await deliveredCertificates(attempt.host, deployment) : [];
  return { protocol: "mqtt", ...common, tls: attempt.tls, certificates };
}

/** SHA-256 fingerprints of the certificates that lie delivered for a service; empty for a host of another kind. */
async function deliveredCertificates(service: string, { stack, resources }: Deployment): Promise<string[]> {
  const certificates = new Set(stack.secrets.filter(({ kind }) => kind === "tls-self-signed").map(({ name }) => name));
  const files = resources.secretFiles.filter((file) => file.service === service && certificates.has(file.secret));
  const found = await Promise.all(files.map(({ path }) => fingerprintIn(path)));
  return found.flatMap((fingerprint) => fingerprint ?? []);
}

async function fingerprintIn(path: string): Promise<string | undefined> {
  try {
    return new X509Certificate(await readFile(path)).fingerprint256;
  } catch {
    return undefined;
  }
}

function clause(error: RingwallError): string {
  return error.message.replace(/\.$/, "").replace(/^The /, "the ");
}
