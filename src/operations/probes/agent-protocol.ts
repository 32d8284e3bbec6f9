/**
 * What is said between a probe and its agents, as JSON lines. The probe reads what an agent answers by these schemas;
 * the agent itself loads none of this, since one is started for every container and must start fast.
 */
import { z } from "zod";

const tlsVersions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

export const requestSchema = z.object({
  id: z.number().int(),
  scheme: z.enum(["http", "https"]),
  /** The address to connect to; `host` is what is asked for, in SNI and Host. */
  address: z.string(),
  port: z.number().int(),
  host: z.string(),
  path: z.string(),
  method: z.enum(["GET", "HEAD", "POST"]),
  /** Beside Host and User-Agent. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Connects from this address of the place, when it has several. */
  from: z.string().optional(),
  /** The newest TLS version that is offered. */
  newestTls: z.enum(tlsVersions).optional(),
});
export type AgentRequest = z.infer<typeof requestSchema>;

export const responseSchema = z.object({
  id: z.number().int(),
  /** `answered`: a status line came. `aborted`: the connection was closed without one. `silent`: nothing in time. */
  outcome: z.enum(["answered", "aborted", "refused", "tls-refused", "silent", "error"]),
  status: z.number().int().optional(),
  /** Names in lower case; several of one name joined by ", ". */
  headers: z.record(z.string(), z.string()),
  tls: z.string().optional(),
  detail: z.string(),
  milliseconds: z.number(),
});
export type AgentResponse = z.infer<typeof responseSchema>;

export const attemptSchema = z.object({
  id: z.number().int(),
  protocol: z.enum(["tcp", "udp"]),
  address: z.string(),
  port: z.number().int().min(1).max(65535),
});
export type AgentAttempt = z.infer<typeof attemptSchema>;

const loginBase = {
  /** An address, or on the host also a name. */
  address: z.string(),
  port: z.number().int().min(1).max(65535),
  user: z.string(),
  /** Goes to the agent by its standard input alone. */
  password: z.string(),
};
export const loginSchema = z.discriminatedUnion("protocol", [
  z.object({ protocol: z.literal("postgres"), ...loginBase, database: z.string() }),
  /** SHA-256 fingerprints of the certificates that the server may show; any when there are none. */
  z.object({ protocol: z.literal("mqtt"), ...loginBase, tls: z.boolean(), certificates: z.array(z.string()) }),
]);
export type AgentLogin = z.infer<typeof loginSchema>;

export const loginOutcomeSchema = z.object({
  outcome: z.enum(["accepted", "refused", "unreachable"]),
  /** A clause without any value, and without a text of the server. */
  detail: z.string(),
  milliseconds: z.number(),
});
export type AgentLoginOutcome = z.infer<typeof loginOutcomeSchema>;

export const jobSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("connect"),
    attempts: z.array(attemptSchema),
    timeoutMs: z.number().int().min(10),
    /** Sent by UDP, and expected back from a listener that is ours. */
    token: z.string(),
    concurrency: z.number().int().min(1),
  }),
  /** Asks over HTTP: one after another, each on a connection of its own; or several at once, over kept ones. */
  z.object({
    kind: z.literal("ask"),
    requests: z.array(requestSchema),
    timeoutMs: z.number().int().min(10),
    concurrency: z.number().int().min(1),
  }),
  /** Resolves names with the given server, as a process there would. */
  z.object({
    kind: z.literal("resolve"),
    names: z.array(z.string()),
    server: z.string(),
    timeoutMs: z.number().int().min(10),
  }),
  /** Signs in once. */
  z.object({ kind: z.literal("login"), login: loginSchema, timeoutMs: z.number().int().min(10) }),
  /** Listens on a free TCP and UDP port of every address and answers with the token until standard input ends. */
  z.object({ kind: z.literal("listen"), token: z.string() }),
]);
export type AgentJob = z.infer<typeof jobSchema>;

/** A line to the agent: a job under a number, or that the job of a number is to end. */
export const orderSchema = z.union([
  z.object({ number: z.number().int(), job: jobSchema }),
  z.object({ number: z.number().int(), stop: z.literal(true) }),
]);
export type AgentOrder = z.infer<typeof orderSchema>;

/** A line from the agent: an answer to the job of a number, or that it is done. */
export const replySchema = z.union([
  z.object({ number: z.number().int(), answer: z.unknown(), done: z.undefined().optional() }),
  z.object({ number: z.number().int(), done: z.literal(true), complaint: z.string().optional() }),
]);
export type AgentReply = z.infer<typeof replySchema>;

export const outcomeSchema = z.object({
  id: z.number().int(),
  /** `open`: a connection, or our token back. `refused`: the target's kernel said no. `silent`: nothing came in time. */
  outcome: z.enum(["open", "refused", "unreachable", "silent", "error"]),
  milliseconds: z.number(),
  detail: z.string(),
});
export type AgentOutcome = z.infer<typeof outcomeSchema>;

export const resolutionSchema = z.object({ name: z.string(), addresses: z.array(z.string()), detail: z.string() });
export type AgentResolution = z.infer<typeof resolutionSchema>;

export const listeningSchema = z.object({ tcp: z.number().int(), udp: z.number().int() });
export type AgentListening = z.infer<typeof listeningSchema>;
