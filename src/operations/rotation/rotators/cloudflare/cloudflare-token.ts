import { declaredRotator, defineRotator } from "../../../../components/define-rotator.ts";
import type {
  Credential,
  CredentialCheck,
  Rotation,
  RotationOutline,
  RotationTools,
} from "../../../../contracts/rotator.ts";
import { RingwallError } from "../../../../lib/error.ts";
import { Secret } from "../../../../secrets/secret.ts";
import { CloudflareApi } from "./cloudflare-api.ts";

/** What DNS-01 needs and no more: find the zone, edit its records (caddy-dns/cloudflare, cert-manager). */
const permissions = ["Zone Read", "DNS Write"];

/**
 * A Cloudflare API token for DNS records. With an issuing token in the store it is made and deleted by API, limited to
 * the zones that the declaration names; without one a person makes it and deletes the old one, and Ringwall proves both.
 */
export const cloudflareToken = defineRotator<Choice>({
  name: "cloudflare-token",
  target: (secret) => declaredRotator(secret, "cloudflare"),
  outline,
  begin: (choice, tools, secret, stack) =>
    new CloudflareTokenRotation({
      name: `ringwall ${stack.name}/${secret.name}`,
      secret: secret.name,
      choice,
      tools,
    }),
});

type Choice = NonNullable<ReturnType<typeof declaredRotator<"cloudflare">>>;

function outline({ zones, issuer }: Choice, consumers: readonly string[]): Omit<RotationOutline, "rotator"> {
  const assisted = issuer === undefined;
  return {
    consumers,
    issuer: undefined,
    overlap: true,
    assisted,
    downtime: { milliseconds: 0, why: "Both tokens work until the old one is deleted." },
    group: issuer === undefined ? undefined : `cloudflare ${issuer}`,
    stages: {
      stage: `${assisted ? "ask you for" : "make"} a token that may edit the records of ${zones.join(", ")}, and try it`,
      revoke: assisted ? "ask you to delete the old token" : "delete the old token",
      proof: "ask Cloudflare whether the old token still works",
    },
  };
}

class CloudflareTokenRotation implements Rotation {
  /** Begins the name of every token that this rotator makes for this secret; the operation's id follows. */
  readonly #name: string;
  readonly #secret: string;
  readonly #choice: Choice;
  readonly #tools: RotationTools;
  readonly #api: CloudflareApi;

  constructor(given: { name: string; secret: string; choice: Choice; tools: RotationTools }) {
    this.#name = given.name;
    this.#secret = given.secret;
    this.#choice = given.choice;
    this.#tools = given.tools;
    this.#api = new CloudflareApi({ api: given.choice.api, account: given.choice.account, sleep: given.tools.sleep });
  }

  async preflight(current: Credential | undefined): Promise<void> {
    const issuer = await this.#issuer();
    if (issuer !== undefined) await this.#permissionIds(issuer);
    if (issuer !== undefined) await this.#zoneIds(issuer, current);
  }

  nextAccount(): undefined {
    return undefined;
  }

  async obtain(current: Credential | undefined): Promise<Secret> {
    const issuer = await this.#issuer();
    if (issuer === undefined) return this.#ask();
    const name = `${this.#name} ${this.#tools.id}`;
    const zones = await this.#zoneIds(issuer, current);
    const groups = await this.#permissionIds(issuer);
    const policy = {
      effect: "allow",
      resources: Object.fromEntries(zones.map((id) => [`com.cloudflare.api.account.zone.${id}`, "*"])),
      permission_groups: groups.map((id) => ({ id })),
    };
    for (let attempt = 0; attempt < 3; attempt++) {
      const made = await this.#api.create(issuer, { name, policies: [policy] });
      if (made !== undefined) return new Secret(this.#secret, made.value);
      // It may have been made, but its value is told once: what bears our name is of no use to anybody.
      for (const lost of (await this.#api.tokens(issuer)).filter((one) => one.name === name)) {
        await this.#api.delete(issuer, lost.id);
      }
    }
    throw new RingwallError("network", "Cloudflare made no token: its API does not answer.", {
      hint: "Nothing was changed. Run the command again later.",
    });
  }

  async #ask(): Promise<Secret> {
    const { zones, account } = this.#choice;
    const where = account === undefined ? "My Profile > API Tokens" : "Manage Account > Account API Tokens";
    return this.#tools.ask(
      `Make a token in Cloudflare's dashboard (${where} > Create Token > Edit zone DNS) for ${zones.join(", ")}, and paste it here`,
    );
  }

