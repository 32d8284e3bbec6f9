import { RingwallError } from "../../lib/error.ts";
import { type JsonAnswer, type JsonRequest, type JsonServer, strange } from "../http/json-server.ts";
import type { Lease, LeaseSource } from "../http/leased-token.ts";
import { readPrivateFile } from "../http/private-file.ts";
import { retrying, type StoreSurroundings } from "../http/retrying.ts";
import { isSealed, loginAnswer, lookupAnswer, refusal } from "./answers.ts";

/** How Ringwall signs in. Credentials are in files, never in the declaration. */
export type VaultLogin =
  | { readonly kind: "token"; readonly tokenFile: string }
  | {
      readonly kind: "approle";
      /** Where the method is mounted under `auth/`; `approle` by default. */
      readonly mount: string;
      readonly roleIdFile: string;
      /** Undefined for a role with `bind_secret_id=false`. */
      readonly secretIdFile: string | undefined;
    };

/** Tokens of Vault: of a file, or by AppRole; renewed while that is worth it, and got anew where that can be done. */
export class VaultTokens implements LeaseSource {
  readonly #server: JsonServer;
  readonly #login: VaultLogin;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #surroundings: StoreSurroundings;

  constructor(
    server: JsonServer,
    login: VaultLogin,
    headers: Readonly<Record<string, string>>,
    surroundings: StoreSurroundings,
  ) {
    this.#server = server;
    this.#login = login;
    this.#headers = headers;
    this.#surroundings = surroundings;
  }

  async first(): Promise<Lease> {
    if (this.#login.kind === "approle") return await this.#signIn(this.#login);
    const token = await readPrivateFile(this.#login.tokenFile, "the token for Vault");
    const answer = await this.#ask({ method: "GET", path: "/v1/auth/token/lookup-self" }, token);
    // A token may be good and still not be allowed to look itself up: then its first use tells.
    if (answer.status === 403) return this.#lease(token, 0, false);
    if (answer.status !== 200) throw refusal(answer, "look its own token up", this.#server.host);
    const found = lookupAnswer.safeParse(answer.body);
    if (!found.success) throw strange("Vault", this.#server.host);
    const { ttl, renewable } = found.data.data;
    return this.#lease(token, ttl, renewable === true);
  }

  async renew(lease: Lease): Promise<Lease> {
    const renewed = lease.renewable ? await this.#renewed(lease.token) : undefined;
    if (this.#login.kind === "approle") {
      // Near its longest life a renewal gives less and less: then it is time for another token.
      const worth = renewed === undefined ? 0 : (renewed.lifeMilliseconds ?? Number.POSITIVE_INFINITY);
      return renewed !== undefined && worth >= (lease.lifeMilliseconds ?? 0) / 2
        ? renewed
        : await this.#signIn(this.#login);
    }
    if (renewed !== undefined) return renewed;
    if (lease.since + (lease.lifeMilliseconds ?? 0) > this.#surroundings.clock()) return lease;
    throw new RingwallError("permission", `The token for Vault at ${this.#server.host} has expired.`, {
      hint: `Put a new one into ${this.#login.tokenFile}; with AppRole Ringwall gets one by itself.`,
    });
  }

  async #renewed(token: string): Promise<Lease | undefined> {
    const answer = await this.#ask({ method: "POST", path: "/v1/auth/token/renew-self", body: {} }, token);
    return answer.status === 200 ? this.#leaseOf(answer) : undefined;
  }

  async #signIn({ mount, roleIdFile, secretIdFile }: VaultLogin & { kind: "approle" }): Promise<Lease> {
    const role_id = await readPrivateFile(roleIdFile, "the role id for Vault");
    const body =
      secretIdFile === undefined
        ? { role_id }
        : { role_id, secret_id: await readPrivateFile(secretIdFile, "the secret id for Vault") };
    const answer = await this.#ask({ method: "POST", path: `/v1/auth/${mount}/login`, body }, undefined);
    if (answer.status === 400 || answer.status === 403) {
      throw new RingwallError(
        "permission",
        `Vault at ${this.#server.host} does not accept the role id and secret id.`,
        {
          hint: `Issue a new secret id (\`vault write -f auth/${mount}/role/NAME/secret-id\`): it may be used up or expired.`,
        },
      );
    }
    if (answer.status !== 200) throw refusal(answer, "sign in", this.#server.host);
    return this.#leaseOf(answer);
  }

  #leaseOf(answer: JsonAnswer): Lease {
    const found = loginAnswer.safeParse(answer.body);
    if (!found.success) throw strange("Vault", this.#server.host);
    const { client_token, lease_duration, renewable } = found.data.auth;
    return this.#lease(client_token, lease_duration, renewable);
  }

  /** Vault says 0 for a token without an end. */
  #lease(token: string, seconds: number, renewable: boolean): Lease {
    const lifeMilliseconds = seconds === 0 ? undefined : seconds * 1000;
    return { token, since: this.#surroundings.clock(), lifeMilliseconds, renewable };
  }

  #ask(request: JsonRequest, token: string | undefined): Promise<JsonAnswer> {
    const headers = { ...this.#headers, ...(token === undefined ? {} : { "x-vault-token": token }) };
    return retrying(() => this.#server.request({ ...request, headers }), this.#surroundings, isSealed);
  }
}
