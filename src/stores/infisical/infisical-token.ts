import { type JsonAnswer, type JsonServer, strange } from "../http/json-server.ts";
import type { Lease, LeaseSource } from "../http/leased-token.ts";
import { readPrivateFile } from "../http/private-file.ts";
import { isPassing, retrying, type StoreSurroundings } from "../http/retrying.ts";
import { loginAnswer, refusal } from "./answers.ts";

/** A machine identity with universal auth; both halves are in files. */
export interface InfisicalLogin {
  readonly clientIdFile: string;
  readonly clientSecretFile: string;
}

/** Access tokens of a machine identity: renewed up to their longest life, then got anew. */
export class InfisicalTokens implements LeaseSource {
  readonly #server: JsonServer;
  readonly #login: InfisicalLogin;
  readonly #surroundings: StoreSurroundings;
  /** When the longest life of the token at hand is over; on the clock of the surroundings. */
  #lastExpiry = Number.POSITIVE_INFINITY;

  constructor(server: JsonServer, login: InfisicalLogin, surroundings: StoreSurroundings) {
    this.#server = server;
    this.#login = login;
    this.#surroundings = surroundings;
  }

  async first(): Promise<Lease> {
    const clientId = await readPrivateFile(this.#login.clientIdFile, "the client id for Infisical");
    const clientSecret = await readPrivateFile(this.#login.clientSecretFile, "the client secret for Infisical");
    const path = "/api/v1/auth/universal-auth/login";
    // Never again after a refusal: three wrong ones lock the identity.
    const answer = await this.#post(path, { clientId, clientSecret });
    if (answer.status !== 200) throw refusal(answer, "sign in", this.#server.host);
    const found = loginAnswer.safeParse(answer.body);
    if (!found.success) throw strange("Infisical", this.#server.host);
    const longest = found.data.accessTokenMaxTTL;
    this.#lastExpiry = longest === 0 ? Number.POSITIVE_INFINITY : this.#surroundings.clock() + longest * 1000;
    return this.#lease(found.data.accessToken, found.data.expiresIn);
  }

  async renew(lease: Lease): Promise<Lease> {
    const now = this.#surroundings.clock();
    const life = lease.lifeMilliseconds ?? 0;
    // A renewal reaches no further than the longest life: near it another token is worth more.
    if (now + life / 2 >= this.#lastExpiry || now >= lease.since + life) return await this.first();
    const answer = await this.#post("/api/v1/auth/token/renew", { accessToken: lease.token });
    const found = answer.status === 200 ? loginAnswer.safeParse(answer.body) : undefined;
    return found?.success === true ? this.#lease(found.data.accessToken, found.data.expiresIn) : await this.first();
  }

  /** Infisical says 0 for a token without an end. */
  #lease(token: string, seconds: number): Lease {
    const lifeMilliseconds = seconds === 0 ? undefined : seconds * 1000;
    return { token, since: this.#surroundings.clock(), lifeMilliseconds, renewable: true };
  }

  async #post(path: string, body: unknown): Promise<JsonAnswer> {
    const answer = await retrying(() => this.#server.request({ method: "POST", path, body }), this.#surroundings);
    if (isPassing(answer)) throw refusal(answer, "sign in", this.#server.host);
    return answer;
  }
}