  /** Nothing is to be made ready: the token works from when it was made. It is tried, so that a wrong one stops here. */
  async stage(next: Credential): Promise<void> {
    const { outcome, detail } = await this.verify(next);
    if (outcome !== "accepted") {
      throw new RingwallError(
        outcome === "refused" ? "permission" : "network",
        `The new token does not work: ${detail}.`,
      );
    }
    for (const zone of this.#choice.zones) {
      if ((await this.#api.zoneId(next.value, zone)) !== undefined) continue;
      throw new RingwallError("permission", `The new token does not see the zone ${zone}.`, {
        hint: `It needs ${permissions.join(" and ")} on each of ${this.#choice.zones.join(", ")}.`,
      });
    }
  }

  async unstage(next: Credential): Promise<void> {
    await this.#end(next, "the new token, which is not used");
  }

  async verify({ value }: Credential): Promise<CredentialCheck> {
    const answer = await this.#api.verify(value);
    if (answer.kind === "refused") return { outcome: "refused", detail: `Cloudflare does not take it (${answer.why})` };
    if (answer.kind === "failed") return { outcome: "unreachable", detail: `Cloudflare: ${answer.why}` };
    const { status } = answer.result;
    return { outcome: status === "active" ? "accepted" : "refused", detail: `Cloudflare says ${safeWord(status)}` };
  }

  async revoke(previous: Credential): Promise<void> {
    await this.#end(previous, "the old token");
  }

  /** Its id is asked of Cloudflare with the token itself; a token that is not taken any more has been deleted. */
  async #end({ value }: Credential, which: string): Promise<void> {
    const answer = await this.#api.verify(value);
    if (answer.kind === "refused") return;
    if (answer.kind === "failed")
      throw new RingwallError("network", `Cloudflare does not tell of ${which}: ${answer.why}.`);
    const issuer = await this.#issuer();
    if (issuer !== undefined) return this.#api.delete(issuer, answer.result.id);
    await this.#tools.ask(
      `Delete ${which} in Cloudflare's dashboard (its id begins with ${answer.result.id.slice(0, 8)}), then press Enter`,
    );
  }

  async orphans() {
    const issuer = await this.#issuer();
    const current = await this.#tools.other(this.#secret);
    if (issuer === undefined || current === undefined) return [];
    const present = await this.#api.verify(current);
    if (present.kind !== "result") return [];
    const ours = (await this.#api.tokens(issuer)).filter(
      ({ id, name }) => name.startsWith(`${this.#name} `) && id !== present.result.id,
    );
    return ours.map(({ id, name }) => ({
      name: `token ${id.slice(0, 8)} of Cloudflare`,
      operation: name.slice(this.#name.length + 1),
      remove: () => this.#api.delete(issuer, id),
    }));
  }

  async #issuer(): Promise<Secret | undefined> {
    const { issuer } = this.#choice;
    if (issuer === undefined) return undefined;
    const value = await this.#tools.other(issuer);
    if (value !== undefined) return value;
    throw new RingwallError("secret-missing", `The token "${issuer}", which makes tokens, has no value.`, {
      hint: `Run \`ringwall secrets set ${issuer}\`, or take \`issuer\` out of the declaration to be asked for each token.`,
    });
  }

  async #permissionIds(issuer: Secret): Promise<readonly string[]> {
    const groups = await this.#api.permissionGroups(issuer);
    return permissions.map((wanted) => {
      const found = groups.find(({ name }) => name === wanted);
      if (found !== undefined) return found.id;
      throw new RingwallError("unsupported", `Cloudflare has no permission called "${wanted}" any more.`);
    });
  }

  /** The issuing token need not see zones, and better does not; the present one does. */
  async #zoneIds(issuer: Secret, current: Credential | undefined): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const zone of this.#choice.zones) {
      const id =
        (current === undefined ? undefined : await this.#api.zoneId(current.value, zone)) ??
        (await this.#api.zoneId(issuer, zone));
      if (id === undefined) {
        throw new RingwallError("not-found", `Neither the present token nor the issuing one sees the zone ${zone}.`, {
          hint: "See that the zone's name is right; the issuing token may need Zone Read for the first rotation.",
        });
      }
      ids.push(id);
    }
    return ids;
  }
}

function safeWord(text: string): string {
  return /^[a-z_-]{1,20}$/.test(text) ? text : "something else than active";
}
