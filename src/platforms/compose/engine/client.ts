import { readFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { z } from "zod";
import { RingwallError } from "../../../lib/error.ts";
import { describeEndpoint, type Endpoint } from "./endpoint.ts";

/** The oldest engine API that is spoken: that of Docker Engine 20.10. */
export const oldestApi = "1.41";
/** The newest whose answers are known to be read rightly; a newer engine is asked for this one. */
export const newestApi = "1.51";

const versionSchema = z.object({
  Version: z.string().default("unknown"),
  ApiVersion: z.string().regex(/^\d+\.\d+$/, "expected a version such as 1.41"),
  MinAPIVersion: z
    .string()
    .regex(/^\d+\.\d+$/)
    .default("1.12"),
});

export interface ClientOptions {
  /** Milliseconds without a byte from the engine after which it counts as stuck. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

const defaultTimeout = 15_000;
const largestAnswer = 128 * 1024 * 1024;

/** The query of one request; undefined values are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/**
 * A client of the Docker Engine API that only reads: it sends GET and nothing else. Every failure is a
 * `RingwallError` of a code that tells it apart.
 */
export class EngineClient {
  readonly endpoint: Endpoint;
  /** The engine's own version, and the API version that is spoken with it. */
  readonly version: string;
  readonly apiVersion: string;
  readonly #timeout: number;
  readonly #signal: AbortSignal | undefined;

  private constructor(endpoint: Endpoint, version: string, apiVersion: string, options: ClientOptions) {
    this.endpoint = endpoint;
    this.version = version;
    this.apiVersion = apiVersion;
    this.#timeout = options.timeout ?? defaultTimeout;
    this.#signal = options.signal;
  }

  /** Asks the engine for its version and settles the API version to speak. */
  static async connect(endpoint: Endpoint, options: ClientOptions = {}): Promise<EngineClient> {
    const first = new EngineClient(endpoint, "unknown", "", options);
    const found = await first.get("/version", versionSchema);
    return new EngineClient(endpoint, found.Version, agreedVersion(found, endpoint), options);
  }

  /** The parsed answer; a 404 is an error of code `not-found`. */
  async get<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T> {
    const found = await this.find(path, schema, query);
    if (found === undefined) throw this.#failed(path, "the engine knows no such object", "not-found");
    return found;
  }

  /** The parsed answer, or undefined when the engine knows no such object. */
  async find<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T | undefined> {
    const answer = await this.#request(path, query);
    const body = await this.#readAll(path, answer);
    if (answer.statusCode === 404) return undefined;
    if ((answer.statusCode ?? 0) >= 400) throw this.#failed(path, engineMessage(body, answer), statusCode(answer));
    return this.#parse(path, body, schema);
  }

  /** The answer's bytes, at most `limit` of them: the connection is ended when there are more. */
  async bytes(path: string, query: Query = {}, limit = largestAnswer): Promise<Buffer> {
    const answer = await this.#request(path, query);
    if ((answer.statusCode ?? 0) >= 400) {
      const body = await this.#readAll(path, answer);
      throw this.#failed(path, engineMessage(body, answer), statusCode(answer));
    }
    return this.#readAll(path, answer, limit);
  }

  #request(path: string, query: Query): Promise<IncomingMessage> {
    if (this.endpoint.kind === "ssh") throw sshRefused(this.endpoint);
    const prefix = this.apiVersion === "" ? "" : `/v${this.apiVersion}`;
    const options: RequestOptions = {
      ...connectionOf(this.endpoint),
      method: "GET",
      path: `${prefix}${path}${queryText(query)}`,
      headers: { host: "engine", accept: "application/json" },
      timeout: this.#timeout,
      // A connection of its own: one kept alive may be closed by the engine just when it is used again.
      agent: false,
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    };
    return new Promise((resolve, reject) => {
      const secure = this.endpoint.kind === "tcp" && this.endpoint.tls !== undefined;
      const request: ClientRequest = secure ? requestTls(options) : requestPlain(options);
      request.on("timeout", () => request.destroy(this.#stuck(path)));
      request.on("error", (error) => reject(this.#connectionFailure(path, error)));
      request.on("response", resolve);
      request.end();
    });
  }

  #readAll(path: string, answer: IncomingMessage, limit?: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = () => resolve(Buffer.concat(chunks).subarray(0, limit));
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (limit !== undefined && length >= limit) {
          finish();
          answer.destroy();
        } else if (length > largestAnswer) {
          reject(this.#failed(path, `its answer is larger than ${largestAnswer >> 20} MiB`, "too-large"));
          answer.destroy();
        }
      });
      answer.on("end", finish);
      answer.on("error", (error) => reject(this.#connectionFailure(path, error)));
      answer.on("close", () => {
        if (!answer.complete) reject(this.#failed(path, "it ended the connection in the middle of its answer"));
      });
    });
  }

  #parse<T>(path: string, body: Buffer, schema: z.ZodType<T>): T {
    let json: unknown;
    try {
      json = JSON.parse(body.toString("utf8"));
    } catch {
      throw this.#failed(path, "its answer is not JSON; is that a container engine?");
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where =
      issue === undefined || issue.path.length === 0 ? "its answer" : `"${issue.path.join(".")}" of its answer`;
    throw this.#failed(path, `${where} is not what the Engine API promises (${issue?.message ?? "unknown"})`);
  }

  #failed(path: string, why: string, code: RingwallError["code"] = "engine-failed"): RingwallError {
    return new RingwallError(
      code,
      `The engine at ${describeEndpoint(this.endpoint)} failed to answer GET ${path}: ${why}.`.replace("?.", "?"),
    );
  }

  #stuck(path: string): RingwallError {
    return this.#failed(path, `it said nothing for ${Math.round(this.#timeout / 1000)} s`);
  }

  #connectionFailure(path: string, error: NodeJS.ErrnoException): RingwallError {
    if (error instanceof RingwallError) return error;
    const at = describeEndpoint(this.endpoint);
    switch (error.code) {
      case "ENOENT":
      case "ECONNREFUSED":
      case "ENOTFOUND":
      case "EHOSTUNREACH":
      case "ETIMEDOUT":
        return new RingwallError("engine-missing", `No container engine answers at ${at}.`, {
          hint: "Start it (`sudo systemctl start docker`), or name another with DOCKER_HOST or `docker context use`.",
          cause: error,
        });
      case "EACCES":
      case "EPERM":
        return new RingwallError("permission", `The engine's socket ${at} may not be opened by this user.`, {
          hint: "Run as root, use a rootless engine, or join the group `docker` (whoever is in it is as good as root).",
          cause: error,
        });
      case "ABORT_ERR":
        return new RingwallError("interrupted", `GET ${path} was interrupted.`, { cause: error });
      case "ECONNRESET":
      case "EPIPE":
        return this.#failed(path, "it ended the connection in the middle of its answer");
      default:
        return this.#failed(path, error.message);
    }
  }
}

function connectionOf(endpoint: Endpoint): RequestOptions & { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  switch (endpoint.kind) {
    case "unix":
      return { socketPath: endpoint.path };
    case "ssh":
      throw sshRefused(endpoint);
    case "tcp": {
      const { host, port, tls } = endpoint;
      if (tls === undefined) return { host, port };
      return {
        host,
        port,
        ...(tls.ca === undefined ? {} : { ca: readCertificate(tls.ca) }),
        ...(tls.certificate === undefined ? {} : { cert: readCertificate(tls.certificate) }),
        ...(tls.key === undefined ? {} : { key: readCertificate(tls.key) }),
        ...(tls.verify ? {} : { rejectUnauthorized: false }),
      };
    }
  }
}

function readCertificate(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new RingwallError("unreadable", `The engine's certificate ${path} cannot be read.`, { cause: error });
  }
}

