import { RingwallError } from "../../lib/error.ts";
import { type JsonAnswer, type JsonRequest, type JsonServer, strange } from "../http/json-server.ts";
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

interface Held {
  readonly token: string;
  /** On the clock of the surroundings. */
  readonly since: number;
  /** Undefined for one that does not run out, or of which nobody may say when it does. */
  readonly lifeMilliseconds: number | undefined;
  readonly renewable: boolean;
}

/**
 * A token that is fit to use: read or got by signing in once it is needed, renewed when two thirds of its life are over,
 * and got anew when its longest life is nearly reached, where that can be done.
 */
export class VaultToken {
  readonly #server: JsonServer;
  readonly #login: VaultLogin;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #surroundings: StoreSurroundings;
  /** Shared by calls that come while it is got, so that one of them signs in. */
  #held: Promise<Held> | undefined;

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

  async current(): Promise<string> {
    this.#held ??= this.#first();
    const asked = this.#held;
    try {
      const held = await asked;
      if (!this.#isDue(held)) return held.token;
      // Whoever comes first renews; the others wait for what comes of it.
      if (this.#held === asked) this.#held = this.#renewed(held);
      return (await this.#held).token;
    } catch (error) {
      this.#held = undefined;
      throw error;
    }
  }

  /** Called when Vault refused the token: true when another one is worth a try. */
  giveUp(token: string): boolean {
    void token;
    this.#held = undefined;
    return this.#login.kind === "approle";
  }

  #isDue({ since, lifeMilliseconds }: Held): boolean {
    return lifeMilliseconds !== undefined && this.#surroundings.clock() - since >= (lifeMilliseconds * 2) / 3;
  }

  async #first(): Promise<Held> {
    if (this.#login.kind === "approle") return await this.#signIn(this.#login);
    const token = await readPrivateFile(this.#login.tokenFile, "the token for Vault");
    const answer = await this.#ask({ method: "GET", path: "/v1/auth/token/lookup-self" }, token);
    // A token may be good and still not be allowed to look itself up: then its first use tells.
    if (answer.status === 403) return this.#holding(token, undefined, false);
    if (answer.status !== 200) throw refusal(answer, "look its own token up", this.#server.host);
    const found = lookupAnswer.safeParse(answer.body);
    if (!found.success) throw strange("Vault", this.#server.host);
    const { ttl, renewable } = found.data.data;
    return this.#holding(token, ttl === 0 ? undefined : ttl, renewable === true);
  }

  async #signIn({ mount, roleIdFile, secretIdFile }: VaultLogin & { kind: "approle" }): Promise<Held> {
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
    return this.#heldFrom(answer);
  }

  async #renewed(held: Held): Promise<Held> {
    const answer = held.renewable
      ? await this.#ask({ method: "POST", path: "/v1/auth/token/renew-self", body: {} }, held.token)
      : undefined;
    const renewed = answer?.status === 200 ? this.#heldFrom(answer) : undefined;
    if (this.#login.kind === "approle") {
      // Near its longest life a renewal gives less and less: then it is time for another token.
      const worth = renewed?.lifeMilliseconds ?? 0;
      return worth >= (held.lifeMilliseconds ?? 0) / 2 && renewed !== undefined
        ? renewed
        : await this.#signIn(this.#login);
    }
    if (renewed !== undefined) return renewed;
    const left = held.since + (held.lifeMilliseconds ?? 0) - this.#surroundings.clock();
    if (left > 0) return held;
    throw new RingwallError("permission", `The token for Vault at ${this.#server.host} has expired.`, {
      hint: `Put a new one into ${this.#login.tokenFile}; with AppRole Ringwall gets one by itself.`,
    });
  }

  #heldFrom(answer: JsonAnswer): Held {
    const found = loginAnswer.safeParse(answer.body);
    if (!found.success) throw strange("Vault", this.#server.host);
    const { client_token, lease_duration, renewable } = found.data.auth;
    return this.#holding(client_token, lease_duration === 0 ? undefined : lease_duration, renewable);
  }

  #holding(token: string, seconds: number | undefined, renewable: boolean): Held {
    const lifeMilliseconds = seconds === undefined ? undefined : seconds * 1000;
    return { token, since: this.#surroundings.clock(), lifeMilliseconds, renewable };
  }

  #ask(request: JsonRequest, token: string | undefined): Promise<JsonAnswer> {
    const headers = { ...this.#headers, ...(token === undefined ? {} : { "x-vault-token": token }) };
    return retrying(() => this.#server.request({ ...request, headers }), this.#surroundings, isSealed);
  }
}
