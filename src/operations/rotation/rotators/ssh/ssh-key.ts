import { declaredRotator, defineRotator } from "../../../../components/define-rotator.ts";
import type {
  Credential,
  CredentialCheck,
  Rotation,
  RotationOutline,
  RotationTools,
} from "../../../../contracts/rotator.ts";
import { RingwallError } from "../../../../lib/error.ts";
import type { Secret } from "../../../../secrets/secret.ts";
import { withKeyBeside, withoutKey } from "./authorized-keys.ts";
import { makeKey, publicKeyOf, SshHost } from "./ssh-host.ts";

/**
 * An administrator's SSH key: the new public key comes into authorized_keys of each host beside the old one, under the
 * same options; it must let in before the old one is taken out, and the old one must be denied in the end.
 */
export const sshKey = defineRotator<Choice>({
  name: "ssh-key",
  target: (secret) => declaredRotator(secret, "ssh"),
  outline,
  begin: (choice, tools, secret) => new SshKeyRotation(secret.name, choice, tools),
});

type Choice = NonNullable<ReturnType<typeof declaredRotator<"ssh">>>;

function outline({ user, hosts }: Choice, consumers: readonly string[]): Omit<RotationOutline, "rotator"> {
  const where = `authorized_keys of ${user} on ${hosts.join(", ")}`;
  return {
    consumers,
    issuer: undefined,
    overlap: true,
    assisted: false,
    downtime: { milliseconds: 0, why: "Both keys let in until the old one is taken out." },
    group: `ssh ${user}`,
    stages: {
      stage: `add the new key to ${where}, under the options of the old one`,
      revoke: `take the old key out of ${where}`,
      proof: "sign in to each host with the old key",
    },
  };
}

class SshKeyRotation implements Rotation {
  readonly #secret: string;
  readonly #hosts: readonly SshHost[];
  readonly #tools: RotationTools;

  constructor(secret: string, { user, hosts, knownHosts }: Choice, tools: RotationTools) {
    this.#secret = secret;
    this.#hosts = hosts.map((host) => new SshHost(tools.run, { user, host, knownHosts }));
    this.#tools = tools;
  }

  async preflight(current: Credential | undefined): Promise<void> {
    if (current === undefined) {
      throw new RingwallError("secret-missing", `The key ${this.#secret} is not in the store.`, {
        hint: "Set the private key that lets you in now: `ringwall secrets set NAME --file key`.",
      });
    }
    await publicKeyOf(this.#tools.run, current.value);
    for (const host of this.#hosts) {
      const { outcome, detail } = await host.tryKey(current.value);
      if (outcome === "accepted") continue;
      throw new RingwallError(
        outcome === "refused" ? "permission" : "network",
        `The present key does not work: ${detail}.`,
        {
          hint: "Every host must let it in before it is replaced: a host that is left out would lock you out later.",
        },
      );
    }
  }

  nextAccount(): undefined {
    return undefined;
  }

  async obtain(): Promise<Secret> {
    return makeKey(this.#tools.run, this.#secret, `ringwall ${this.#secret} ${this.#tools.id}`);
  }

  async stage(next: Credential, current: Credential | undefined): Promise<void> {
    if (current === undefined) return;
    const old = await publicKeyOf(this.#tools.run, current.value);
    const added = await publicKeyOf(this.#tools.run, next.value);
    for (const host of this.#hosts) {
      const before = await host.readKeys(current.value);
      const after = withKeyBeside(before, old, added, `ringwall ${this.#secret} ${this.#tools.id}`);
      if (after === undefined) {
        throw new RingwallError("conflict", `${host.name} lets the key in, but not by authorized_keys.`, {
          hint: "It may come from AuthorizedKeysFile elsewhere or AuthorizedKeysCommand: such hosts are rotated where their keys are kept.",
        });
      }
      if (after !== before) await host.writeKeys(current.value, before, after);
      this.#tools.report(`${host.name} has both keys`);
    }
  }

  async unstage(next: Credential, current: Credential | undefined): Promise<void> {
    if (current !== undefined) await this.#takeOut(next.value, current.value);
  }

  /** `accepted` or `refused` only where every host says the same; otherwise the sentence tells which said what. */
  async verify({ value }: Credential): Promise<CredentialCheck> {
    const checks = await Promise.all(this.#hosts.map((host) => host.tryKey(value)));
    const outcomes = new Set(checks.map(({ outcome }) => outcome));
    const detail = checks.map((check) => check.detail).join("; ");
    const [only] = outcomes;
    return { outcome: outcomes.size === 1 && only !== undefined ? only : "unreachable", detail };
  }

  async revoke(previous: Credential, next: Credential): Promise<void> {
    await this.#takeOut(previous.value, next.value);
  }

  async #takeOut(gone: Secret, stays: Secret): Promise<void> {
    const key = await publicKeyOf(this.#tools.run, gone);
    for (const host of this.#hosts) {
      const before = await host.readKeys(stays);
      const after = withoutKey(before, key);
      if (after !== before) await host.writeKeys(stays, before, after);
    }
  }
}