function sshRefused(endpoint: Endpoint): RingwallError {
  return new RingwallError(
    "unsupported",
    `The engine at ${describeEndpoint(endpoint)} is reached by SSH, which Ringwall does not speak.`,
    {
      hint: "Run Ringwall on that machine, or forward its socket: `ssh -L /tmp/engine.sock:/var/run/docker.sock …` and DOCKER_HOST=unix:///tmp/engine.sock.",
    },
  );
}

function queryText(query: Query): string {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function engineMessage(body: Buffer, answer: IncomingMessage): string {
  const schema = z.object({ message: z.string() });
  try {
    const said = schema.safeParse(JSON.parse(body.toString("utf8")));
    if (said.success) return `${answer.statusCode}, ${said.data.message.replace(/\.$/, "")}`;
  } catch {
    // Not JSON: the status alone is told.
  }
  return `status ${answer.statusCode}`;
}

function statusCode(answer: IncomingMessage): RingwallError["code"] {
  return answer.statusCode === 404 ? "not-found" : answer.statusCode === 403 ? "permission" : "engine-failed";
}

function agreedVersion(found: z.infer<typeof versionSchema>, endpoint: Endpoint): string {
  if (compareApi(found.ApiVersion, oldestApi) < 0) {
    throw new RingwallError(
      "engine-too-old",
      `The engine at ${describeEndpoint(endpoint)} is too old: version ${found.Version}, API ${found.ApiVersion}.`,
      { hint: `Ringwall needs API ${oldestApi} or newer (Docker Engine 20.10).` },
    );
  }
  if (compareApi(found.MinAPIVersion, newestApi) > 0) return found.MinAPIVersion;
  return compareApi(found.ApiVersion, newestApi) < 0 ? found.ApiVersion : newestApi;
}

/** Negative, 0 or positive as API version `a` is older than, the same as, or newer than `b`. */
export function compareApi(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}
