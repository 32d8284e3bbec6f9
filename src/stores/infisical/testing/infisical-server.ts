/**
 * A server that answers as Infisical does, for tests: universal auth, and secrets of one project by the API v4.
 *
 * It follows https://infisical.com/docs/api-reference (secrets v4; universal auth) and, where the pages are silent, the
 * sources of 2026: `backend/src/server/routes/v4/secret-router.ts`, `v1/identity-universal-auth-router.ts`,
 * `v1/identity-access-token-router.ts`, `server/plugins/error-handler.ts`. It refuses what the real one refuses: no
 * token, a token that ended or is used up, an identity that is locked, a role without a right, an unknown project,
 * environment or folder, a secret made twice or changed without being there, and bodies that its schemas do not take. It
 * trims values as the real one does.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

export type Action = "read" | "readValue" | "create" | "edit" | "delete";

export type Fault =
  | { readonly kind: "answer"; readonly status: number; readonly body?: unknown }
  | { readonly kind: "cut"; readonly acted: boolean }
  | { readonly kind: "answer-after"; readonly status: number };

interface Stored {
  readonly id: string;
  value: string;
  version: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const trimmed = z.string().transform((value) => (value.at(-1) === "\n" ? `${value.trim()}\n` : value.trim()));
const where = {
  projectId: z.string().trim(),
  environment: z.string().trim(),
  secretPath: z.string().trim().default("/"),
};
const type = z.enum(["shared", "personal"]).default("shared");
const createBody = z.object({ ...where, secretValue: trimmed, type });
const updateBody = z.object({ ...where, secretValue: trimmed.optional(), type });
const deleteBody = z.object({ ...where, type });

const fail = (status: number, error: string, message: unknown): Answer => ({
  status,
  body: { reqId: "req-0S4zUqGRvWnLkz", statusCode: status, message, error },
});

export class InfisicalServer {
  readonly clientId = "c0a8f1de-5f3c-4a53-9d9c-52f1a6cbb6aa";
  readonly clientSecret = "f9a5b3e2c7d14806a1b2c3d4e5f60718293a4b5c6d7e8f901a2b3c4d5e6f7081";
  readonly projectId = "7a8b9c0d-1e2f-4a3b-8c4d-5e6f7a8b9c0d";
  readonly environment = "prod";
  readonly folders = new Set(["/", "/ringwall"]);
  /** By folder and name. */
  readonly secrets = new Map<string, Stored>();
  actions = new Set<Action>(["read", "readValue", "create", "edit", "delete"]);
  /** A policy by which changes wait for somebody's approval. */
  approvals = false;
  tokenSeconds = 7200;
  tokenMaxSeconds = 20_000;
  /** Milliseconds, moved by the tests. */
  now = 0;
  fault: (request: { readonly method: string; readonly path: string }) => Fault | undefined = () => undefined;
  readonly requests: { readonly method: string; readonly path: string }[] = [];
  readonly tokens = new Map<string, { expires: number; readonly last: number }>();
  address = "";
  #server: Server | undefined;
  #made = 0;
  #wrong = 0;

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#handle(request, response));
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((done) => (this.#server === undefined ? done() : this.#server.close(() => done())));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://infisical");
    const seen = { method: request.method ?? "", path: url.pathname };
    this.requests.push(seen);
    const fault = this.fault(seen);
    if (fault?.kind === "answer") return send(response, { status: fault.status, body: fault.body ?? {} });
    const acts = fault === undefined || fault.kind === "answer-after" || fault.acted;
    const text = Buffer.concat(chunks).toString("utf8");
    const answer = acts ? this.#answer(seen, request.headers.authorization, text, url) : undefined;
    if (fault?.kind === "cut" || answer === undefined) {
      response.socket?.destroy();
      return;
    }
    send(response, fault === undefined ? answer : fail(fault.status, "InternalServerError", "Something went wrong"));
  }

  #answer(seen: { method: string; path: string }, authorization: string | undefined, text: string, url: URL): Answer {
    let body: unknown;
    try {
      body = text === "" ? undefined : JSON.parse(text);
    } catch {
      return fail(400, "Bad Request", "Body is not valid JSON");
    }
    if (seen.method === "POST" && seen.path === "/api/v1/auth/universal-auth/login") return this.#login(body);
    if (seen.method === "POST" && seen.path === "/api/v1/auth/token/renew") return this.#renew(body);
    const name = /^\/api\/v4\/secrets(?:\/([^/]+))?$/.exec(seen.path);
    if (name === null) return fail(404, "Not Found", `Route ${seen.method}:${seen.path} not found`);
    const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
    if (token === undefined) return fail(401, "UnauthorizedError", "Token missing");
    const held = this.tokens.get(token);
    if (held === undefined) return fail(401, "UnauthorizedError", "Failed to authorize revoked access token");
    if (held.expires <= this.now) return fail(403, "TokenError", "Your token has expired. Please re-authenticate.");
    return this.#secret(seen.method, name[1] === undefined ? undefined : decodeURIComponent(name[1]), body, url);
  }

  #login(body: unknown): Answer {
    const given = z.object({ clientId: z.string().trim(), clientSecret: z.string().trim() }).safeParse(body);
    if (!given.success) return fail(422, "ValidationFailure", given.error.issues);
    if (this.#wrong >= 3) {
      return fail(401, "UnauthorizedError", "This identity auth method is temporarily locked, please try again later");
    }
    if (given.data.clientId !== this.clientId || given.data.clientSecret !== this.clientSecret) {
      this.#wrong += 1;
      return fail(401, "UnauthorizedError", "Invalid credentials");
    }
    const accessToken = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(`token-${this.#made++}`).toString("base64url")}.c2ln`;
    const last = this.now + this.tokenMaxSeconds * 1000;
    this.tokens.set(accessToken, { expires: this.now + this.tokenSeconds * 1000, last });
    return { status: 200, body: this.#granted(accessToken, this.tokenSeconds) };
  }

  #renew(body: unknown): Answer {
    const given = z.object({ accessToken: z.string() }).safeParse(body);
    const held = given.success ? this.tokens.get(given.data.accessToken) : undefined;
    if (!given.success || held === undefined) return fail(401, "UnauthorizedError", "No identity access token found");
    if (held.expires <= this.now) return fail(403, "TokenError", "Your token has expired. Please re-authenticate.");
    if (this.now + this.tokenSeconds * 1000 > held.last) {
      return fail(401, "UnauthorizedError", "Failed to renew MI access token due to Max TTL expiration");
    }
    held.expires = this.now + this.tokenSeconds * 1000;
    return { status: 200, body: this.#granted(given.data.accessToken, this.tokenSeconds) };
  }

  #granted(accessToken: string, expiresIn: number): unknown {
    return { accessToken, expiresIn, accessTokenMaxTTL: this.tokenMaxSeconds, tokenType: "Bearer" };
  }

  #secret(method: string, name: string | undefined, body: unknown, url: URL): Answer {
    const schemas = { POST: createBody, PATCH: updateBody, DELETE: deleteBody } as const;
    const schema = method === "POST" || method === "PATCH" || method === "DELETE" ? schemas[method] : undefined;
    const asked =
      schema === undefined ? z.object(where).safeParse(Object.fromEntries(url.searchParams)) : schema.safeParse(body);
    if (!asked.success) return fail(422, "ValidationFailure", asked.error.issues);
    const { projectId, environment, secretPath } = asked.data;
    if (projectId !== this.projectId) return fail(404, "NotFound", `Project with ID '${projectId}' not found`);
    if (environment !== this.environment || !this.folders.has(secretPath)) {
      return fail(
        404,
        "NotFound",
        `Folder with path '${secretPath}' in environment with slug '${environment}' not found`,
      );
    }
    if (name === undefined)
      return method === "GET" ? this.#list(secretPath) : fail(404, "Not Found", "Route not found");
    const key = `${secretPath}:${name}`;
    if (method === "GET") return this.#get(key, name, url);
    if (method !== "DELETE" && /[:/]/.test(name))
      return fail(422, "ValidationFailure", [{ message: "Secret name cannot contain colon or forward slash." }]);
    const value = "secretValue" in asked.data ? (asked.data as { secretValue?: string }).secretValue : undefined;
    return this.#change(method, key, name, value);
  }

  #list(secretPath: string): Answer {
    if (!this.actions.has("read")) return denied("describe");
    const found = [...this.secrets].filter(([key]) => key.startsWith(`${secretPath}:`));
    const secrets = found.map(([key, one]) => ({
      ...shown(key.slice(secretPath.length + 1), one),
      secretValue: "<hidden-by-infisical>",
      secretValueHidden: true,
    }));
    return { status: 200, body: { secrets, imports: [] } };
  }

  #get(key: string, name: string, url: URL): Answer {
    if (!this.actions.has("read")) return denied("describe");
    const found = this.secrets.get(key);
    if (found === undefined) return fail(404, "NotFound", `Secret with name '${name}' not found`);
    const hidden = url.searchParams.get("viewSecretValue") === "false" || !this.actions.has("readValue");
    const secret = { ...shown(name, found), secretValueHidden: hidden };
    return { status: 200, body: { secret: hidden ? { ...secret, secretValue: "<hidden-by-infisical>" } : secret } };
  }

  #change(method: string, key: string, name: string, value: string | undefined): Answer {
    const action = method === "POST" ? "create" : method === "PATCH" ? "edit" : "delete";
    const found = this.secrets.get(key);
    if (method === "POST" && found !== undefined) return fail(400, "BadRequest", "Secret already exists");
    if (method !== "POST" && found === undefined) return fail(404, "NotFound", `Secret with name ${name} not found`);
    if (!this.actions.has(action)) return denied(action);
    if (this.approvals) return { status: 200, body: { approval: { id: "b1c2d3", status: "open" } } };
    if (method === "DELETE") {
      this.secrets.delete(key);
      return { status: 200, body: { secret: shown(name, found as Stored) } };
    }
    const stored = found ?? { id: `id-${this.#made++}`, value: "", version: 0 };
    stored.value = value ?? stored.value;
    stored.version += 1;
    this.secrets.set(key, stored);
    return { status: 200, body: { secret: shown(name, stored) } };
  }
}

function denied(action: string): Answer {
  return fail(403, "PermissionDenied", `You are not allowed to ${action} on secrets`);
}

function shown(secretKey: string, { id, value, version }: Stored) {
  return {
    id,
    _id: id,
    secretKey,
    secretValue: value,
    secretComment: "",
    version,
    type: "shared",
    environment: "prod",
  };
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer.body));
}
