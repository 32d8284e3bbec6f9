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
import { Secret } from "../../secrets/secret.ts";
import { defineRotator } from "../define-rotator.ts";
import { turnOf } from "../turns.ts";
import { allow, countSessions, deny, endSessions, identifier, literal, madeBy, secondRole } from "./role-sql.ts";
import { scramVerifier } from "./scram-verifier.ts";

/** What the rotator knows of the database that issues a secret. */
interface Issuer {
  readonly service: string;
  readonly database: string;
  readonly administrator: string;
  /** The role that the declaration names; the second of the pair follows from it. */
  readonly base: string;
  readonly inTurn: boolean;
}

/**
 * The password of a PostgreSQL role. Two roles take turns where every service that uses it takes the role's name with
 * the password (`{user}` in its template), or where its users are outside and both are to work for a while: the new one
 * works before the old one ends. Otherwise the one role's password is changed in place, and new connections fail until
 * the last service has the new one. Passwords reach the server as SCRAM verifiers only.
 */
export const postgresRole = defineRotator<Issuer>({
  name: "postgres-role",
  target: issuerOf,
  outline,
  begin: (issuer, tools) => new PostgresRoleRotation(issuer, tools),
});

function issuerOf(secret: ResolvedSecret, stack: ResolvedStack): Issuer | undefined {
  const { issuedBy } = secret;
  const service = stack.services.find(({ name }) => name === issuedBy?.service);
  if (issuedBy === undefined || service?.component !== "postgres") return undefined;
  const administrator = String(service.settings.user);
  return {
    service: service.name,
    database: String(service.settings.database),
    administrator,
    base: issuedBy.account,
    // The administrator owns what he made and signs in by the server's own socket: there is one of him.
    inTurn: issuedBy.account !== administrator && turnOf(secret, stack) === "pair",
  };
}

function outline(issuer: Issuer, takers: readonly string[]): Omit<RotationOutline, "rotator"> {
  const users = takers.filter((name) => name !== issuer.service);
  const second = partner(issuer.base, issuer.base);
  return {
    consumers: takers.toSorted((a, b) => Number(b === issuer.service) - Number(a === issuer.service)),
    issuer: issuer.service,
    overlap: issuer.inTurn,
    assisted: false,
    downtime: issuer.inTurn
      ? { milliseconds: 0, why: `The roles ${issuer.base} and ${second} take turns: both work until the old one ends.` }
      : users.length === 0
        ? { milliseconds: 0, why: `No service of the stack signs in as ${issuer.base}.` }
        : {
            milliseconds: 5_000 * users.length,
            why: `One role has one password: new connections of ${users.join(", ")} fail until each has the new one. With \`{user}\` in the template, two roles take turns and nothing fails.`,
          },
    group: issuer.service,
    stages: issuer.inTurn
      ? {
          stage: `give the role that rests, ${issuer.base} or ${second}, the new password`,
          revoke: "take the password from the role that was used, and end its sessions",
          proof: `sign in to ${issuer.service} with the old role and password from every service that uses it`,
        }
      : {
          stage: `change the password of ${issuer.base}`,
          revoke: `end the sessions of ${issuer.base} that the old password opened`,
          proof: `sign in to ${issuer.service} as ${issuer.base} with the old password`,
        },
  };
}

/** The other of the two roles that take turns. */
function partner(base: string, role: string): string {
  return role === base ? `${base}_b` : base;
}

class PostgresRoleRotation implements Rotation {
  readonly #issuer: Issuer;
  readonly #tools: RotationTools;
  /** When the new password began to work, by the server's clock; unknown after a crash. */
  #staged: string | undefined;

  constructor(issuer: Issuer, tools: RotationTools) {
    this.#issuer = issuer;
    this.#tools = tools;
  }

