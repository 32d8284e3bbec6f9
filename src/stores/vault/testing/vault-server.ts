/**
 * A server that answers as HashiCorp Vault does, for tests: KV version 2, AppRole, tokens, capabilities, audit devices.
 *
 * It follows https://developer.hashicorp.com/vault/api-docs for Vault 1.21 (secret/kv/kv-v2, auth/approle, auth/token,
 * system/health, system/capabilities-self, system/audit, system/internal-ui-mounts) and, where the pages are silent, the
 * sources of v1.21.4 and of vault-plugin-secrets-kv v0.25.0. It refuses what the real one refuses: no token, a token that
 * ended, a path without a capability, a mount that is not there, a wrong `cas`, a body without `data`, a wrong namespace.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { KvMount } from "./kv-mount.ts";

export type Capability = "create" | "read" | "update" | "delete" | "list" | "sudo";

/** Paths (with `*` at the end for all below) and what may be done there. */
export type Policy = Readonly<Record<string, readonly Capability[]>>;

export interface Token {
  readonly id: string;
  readonly policies: readonly string[];
  /** On the server's clock; undefined for one that does not run out. */
  expires: number | undefined;
  /** What no renewal reaches beyond. */
  readonly lastExpiry: number | undefined;
  readonly ttlSeconds: number;
  readonly renewable: boolean;
}

export interface Role {
  readonly roleId: string;
  readonly secretId: string;
  /** How often the secret id may still be used; undefined for without end. */
  usesLeft: number | undefined;
  readonly policies: readonly string[];
  readonly ttlSeconds: number;
  readonly maxTtlSeconds: number;
}

