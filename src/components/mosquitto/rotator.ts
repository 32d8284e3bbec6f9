import type { ResolvedSecret, ResolvedStack } from "../../contracts/resolved.ts";
import type {
  Credential,
  CredentialCheck,
  Rotation,
  RotationOutline,
  RotationTools,
  Vantage,
} from "../../contracts/rotator.ts";
import { RingwallError } from "../../lib/error.ts";
import type { Secret } from "../../secrets/secret.ts";
import { defineRotator } from "../define-rotator.ts";
import { turnOf } from "../turns.ts";
import { passwordFile } from "./config.ts";
import { listensPlain, type MosquittoSettings, mosquittoSettings } from "./settings.ts";
import { restingUser } from "./user-pair.ts";

/** How long the broker may take to read its password file again; it does so between two rounds of its one loop. */
const takesEffectMs = 10_000;

interface Broker {
  readonly service: string;
  readonly settings: MosquittoSettings;
  /** The secret of the stack that is the whole password file. */
  readonly file: string;
  readonly secret: string;
  readonly base: string;
  readonly inTurn: boolean;
}

/**
 * The password of a Mosquitto user. Two users with the same topics take turns where every client that the stack knows
 * takes the name with the password, or where clients are outside and both are to work for a while; else the password is
 * changed in place. The broker reads its password file again on SIGHUP, and keeps every client whose user is still
 * in it with the same password.
 */
export const mosquittoUser = defineRotator<Broker>({
  name: "mosquitto-user",
  target: brokerOf,
  outline,
  begin: (broker, tools) => new MosquittoUserRotation(broker, tools),
});

function brokerOf(secret: ResolvedSecret, stack: ResolvedStack): Broker | undefined {
  const { issuedBy } = secret;
  const service = stack.services.find(({ name }) => name === issuedBy?.service);
  if (issuedBy === undefined || service?.component !== "mosquitto") return undefined;
  const file = service.secrets.find(({ target }) => target === passwordFile)?.secret;
  if (file === undefined) return undefined;
  return {
    service: service.name,
    settings: mosquittoSettings.parse(service.settings),
    file,
    secret: secret.name,
    base: issuedBy.account,
    inTurn: turnOf(secret, stack) === "pair",
  };
}

function outline({ service, base, inTurn }: Broker, users: readonly string[]): Omit<RotationOutline, "rotator"> {
  return {
    consumers: users,
    issuer: service,
    overlap: inTurn,
    assisted: false,
    downtime: inTurn
      ? { milliseconds: 0, why: `The users ${base} and ${restingUser(base)} take turns, with the same topics.` }
      : {
          milliseconds: users.length === 0 ? 0 : 3_000 * users.length,
          why:
            users.length === 0
              ? `No service of the stack signs in as ${base}; clients outside are let in again with the new password. With \`overlap: 7d\` on the secret, old and new work side by side for that long.`
              : `One user has one password: ${users.join(", ")} cannot sign in until each has the new one. With \`{user}\` in the template, two users take turns.`,
        },
    group: service,
    stages: {
      stage: inTurn
        ? `add the user that rests, ${base} or ${restingUser(base)}, to the broker's password file`
        : `change the password of ${base} in the broker's password file`,
      revoke: inTurn ? "take the user that was used out of it" : "nothing more: the old password went with the change",
      proof: `sign in to ${service} with the old user and password`,
    },
  };
}

class MosquittoUserRotation implements Rotation {
  readonly #broker: Broker;
  readonly #tools: RotationTools;

  constructor(broker: Broker, tools: RotationTools) {
    this.#broker = broker;
    this.#tools = tools;
  }

  async preflight(): Promise<void> {
    const { service, settings } = this.#broker;
    if (!(await this.#tools.services.isRunning(service))) {
      throw new RingwallError("engine-failed", `The broker "${service}" does not run.`, {
        hint: "Bring the stack up first: `ringwall up`.",
      });
    }
    for (const { secret } of Object.values(settings.users)) {
      if (secret === this.#broker.secret || (await this.#tools.valid(secret)).length > 0) continue;
      throw new RingwallError("secret-missing", `The secret ${secret} of another user of "${service}" has no value.`, {
        hint: "Run `ringwall secrets generate`; a password file without that user would lock its clients out.",
      });
    }
  }

  nextAccount(current: Credential | undefined): string {
    const { base, inTurn } = this.#broker;
    const now = current?.account ?? base;
    if (!inTurn) return now;
    return now === base ? restingUser(base) : base;
  }

  async stage(next: Credential, current: Credential | undefined): Promise<void> {
    await this.#write(this.#broker.inTurn && current !== undefined ? [current, next] : [next]);
    await this.#until(next, "accepted");
  }

  async unstage(_next: Credential, current: Credential | undefined): Promise<void> {
    await this.#write(current === undefined ? [] : [current]);
  }

  async verify({ account, value }: Credential, from: Vantage): Promise<CredentialCheck> {
    const { service, settings, base } = this.#broker;
    const plain = listensPlain(settings);
    return this.#tools.services.login(from, {
      protocol: "mqtt",
      host: service,
      port: plain ? 1883 : 8883,
      tls: !plain,
      user: account ?? base,
      password: value,
    });
  }

  async revoke(previous: Credential, next: Credential): Promise<void> {
    await this.#write([next]);
    await this.#until(previous, "refused");
  }

  /** The whole file: this user as given, every other as it is valid now, so that nobody else notices. */
  async #write(own: readonly Credential[]): Promise<void> {
    const { service, settings, file, secret, base } = this.#broker;
    const entries: { user: string; value: Secret }[] = [];
    for (const [user, { secret: of }] of Object.entries(settings.users).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const mine = of === secret && user === base;
      for (const { account, value } of mine ? own : await this.#tools.valid(of)) {
        entries.push({ user: account ?? user, value });
      }
    }
    const changed = await this.#tools.services.deliverDerived(service, file, entries);
    // Told again after a crash between the two: the file may be new and the broker not know it.
    await this.#tools.services.tell(service);
    if (changed) this.#tools.report(`${service} read its password file again`);
  }

  async #until(credential: Credential, outcome: "accepted" | "refused"): Promise<void> {
    const step = 200;
    let last: CredentialCheck | undefined;
    for (let waited = 0; waited <= takesEffectMs; waited += step) {
      last = await this.verify(credential, { kind: "service", service: this.#broker.service });
      if (last.outcome === outcome) return;
      await this.#tools.sleep(step);
    }
    throw new RingwallError(
      "engine-failed",
      `The broker "${this.#broker.service}" does not follow its new password file: ${last?.detail ?? "no answer"}`,
      { hint: `See \`ringwall logs ${this.#broker.service}\`.` },
    );
  }
}
