import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

const groups = [
  { id: "dns-write", name: "DNS Write", scopes: ["com.cloudflare.api.account.zone"] },
  { id: "zone-read", name: "Zone Read", scopes: ["com.cloudflare.api.account.zone"] },
];

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly zones: readonly string[];
}

/**
 * Tokens, zones and permission groups as Cloudflare's API version 4 documents them in November 2026: a body with fields
 * that it does not know, a policy without resources or with an unknown permission is refused; a value is told once.
 */
export class Cloudflare {
  readonly tokens = new Map<string, Token>();
  readonly zones = new Map([["zone-1", "example.org"]]);
  /** The next answers in place of the right ones; `acted` does what was asked first. */
  readonly faults: { readonly status: number; readonly acted?: boolean; readonly method?: string }[] = [];
  readonly issuer: Token = { id: "issuer", name: "issuer", value: "issuer-token-value", zones: [] };

  constructor() {
    this.tokens.set(this.issuer.id, this.issuer);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? "/", "http://x");
    const fault =
      this.faults[0]?.method === undefined || this.faults[0].method === request.method
        ? this.faults.shift()
        : undefined;
    const act = () => this.#answer(request, url, Buffer.concat(chunks).toString());
    const right = fault === undefined || fault.acted === true ? act() : ([0, {}] as const);
    const [status, body] = fault === undefined ? right : ([fault.status, {}] as const);
    response.writeHead(status, { "content-type": "application/json", "retry-after": "0" }).end(JSON.stringify(body));
  }

  #answer(request: IncomingMessage, url: URL, body: string): readonly [number, unknown] {
    const value = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const caller = [...this.tokens.values()].find((one) => one.value === value);
    if (caller === undefined) return failure(401, 1000, "Invalid API Token");
    if (url.pathname === "/user/tokens/verify") return success({ id: caller.id, status: "active" });
    if (url.pathname === "/zones") {
      const name = url.searchParams.get("name");
      const seen = [...this.zones].filter(([id, zone]) => zone === name && caller.zones.includes(id));
      return success(seen.map(([id, zone]) => ({ id, name: zone })));
    }
    if (caller.id !== this.issuer.id) return failure(403, 9109, "Unauthorized to access requested resource");
    if (url.pathname === "/user/tokens/permission_groups") return success(groups);
    if (url.pathname === "/user/tokens" && request.method === "GET") {
      return success([...this.tokens.values()].map(({ id, name }) => ({ id, name, status: "active" })));
    }
    if (url.pathname === "/user/tokens" && request.method === "POST") return this.#create(JSON.parse(body));
    const id = /^\/user\/tokens\/([^/]+)$/.exec(url.pathname)?.[1];
    if (request.method === "DELETE" && id !== undefined) {
      return this.tokens.delete(id) ? success({ id }) : failure(404, 1003, "Token not found");
    }
    return failure(404, 7000, "No route for that URI");
  }

  #create(body: Record<string, unknown>): readonly [number, unknown] {
    const { name, policies, ...rest } = body as {
      name: string;
      policies: { effect: string; resources: Record<string, string>; permission_groups: { id: string }[] }[];
    };
    const [policy] = policies ?? [];
    const zones = Object.keys(policy?.resources ?? {}).map((key) =>
      key.replace("com.cloudflare.api.account.zone.", ""),
    );
    const known = policy?.permission_groups.every(({ id }) => groups.some((group) => group.id === id)) === true;
    const right = policy?.effect === "allow" && zones.length > 0 && zones.every((id) => this.zones.has(id)) && known;
    if (typeof name !== "string" || !right || Object.keys(rest).length > 0)
      return failure(400, 1001, "Invalid request body");
    const made = { id: randomBytes(16).toString("hex"), name, value: randomBytes(20).toString("hex"), zones };
    this.tokens.set(made.id, made);
    return success({ id: made.id, name, status: "active", value: made.value });
  }
}

const success = (result: unknown) => [200, { success: true, errors: [], messages: [], result }] as const;
const failure = (status: number, code: number, message: string) =>
  [status, { success: false, errors: [{ code, message }], messages: [], result: null }] as const;