/** What goes wrong with a request: before the server acts on it, or after. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: "cut"; readonly acted: boolean }
  | { readonly kind: "hang"; readonly acted: boolean }
  | { readonly kind: "answer-after"; readonly status: number };

export interface Request {
  readonly method: string;
  readonly path: string;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const fail = (status: number, ...errors: string[]): Answer => ({ status, body: { errors } });
const ok = (data: unknown, rest: Record<string, unknown> = {}): Answer => ({
  status: 200,
  body: {
    request_id: "0f3d5a9e-5f6c-4c3c-a8f1-0d1f3a1b2c3d",
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: null,
    auth: null,
    ...rest,
  },
});

export class VaultServer {
  readonly mounts = new Map<string, KvMount>();
  readonly policies = new Map<string, Policy>();
  readonly tokens = new Map<string, Token>();
  readonly roles: Role[] = [];
  readonly auditDevices = new Map<string, { readonly type: string }>();
  /** Every request that came, in order. */
  readonly requests: Request[] = [];
  /** The only namespace there is; undefined for the root alone. */
  namespace: string | undefined;
  sealed = false;
  /** Milliseconds, moved by the tests. */
  now = 0;
  /** Asked for each request; undefined where all is well. */
  fault: (request: Request) => Fault | undefined = () => undefined;
  address = "";
  #server: Server | undefined;
  #issued = 0;

  async start(tls?: { readonly key: string; readonly cert: string }): Promise<this> {
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response);
    const server = tls === undefined ? createServer(handle) : createSecureServer(tls, handle);
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    this.address = `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((done) => (this.#server === undefined ? done() : this.#server.close(() => done())));
  }

  /** A token with these policies. */
  issue(policies: readonly string[], ttlSeconds = 0, maxTtlSeconds = 0, renewable = ttlSeconds > 0): Token {
    const token: Token = {
      id: `hvs.${Buffer.from(`token-number-${this.#issued++}-of-the-test`).toString("base64url")}`,
      policies,
      expires: ttlSeconds === 0 ? undefined : this.now + ttlSeconds * 1000,
      lastExpiry: maxTtlSeconds === 0 ? undefined : this.now + maxTtlSeconds * 1000,
      ttlSeconds,
      renewable,
    };
    this.tokens.set(token.id, token);
    return token;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://vault");
    const listing = request.method === "LIST" || url.searchParams.get("list") === "true";
    const seen = { method: listing ? "LIST" : (request.method ?? ""), path: decodeURIComponent(url.pathname.slice(1)) };
    this.requests.push(seen);
    const fault = this.fault(seen);
    if (fault?.kind === "answer") return send(response, { status: fault.status, body: fault.body }, fault.headers);
    const acts = fault === undefined || fault.kind === "answer-after" || fault.acted;
    const answer = acts ? this.#answer(seen, request.headers, Buffer.concat(chunks).toString("utf8"), url) : undefined;
    if (fault?.kind === "hang") return;
    if (fault?.kind === "cut" || answer === undefined) {
      response.socket?.destroy();
      return;
    }
    send(response, fault?.kind === "answer-after" ? fail(fault.status, "internal error") : answer);
  }

  #answer(seen: Request, headers: IncomingMessage["headers"], text: string, url: URL): Answer {
    if (!seen.path.startsWith("v1/")) return fail(404);
    const path = seen.path.slice(3);
    if (path === "sys/health")
      return { status: this.sealed ? 503 : 200, body: { sealed: this.sealed, standby: false } };
    if (this.sealed) return fail(503, "Vault is sealed");
    if ((headers["x-vault-namespace"] ?? undefined) !== this.namespace)
      return fail(404, `no handler for route "${path}". route entry not found.`);
    let body: Record<string, unknown> = {};
    if (text !== "") {
      try {
        body = JSON.parse(text) as Record<string, unknown>;
      } catch {
        return fail(400, "failed to parse JSON input: invalid character");
      }
    }
    if (path === "auth/approle/login") return this.#login(body);
    const token = this.tokens.get(String(headers["x-vault-token"] ?? ""));
    if (headers["x-vault-token"] === undefined) return fail(403, "permission denied");
    if (token === undefined || (token.expires !== undefined && token.expires <= this.now)) {
      return fail(403, "permission denied", "invalid token");
    }
    return this.#authenticated(seen.method, path, token, body, url);
  }

  #authenticated(method: string, path: string, token: Token, body: Record<string, unknown>, url: URL): Answer {
    if (path === "auth/token/lookup-self" && method === "GET") return this.#lookup(token);
    if (path === "auth/token/renew-self" && method === "POST") return this.#renew(token);
    if (path === "sys/capabilities-self" && method === "POST") return this.#capabilities(token, body);
    if (path.startsWith("sys/internal/ui/mounts/"))
      return this.#mount(token, path.slice("sys/internal/ui/mounts/".length));
    if (path === "sys/audit") {
      if (!this.#may(token, "sys/audit", "sudo") || !this.#may(token, "sys/audit", "read"))
        return fail(403, "1 error occurred:\n\t* permission denied\n\n");
      return ok(
        Object.fromEntries(
          [...this.auditDevices].map(([name, { type }]) => [
            `${name}/`,
            { type, path: `${name}/`, description: "", local: false, options: {} },
          ]),
        ),
      );
    }
    const name = path.split("/")[0] ?? "";
    const mount = this.mounts.get(name);
    // Asked in this order by the real one: who has no right learns nothing of what is mounted.
    const needed = mount?.capability(method, path.slice(name.length + 1)) ?? (method === "LIST" ? "list" : "read");
    if (!this.#may(token, path, needed)) return fail(403, "1 error occurred:\n\t* permission denied\n\n");
    if (mount === undefined) return fail(404, `no handler for route "${path}". route entry not found.`);
    const answer = mount.answer(method, path.slice(name.length + 1), body, url, new Date(this.now));
    if ("errors" in answer) return fail(answer.status, ...answer.errors);
    return answer.status === 204 ? { status: 204 } : { ...ok(answer.data), status: answer.status };
  }

  #login(body: Record<string, unknown>): Answer {
    if (typeof body.role_id !== "string") return fail(400, "missing role_id");
    const role = this.roles.find(({ roleId }) => roleId === body.role_id);
    if (role === undefined || role.secretId !== body.secret_id || role.usesLeft === 0)
      return fail(400, "invalid role or secret ID");
    if (role.usesLeft !== undefined) role.usesLeft -= 1;
    const token = this.issue(role.policies, role.ttlSeconds, role.maxTtlSeconds);
    return ok(null, { auth: authOf(token, role.ttlSeconds) });
  }

  #lookup(token: Token): Answer {
    const ttl = token.expires === undefined ? 0 : Math.floor((token.expires - this.now) / 1000);
    return ok({
      accessor: "8609694a-cdbc-db9b-d345-e782dbb562ed",
      creation_time: 1523979354,
      creation_ttl: token.ttlSeconds,
      display_name: "token",
      entity_id: "",
      expire_time: token.expires === undefined ? null : new Date(token.expires).toISOString(),
      explicit_max_ttl: 0,
      id: token.id,
      num_uses: 0,
      orphan: true,
      path: "auth/token/create",
      policies: token.policies,
      renewable: token.renewable,
      ttl,
      type: "service",
    });
  }

  #renew(token: Token): Answer {
    if (!token.renewable) return fail(400, "lease is not renewable");
    const wanted = this.now + token.ttlSeconds * 1000;
    token.expires = token.lastExpiry === undefined ? wanted : Math.min(wanted, token.lastExpiry);
    return ok(null, { auth: authOf(token, Math.floor((token.expires - this.now) / 1000)) });
  }

  #capabilities(token: Token, body: Record<string, unknown>): Answer {
    const paths = Array.isArray(body.paths) ? body.paths.map(String) : [];
    if (paths.length === 0) return fail(400, "paths must be supplied");
    const found = paths.map((path) => [path, this.#capabilitiesAt(token, path)] as const);
    return ok(Object.fromEntries(found));
  }

  #mount(token: Token, name: string): Answer {
    const mount = this.mounts.get(name.replace(/\/$/, ""));
    const reaches = token.policies.some((policy) =>
      Object.keys(this.policies.get(policy) ?? {}).some((path) => path.startsWith(`${name}/`)),
    );
    if (mount === undefined || (!reaches && !token.policies.includes("root"))) {
      return fail(
        403,
        `preflight capability check returned 403, please ensure client's policies grant access to path "${name}/"`,
      );
    }
    return ok({ path: `${name}/`, type: "kv", options: { version: String(mount.version) } });
  }

  #may(token: Token, path: string, capability: Capability): boolean {
    const found = this.#capabilitiesAt(token, path);
    return found.includes("root") || found.includes(capability);
  }

  /** The longest matching path of each policy counts, and all policies together. */
  #capabilitiesAt(token: Token, path: string): readonly string[] {
    if (token.policies.includes("root")) return ["root"];
    const found = token.policies.flatMap((name) => {
      const rules = Object.entries(this.policies.get(name) ?? {}).filter(([rule]) => matches(rule, path));
      return rules.sort(([a], [b]) => b.length - a.length)[0]?.[1] ?? [];
    });
    return found.length === 0 ? ["deny"] : [...new Set(found)].sort();
  }
}

function matches(rule: string, path: string): boolean {
  return rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : path === rule || `${path}/` === rule;
}

function authOf(token: Token, leaseSeconds: number): unknown {
  return {
    client_token: token.id,
    accessor: "fd6c9a00-d2dc-3b11-0be5-af7ae0e1d374",
    policies: token.policies,
    token_policies: token.policies,
    metadata: null,
    lease_duration: leaseSeconds,
    renewable: token.renewable,
    entity_id: "",
    token_type: "service",
    orphan: true,
    mfa_requirement: null,
    num_uses: 0,
  };
}

function send(response: ServerResponse, answer: Answer, headers: Record<string, string> = {}): void {
  const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
  response.writeHead(answer.status, { ...(text === "" ? {} : { "content-type": "application/json" }), ...headers });
  response.end(text);
}
