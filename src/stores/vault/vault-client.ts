import type { JsonAnswer, JsonRequest, JsonServer } from "../http/json-server.ts";
import { LeasedToken } from "../http/leased-token.ts";
import { retrying, type StoreSurroundings } from "../http/retrying.ts";
import { isSealed } from "./answers.ts";
import { type VaultLogin, VaultTokens } from "./vault-token.ts";

/** Vault or OpenBao with a token: what any path is asked through. */
export class VaultClient {
  readonly host: string;
  readonly surroundings: StoreSurroundings;
  readonly #server: JsonServer;
  readonly #token: LeasedToken;
  readonly #signsIn: boolean;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    server: JsonServer,
    login: VaultLogin,
    options: { readonly namespace?: string | undefined; readonly surroundings: StoreSurroundings },
  ) {
    // Vault's agents and proxies may demand the first one of every request (`require_request_header`).
    const { namespace, surroundings } = options;
    this.#headers = {
      "x-vault-request": "true",
      ...(namespace === undefined ? {} : { "x-vault-namespace": namespace }),
    };
    this.#server = server;
    this.#token = new LeasedToken(new VaultTokens(server, login, this.#headers, surroundings), surroundings.clock);
    this.#signsIn = login.kind === "approle";
    this.host = server.host;
    this.surroundings = surroundings;
  }

  /** What may be asked twice: reads, deletions. The answer may be a refusal. */
  ask(request: JsonRequest): Promise<JsonAnswer> {
    return retrying(() => this.once(request), this.surroundings, isSealed);
  }

  /**
   * Asks a single time; after a refusal of the token once more with a new one. A refused request did nothing, so that
   * this holds for writes too.
   */
  async once(request: JsonRequest): Promise<JsonAnswer> {
    const token = await this.#token.current();
    const answer = await this.#send(request, token);
    if (answer.status !== 403) return answer;
    this.#token.giveUp(token);
    if (!this.#signsIn) return answer;
    return await this.#send(request, await this.#token.current());
  }

  #send(request: JsonRequest, token: string): Promise<JsonAnswer> {
    return this.#server.request({ ...request, headers: { ...this.#headers, "x-vault-token": token } });
  }
}