  async preflight(): Promise<void> {
    const { base, service, administrator } = this.#issuer;
    const [role, rights] = await this.#rows(
      `SELECT count(*) FROM pg_roles WHERE rolname = ${literal(base)};\nSELECT rolsuper FROM pg_roles WHERE rolname = current_user;\n`,
    );
    if (role !== "1") {
      throw new RingwallError("not-found", `PostgreSQL in "${service}" has no role ${base}.`, {
        hint: "Make it in the database, or take it out of the service's `settings.roles`.",
      });
    }
    if (rights !== "t") {
      throw new RingwallError("permission", `${administrator} may not change roles of PostgreSQL in "${service}".`, {
        hint: "The service's `settings.user` must name the administrator that the image made on first start.",
      });
    }
  }

  nextAccount(current: Credential | undefined): string {
    const { base, inTurn } = this.#issuer;
    const now = current?.account ?? base;
    return inTurn ? partner(base, now) : now;
  }

  async stage(next: Credential): Promise<void> {
    const { base } = this.#issuer;
    const role = next.account ?? base;
    const verifier = scramVerifier(next.value, this.#tools.random);
    const made = role === base ? "" : secondRole(base, role, this.#tools.id);
    const rows = await this.#rows(`BEGIN;\n${made}${allow(role, verifier)}COMMIT;\nSELECT clock_timestamp();\n`);
    this.#staged = rows.at(-1);
  }

  async unstage(next: Credential, current: Credential | undefined): Promise<void> {
    const { base, inTurn } = this.#issuer;
    const role = next.account ?? base;
    if (inTurn && next.account !== current?.account) {
      const exists = await this.#rows(`SELECT count(*) FROM pg_roles WHERE rolname = ${literal(role)};\n`);
      if (exists[0] !== "0") await this.#sql(deny(role));
    } else if (current !== undefined) await this.#sql(allow(role, scramVerifier(current.value, this.#tools.random)));
  }

  async verify(credential: Credential, from: Vantage): Promise<CredentialCheck> {
    const { service, database, base } = this.#issuer;
    return this.#tools.services.login(from, {
      protocol: "postgres",
      host: service,
      port: 5432,
      database,
      user: credential.account ?? base,
      password: credential.value,
    });
  }

  /** Only where the new password has a role of its own can the old one's sessions be told from the new one's. */
  async drained(previous: Credential, timeoutMs: number): Promise<boolean> {
    const { base, inTurn } = this.#issuer;
    if (!inTurn) return true;
    const step = 250;
    for (let waited = 0; ; waited += step) {
      const [open] = await this.#rows(countSessions(previous.account ?? base));
      if (open === "0") return true;
      if (waited >= timeoutMs || this.#tools.signal?.aborted === true) return false;
      await this.#tools.sleep(step);
    }
  }

  async revoke(previous: Credential, next: Credential): Promise<void> {
    const { base } = this.#issuer;
    const old = previous.account ?? base;
    if (old !== (next.account ?? base)) await this.#sql(deny(old));
    // Sessions that began after the change were opened with the new password; where that moment is lost, all end.
    else await this.#sql(endSessions(old, this.#staged));
  }

  async orphans() {
    const { base, service } = this.#issuer;
    const inUse = this.#tools.account ?? base;
    const rows = await this.#rows(
      `SELECT rolname || ' ' || shobj_description(oid, 'pg_authid') FROM pg_authid
 WHERE rolpassword IS NOT NULL AND rolname <> ${literal(inUse)}
   AND shobj_description(oid, 'pg_authid') LIKE ${literal(`${madeBy}${base} (%`)};\n`,
    );
    return rows.map((row) => {
      const [role = ""] = row.split(" ");
      return {
        name: `role ${role} of ${service}`,
        operation: /\(([^)]*)\)$/.exec(row)?.[1] ?? "",
        remove: async () => void (await this.#sql(`${deny(role)}DROP ROLE ${identifier(role)};\n`)),
      };
    });
  }

  /** The lines of what a query gives, each its only column. */
  async #rows(sql: string): Promise<readonly string[]> {
    return (await this.#sql(sql)).split("\n").filter((line) => line !== "");
  }

  /** As the administrator over the server's own socket, statements by standard input alone. */
  async #sql(sql: string): Promise<string> {
    const { service, administrator, database } = this.#issuer;
    const command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", administrator, "-d", database];
    const result = await this.#tools.services.exec(service, command, {
      stdin: new Secret("statements for PostgreSQL", sql),
      timeoutMs: 30_000,
    });
    if (result.code === 0) return result.stdout;
    throw new RingwallError(
      "engine-failed",
      `PostgreSQL in "${service}" refused a statement: ${reason(result.stderr)}`,
      {
        hint: `See \`ringwall logs ${service}\`; nothing was taken away from the old password.`,
      },
    );
  }
}

/** The server's own words without the statement, which holds a verifier. */
function reason(stderr: string): string {
  const line = stderr.split("\n").find((text) => /\b(?:ERROR|FATAL|error):/.test(text)) ?? "it gave no reason.";
  return line.replace(/^.*?(?:ERROR|FATAL|error):\s*/, "").replace(/SCRAM-SHA-256\$[^'"\s]*/g, "…");
}
