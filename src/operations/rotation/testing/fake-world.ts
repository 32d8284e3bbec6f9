/** What the world answers when a fault is laid: before it acted, after it acted, or with a status of HTTP. */
export type Fault = "before" | "after" | "timeout-after" | "429" | "500" | "unreachable";

interface Consumer {
  running: boolean;
  /** What lies in its files. */
  delivered: Readonly<Record<string, { readonly account: string; readonly value: string }>>;
  /** What it read when it was last told. */
  using: Readonly<Record<string, { readonly account: string; readonly value: string }>>;
}

export type WorldCall =
  | { readonly call: "allow"; readonly account: string; readonly value: string }
  | { readonly call: "deny"; readonly account: string }
  | { readonly call: "login"; readonly account: string; readonly value: string }
  | {
      readonly call: "deliver";
      readonly service: string;
      readonly secret: string;
      readonly account: string;
      readonly value: string;
    }
  | { readonly call: "tell"; readonly service: string }
  | { readonly call: "running"; readonly service: string };

export type WorldAnswer = { readonly ok: boolean } | { readonly fault: Fault };

/** Reaches a world, in this process or in another one. */
export type CallWorld = (call: WorldCall) => Promise<WorldAnswer>;

/**
 * An issuer that keeps one password for each account and refuses every other one, and services that take what was
 * delivered only when they are told. Outlives the rotation that works with it, as real ones do.
 */
export class FakeWorld {
  readonly accounts = new Map<string, string>();
  readonly consumers = new Map<string, Consumer>();
  /** Faults of coming calls, by the call's name; each is used once, `undefined` lets one through. */
  readonly faults = new Map<WorldCall["call"], (Fault | undefined)[]>();
  readonly calls: WorldCall["call"][] = [];
  /** An issuer that says yes and does nothing when an account is to end. */
  ignoresDeny = false;

  addConsumer(service: string): void {
    this.consumers.set(service, { running: true, delivered: {}, using: {} });
  }

  /** The values that a service signs in with, and whether the issuer takes them: what a client outside would see. */
  works(service: string, secret: string): boolean {
    const using = this.consumers.get(service)?.using[secret];
    return using !== undefined && this.accounts.get(using.account) === using.value;
  }

  answer(call: WorldCall): WorldAnswer {
    this.calls.push(call.call);
    const fault = this.faults.get(call.call)?.shift();
    if (fault === undefined) return this.#act(call);
    if (fault === "after" || fault === "timeout-after") this.#act(call);
    return { fault };
  }

  #act(call: WorldCall): WorldAnswer {
    switch (call.call) {
      case "allow":
        this.accounts.set(call.account, call.value);
        return { ok: true };
      case "deny":
        if (!this.ignoresDeny) this.accounts.delete(call.account);
        return { ok: true };
      case "login":
        return { ok: this.accounts.get(call.account) === call.value };
      case "deliver": {
        const consumer = this.consumers.get(call.service);
        if (consumer === undefined) return { fault: "unreachable" };
        const { account, value } = call;
        consumer.delivered = { ...consumer.delivered, [call.secret]: { account, value } };
        return { ok: true };
      }
      case "tell": {
        const consumer = this.consumers.get(call.service);
        if (consumer === undefined || !consumer.running) return { fault: "unreachable" };
        consumer.using = consumer.delivered;
        return { ok: true };
      }
      case "running":
        return { ok: this.consumers.get(call.service)?.running === true || call.service === "issuer" };
    }
  }
}
