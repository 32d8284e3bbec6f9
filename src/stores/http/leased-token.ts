/** A token with the time that it lives. */
export interface Lease {
  readonly token: string;
  /** On the clock that `LeasedToken` was given. */
  readonly since: number;
  /** Undefined for one that does not run out, or of which nobody says when it does. */
  readonly lifeMilliseconds: number | undefined;
  readonly renewable: boolean;
}

export interface LeaseSource {
  /** Reads the token, or signs in. */
  first(): Promise<Lease>;
  /** Another lease when two thirds of this one are over; this one again where nothing can be done yet. */
  renew(lease: Lease): Promise<Lease>;
}

/** A token that is fit to use: got when it is first needed, and renewed in time. Calls that come together share one. */
export class LeasedToken {
  readonly #source: LeaseSource;
  readonly #clock: () => number;
  #held: Promise<Lease> | undefined;
  #last: string | undefined;

  constructor(source: LeaseSource, clock: () => number) {
    this.#source = source;
    this.#clock = clock;
  }

  async current(): Promise<string> {
    const held = this.#held ?? this.#source.first();
    this.#held = held;
    try {
      const lease = await held;
      // Whoever comes first renews; the others wait for what comes of it.
      if (this.#isDue(lease) && this.#held === held) this.#held = this.#source.renew(lease);
      const { token } = this.#isDue(lease) && this.#held !== undefined ? await this.#held : lease;
      this.#last = token;
      return token;
    } catch (error) {
      this.#held = undefined;
      throw error;
    }
  }

  /** Called when the server refused this token: the next call gets another one. */
  giveUp(token: string): void {
    if (this.#last === token) this.#held = undefined;
  }

  #isDue({ since, lifeMilliseconds }: Lease): boolean {
    return lifeMilliseconds !== undefined && this.#clock() - since >= (lifeMilliseconds * 2) / 3;
  }
}
