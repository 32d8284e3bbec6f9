import { type ZodType, z } from "zod";
import { RingwallError } from "../../../../lib/error.ts";
import { jsonOf } from "../../../../lib/json.ts";
import { isLocalhost } from "../../../../lib/own-address.ts";
import type { Secret } from "../../../../secrets/secret.ts";

/** Where the API answers (developers.cloudflare.com/api, version 4). */
export const publicApi = "https://api.cloudflare.com/client/v4";

const timeoutMs = 20_000;
const attempts = 4;
/** Tokens on one page; the most that the API gives. */
const perPage = 50;

const envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
  result: z.unknown(),
});

const verified = z.object({ id: z.string(), status: z.string() });
const token = z.object({ id: z.string(), name: z.string(), status: z.string().optional() });
const created = z.object({ id: z.string(), value: z.string().min(1) });
const zone = z.object({ id: z.string(), name: z.string() });
const permissionGroup = z.object({ id: z.string(), name: z.string(), scopes: z.array(z.string()).default([]) });

export type ApiToken = z.infer<typeof token>;

/** What came back of one request: the result, or that the token was not taken, or why nobody can tell. */
type Answer<T> =
  | { readonly kind: "result"; readonly result: T }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string; readonly ambiguous: boolean };

interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/** Cloudflare's API for tokens, of a user or of an account. Values go into a header alone. */
export class CloudflareApi {
  readonly #base: string;
  readonly #owner: string;
  readonly #sleep: (milliseconds: number) => Promise<void>;

  constructor(options: {
    readonly api: string | undefined;
    /** The account that owns the tokens; the user of the issuing token when undefined. */
    readonly account: string | undefined;
    readonly sleep: (milliseconds: number) => Promise<void>;
  }) {
    this.#base = (options.api ?? publicApi).replace(/\/+$/, "");
    this.#owner = options.account === undefined ? "/user" : `/accounts/${encodeURIComponent(options.account)}`;
    this.#sleep = options.sleep;
    refusePlainHttp(this.#base);
  }

  /** The token's id and whether it works now. */
  async verify(value: Secret): Promise<Answer<{ id: string; status: string }>> {
    return this.#ask(value, { method: "GET", path: `${this.#owner}/tokens/verify` }, verified);
  }

  async zoneId(value: Secret, name: string): Promise<string | undefined> {
    const path = `/zones?name=${encodeURIComponent(name)}`;
    const answer = await this.#ask(value, { method: "GET", path }, z.array(zone));
    return answer.kind === "result" ? answer.result.find((found) => found.name === name)?.id : undefined;
  }

  async permissionGroups(issuer: Secret): Promise<readonly z.infer<typeof permissionGroup>[]> {
    const path = `${this.#owner}/tokens/permission_groups`;
    return this.#demand(await this.#ask(issuer, { method: "GET", path }, z.array(permissionGroup)), "list permissions");
  }

  async tokens(issuer: Secret): Promise<readonly ApiToken[]> {
    const all: ApiToken[] = [];
    for (let page = 1; ; page++) {
      const path = `${this.#owner}/tokens?page=${page}&per_page=${perPage}`;
      const found = this.#demand(await this.#ask(issuer, { method: "GET", path }, z.array(token)), "list tokens");
      all.push(...found);
      if (found.length < perPage) return all;
    }
  }

  /** `undefined` where nobody can tell whether it was made: look for its name. */
  async create(issuer: Secret, body: unknown): Promise<{ id: string; value: string } | undefined> {
    const answer = await this.#ask(issuer, { method: "POST", path: `${this.#owner}/tokens`, body }, created);
    if (answer.kind === "failed" && answer.ambiguous) return undefined;
    return this.#demand(answer, "make a token");
  }

  async delete(issuer: Secret, id: string): Promise<void> {
    const path = `${this.#owner}/tokens/${encodeURIComponent(id)}`;
    const answer = await this.#ask(issuer, { method: "DELETE", path }, z.unknown());
    if (answer.kind === "failed" && answer.why.startsWith("404")) return;
    this.#demand(answer, "delete a token");
  }

  #demand<T>(answer: Answer<T>, what: string): T {
    if (answer.kind === "result") return answer.result;
    throw new RingwallError(
      answer.kind === "refused" ? "permission" : "network",
      `Cloudflare did not ${what}: ${answer.why}.`,
      {
        hint:
          answer.kind === "refused"
            ? "The issuing token needs the permission to edit API tokens (template: Create additional tokens)."
            : "Run the command again when the API answers.",
      },
    );
  }

  async #ask<T>(value: Secret, request: Request, schema: ZodType<T>): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#send(value, request);
      if ("failed" in response) {
        // Who asked for something to be made does not ask twice: it may have been made.
        if (request.method !== "POST" && attempt < attempts) {
          await this.#sleep(500 * attempt);
          continue;
        }
        return { kind: "failed", why: response.failed, ambiguous: true };
      }
      if (response.status === 429 && attempt < attempts) {
        await this.#sleep(Math.min(Number(response.retryAfter) || 2 ** attempt, 60) * 1000);
        continue;
      }
      if (response.status >= 500 && request.method !== "POST" && attempt < attempts) {
        await this.#sleep(500 * attempt);
        continue;
      }
      return read(response, schema);
    }
  }

  async #send(value: Secret, { method, path, body }: Request) {
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        redirect: "error",
        headers: { authorization: `Bearer ${value.expose()}`, "content-type": "application/json" },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return {
        status: response.status,
        retryAfter: response.headers.get("retry-after"),
        text: (await response.text()).slice(0, 4 * 1024 * 1024),
      };
    } catch (error) {
      // A value that no header can hold is no token; the error of fetch would show it.
      if (error instanceof TypeError && /header|ByteString/i.test(error.message))
        return { status: 401, retryAfter: null, text: "" };
      return {
        failed: error instanceof Error && error.name === "TimeoutError" ? "no answer in time" : "no connection",
      };
    }
  }
}

/** What the API says of a token that it does not take: gone or never there, malformed, not yet or no longer valid. */
const notTaken = new Set([1000, 1001, 6003, 6111, 9109, 10_000]);

function read<T>(response: { readonly status: number; readonly text: string }, schema: ZodType<T>): Answer<T> {
  const { status } = response;
  const parsed = envelope.safeParse(jsonOf(response.text));
  const errors = parsed.data?.errors ?? [];
  // Words of the other side: its codes say enough, and what it echoes is not for our output.
  const told = errors.map(({ code }) => `code ${code}`).join(", ") || "no reason";
  if (status === 401 || status === 403 || errors.some(({ code }) => notTaken.has(code))) {
    return { kind: "refused", why: `${status}, ${told}` };
  }
  if (status >= 500) return { kind: "failed", why: `${status}`, ambiguous: true };
  if (parsed.data?.success !== true) return { kind: "failed", why: `${status}, ${told}`, ambiguous: false };
  const result = schema.safeParse(parsed.data.result);
  if (result.success) return { kind: "result", result: result.data };
  return { kind: "failed", why: "an answer in an unknown form", ambiguous: false };
}

function refusePlainHttp(base: string): void {
  const { protocol, hostname } = new URL(base);
  if (protocol === "https:" || isLocalhost(hostname)) return;
  throw new RingwallError("invalid", `A token would cross the network in the clear to ${base}.`, {
    hint: "Name the API by https.",
  });
}
