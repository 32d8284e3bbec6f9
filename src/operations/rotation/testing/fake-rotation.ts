import type { ResolvedSecret, ResolvedStack } from "../../../contracts/resolved.ts";
import type {
  Credential,
  CredentialCheck,
  Rotation,
  RotationOutline,
  Rotator,
  ServiceControl,
} from "../../../contracts/rotator.ts";
import { RingwallError } from "../../../lib/error.ts";
import type { CallWorld, WorldCall } from "./fake-world.ts";

/** `pair`: two accounts take turns. `single`: one account, whose password is changed in place. */
export type FakeMode = "pair" | "single";

async function done(call: CallWorld, what: WorldCall): Promise<boolean> {
  const answer = await call(what);
  if ("ok" in answer) return answer.ok;
  throw new RingwallError("network", `The issuer failed (${answer.fault}) at "${what.call}".`);
}

/** Services of a fake world. */
export function fakeServices(call: CallWorld): ServiceControl {
  return {
    isRunning: (service) => done(call, { call: "running", service }),
    exec: () => Promise.reject(new Error("nothing runs in a fake service")),
    deliver: async (service, credentials) => {
      for (const [secret, { account, value }] of credentials) {
        await done(call, {
          call: "deliver",
          service,
          secret,
          account: account ?? fakeAccounts(secret)[0],
          value: value.expose(),
        });
      }
      return true;
    },
    deliverDerived: () => Promise.reject(new Error("a fake service has no derived files")),
    tell: async (service) => {
      await done(call, { call: "tell", service });
      return { how: "signal" };
    },
    login: () => Promise.reject(new Error("a fake issuer is asked by its own rotator")),
  };
}

/** The account that a secret begins with, and the one that takes turns with it. */
export function fakeAccounts(secret: string): readonly [string, string] {
  return [secret, `${secret}_b`];
}

/** Rotates every secret that a service named `issuer` of a fake world issues. */
export function fakeRotator(call: CallWorld, mode: FakeMode): Rotator {
  return {
    name: `fake-${mode}`,
    outline: (secret, stack) => (secret.kind === "external" ? undefined : outlineOf(secret, stack, mode)),
    begin: (secret) => new FakeRotation(secret.name, call, mode),
  };
}

function outlineOf(secret: ResolvedSecret, stack: ResolvedStack, mode: FakeMode): RotationOutline {
  const consumers = stack.services.filter((service) => service.secrets.some((use) => use.secret === secret.name));
  return {
    rotator: `fake-${mode}`,
    consumers: consumers.map(({ name }) => name),
    issuer: "issuer",
    overlap: mode === "pair",
    assisted: false,
    downtime:
      mode === "pair"
        ? { milliseconds: 0, why: "Two accounts take turns." }
        : { milliseconds: 1000, why: "One account has one password." },
    group: undefined,
    stages: { stage: "give the account its password", revoke: "end the old account", proof: "sign in with the old" },
  };
}

class FakeRotation implements Rotation {
  readonly #secret: string;
  readonly #call: CallWorld;
  readonly #mode: FakeMode;

  constructor(secret: string, call: CallWorld, mode: FakeMode) {
    this.#secret = secret;
    this.#call = call;
    this.#mode = mode;
  }

  async preflight(): Promise<void> {}

  nextAccount(current: Credential | undefined): string {
    const [first, second] = fakeAccounts(this.#secret);
    return this.#mode === "pair" && (current?.account ?? first) === first ? second : first;
  }

  async stage(next: Credential): Promise<void> {
    await this.#allow(next);
  }

  async unstage(next: Credential, current: Credential | undefined): Promise<void> {
    if (this.#mode === "pair") await done(this.#call, { call: "deny", account: this.#account(next) });
    else if (current !== undefined) await this.#allow(current);
  }

  async verify(credential: Credential): Promise<CredentialCheck> {
    const answer = await this.#call({
      call: "login",
      account: this.#account(credential),
      value: credential.value.expose(),
    });
    if ("fault" in answer) return { outcome: "unreachable", detail: `the issuer does not answer (${answer.fault})` };
    return answer.ok ? { outcome: "accepted", detail: "signed in" } : { outcome: "refused", detail: "wrong password" };
  }

  async revoke(previous: Credential, next: Credential): Promise<void> {
    if (this.#account(previous) === this.#account(next)) return;
    await done(this.#call, { call: "deny", account: this.#account(previous) });
  }

  async #allow(credential: Credential): Promise<void> {
    await done(this.#call, { call: "allow", account: this.#account(credential), value: credential.value.expose() });
  }

  #account({ account }: Credential): string {
    return account ?? fakeAccounts(this.#secret)[0];
  }
}
