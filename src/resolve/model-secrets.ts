import type { Component, ComponentSecret } from "../contracts/component.ts";
import type { ResolvedSecret, ResolvedSecretUse, SecretIssuer } from "../contracts/resolved.ts";
import type { Declaration, ServiceDeclaration } from "../stack/schema.ts";
import type { RotationPolicy, SecretKind } from "../stack/vocabulary.ts";
import type { ModelContext, ServiceModel } from "./model.ts";
import { userOf } from "./service-user.ts";

/** Characters of a generated value, so that each kind has at least 190 bits. */
const defaultLengths: Readonly<Record<SecretKind, number>> = {
  password: 32,
  hex: 64,
  token: 43,
  "tls-self-signed": 0,
  external: 0,
};
/** Characters below which a kind would have under 128 bits. */
const leastLengths: Readonly<Record<SecretKind, number>> = {
  password: 22,
  hex: 32,
  token: 22,
  "tls-self-signed": 0,
  external: 0,
};

/** A certificate has an end of its own, and who trusts it must be given the next one: it follows no clock of secrets. */
function defaultRotation(kind: SecretKind): RotationPolicy {
  return kind === "tls-self-signed" ? { kind: "on-compromise" } : { kind: "days", days: 90 };
}

export interface Secrets {
  readonly secrets: readonly ResolvedSecret[];
  readonly uses: ReadonlyMap<string, readonly ResolvedSecretUse[]>;
}

/** Every secret of the stack, declared or asked for by a component, and who receives it how. */
export function secretsOf(context: ModelContext, services: ReadonlyMap<string, ServiceModel>): Secrets {
  const secrets = new Map<string, ResolvedSecret>();
  for (const [name, declared] of Object.entries(context.declaration.secrets)) {
    secrets.set(name, declaredSecret(context, name, declared));
  }
  // All that components ask for first, so that any service may use it.
  const asked = new Map(
    [...services.values()].map((service) => [service.name, componentUses(context, service, secrets)]),
  );
  const uses = new Map<string, ResolvedSecretUse[]>();
  for (const service of services.values()) {
    const own = (service.declared.secrets ?? []).flatMap(
      (use, index) => ownUse(context, service, use, index, secrets) ?? [],
    );
    const all = [...(asked.get(service.name) ?? []), ...own];
    uses.set(service.name, all);
    checkTargets(context, service, all);
  }
  for (const issuer of issuersOf(services)) {
    const secret = secrets.get(issuer.secret);
    if (secret === undefined) continue;
    if (secret.issuedBy !== undefined) context.problems.at(issuer.path, issuedTwice(secret.issuedBy, issuer));
    else secrets.set(secret.name, { ...secret, issuedBy: { service: issuer.service, account: issuer.account } });
  }
  for (const service of services.values()) checkTemplates(context, service, secrets);
  return { secrets: [...secrets.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), uses };
}

/** `{user}` is the account that an issuer of the stack gives the secret; without an issuer it stands for nothing. */
function checkTemplates(
  context: ModelContext,
  service: ServiceModel,
  secrets: ReadonlyMap<string, ResolvedSecret>,
): void {
  for (const [index, { secret: name, template }] of (service.declared.secrets ?? []).entries()) {
    const secret = secrets.get(name);
    if (template?.includes("{user}") !== true || secret === undefined || secret.issuedBy !== undefined) continue;
    context.problems.at(
      [...service.path, "secrets", index, "template"],
      `\`{user}\` stands for the account of "${name}", and no service of the stack issues it.`,
      `Write the user's name itself, or name the secret where its issuer is declared, such as \`roles: { app: { secret: ${name} } }\` of a PostgreSQL.`,
    );
  }
}

interface Issuer {
  readonly service: string;
  readonly account: string;
  readonly secret: string;
  readonly path: readonly (string | number)[];
}

/** Each account that a component of the stack issues, with the name of its secret in the stack. */
function issuersOf(services: ReadonlyMap<string, ServiceModel>): readonly Issuer[] {
  return [...services.values()].flatMap((service) =>
    (service.component?.accounts(service.settings) ?? []).map(({ account, secret, own }) => ({
      service: service.name,
      account,
      secret: own === true ? `${service.name}-${secret}` : secret,
      path: [...service.path, "settings"],
    })),
  );
}

function issuedTwice(first: SecretIssuer, second: Issuer): string {
  const told = `"${first.account}" of "${first.service}" and of "${second.account}" of "${second.service}"`;
  return `"${second.secret}" is the password of ${told}: a rotation of one would lock the other out. Give each its own.`;
}

function declaredSecret(context: ModelContext, name: string, declared: Declaration["secrets"][string]): ResolvedSecret {
  const { kind } = declared;
  const length = declared.length ?? defaultLengths[kind];
  const path = ["secrets", name];
  if (length < leastLengths[kind]) {
    context.problems.at(
      [...path, "length"],
      `A ${kind} of ${length} characters can be guessed.`,
      `Take at least ${leastLengths[kind]}, which is 128 bits.`,
    );
  }
  if (kind === "tls-self-signed" && (declared.names ?? []).length === 0) {
    context.problems.at(
      path,
      `The certificate "${name}" is for no \`names\`.`,
      "List the host names or addresses that clients connect to.",
    );
  }
  return {
    name,
    kind,
    length,
    rotation: declared.rotation ?? defaultRotation(kind),
    generated: kind !== "external",
    names: declared.names ?? [],
    overlapSeconds: declared.overlap ?? 0,
    ...(declared.rotator === undefined ? {} : { rotator: declared.rotator }),
    purpose: undefined,
    place: context.places.value(path),
  };
}

function componentUses(
  context: ModelContext,
  service: ServiceModel,
  secrets: Map<string, ResolvedSecret>,
): ResolvedSecretUse[] {
  const component = service.component;
  if (component === undefined) return [];
  const { uid, gid } = userOf(context.declaration.name, service);
  const alertSecrets = (context.declaration.monitoring?.alerts ?? []).flatMap(
    (receiver) => receiver.webhookSecret ?? [],
  );
  return [...component.secrets, ...component.secretsOf(service.settings, alertSecrets)].flatMap((asked) => {
    const name = asked.shared === true ? asked.name : `${service.name}-${asked.name}`;
    if (!ensureSecret(context, service, component, asked, name, secrets)) return [];
    const target = asked.target;
    return [{ secret: name, delivery: "file" as const, target, uid, gid, mode: 0o400, template: undefined }];
  });
}

/** The secret is there: declared, or made because the component asks for it. False when a mistake was reported. */
function ensureSecret(
  context: ModelContext,
  service: ServiceModel,
  component: Component,
  asked: ComponentSecret,
  name: string,
  secrets: Map<string, ResolvedSecret>,
): boolean {
  for (const entry of asked.derived?.entries ?? []) {
    if (!knownSecret(context, [...service.path, "settings"], entry.secret, secrets)) return false;
  }
  if (secrets.has(name)) return true;
  if (asked.shared === true && asked.derived === undefined) {
    return knownSecret(context, [...service.path, "settings"], name, secrets);
  }
  secrets.set(name, {
    name,
    kind: asked.kind,
    length: defaultLengths[asked.kind],
    rotation: defaultRotation(asked.kind),
    generated: asked.kind !== "external" && asked.derived === undefined,
    names: [],
    overlapSeconds: 0,
    ...(asked.derived === undefined ? {} : { derived: asked.derived }),
    purpose: `${component.name}: ${asked.purpose}`,
    place: context.places.key(service.path),
  });
  return true;
}

function knownSecret(
  context: ModelContext,
  path: readonly (string | number)[],
  name: string,
  secrets: ReadonlyMap<string, ResolvedSecret>,
): boolean {
  if (secrets.has(name)) return true;
  if (!context.unread.secrets.has(name)) context.problems.unknownName(path, "secret", name, secrets.keys());
  return false;
}

function ownUse(
  context: ModelContext,
  service: ServiceModel,
  use: NonNullable<ServiceDeclaration["secrets"]>[number],
  index: number,
  secrets: ReadonlyMap<string, ResolvedSecret>,
): ResolvedSecretUse | undefined {
  const path = [...service.path, "secrets", index];
  if (!knownSecret(context, path, use.secret, secrets)) return undefined;
  const inEnvironment = use.as === "environment";
  if (inEnvironment && use.reason === undefined) {
    context.problems.at(
      path,
      `"${use.secret}" in the environment of "${service.name}" needs a \`reason\`.`,
      "Deliver it as a file where the program can read one (`…_FILE`).",
    );
  }
  const target =
    use.target ?? (inEnvironment ? use.secret.toUpperCase().replaceAll("-", "_") : `/run/secrets/${use.secret}`);
  if (inEnvironment === target.startsWith("/")) {
    context.problems.at(
      [...path, "target"],
      inEnvironment
        ? "A secret in the environment has a variable's name as `target`."
        : "A secret as a file has an absolute path as `target`.",
    );
  }
  const { uid, gid } = userOf(context.declaration.name, service);
  return {
    secret: use.secret,
    delivery: use.as,
    target,
    uid,
    gid,
    mode: 0o400,
    template: use.template,
    ...(use.reason === undefined ? {} : { reason: use.reason }),
  };
}

function checkTargets(context: ModelContext, service: ServiceModel, uses: readonly ResolvedSecretUse[]): void {
  const seen = new Set<string>();
  for (const use of uses) {
    if (seen.has(use.target))
      context.problems.at([...service.path, "secrets"], `Two secrets of "${service.name}" go to ${use.target}.`);
    seen.add(use.target);
    if (use.delivery === "environment" && Object.hasOwn(service.declared.environment ?? {}, use.target)) {
      context.problems.at(
        [...service.path, "environment", use.target],
        `${use.target} is a setting and a secret of "${service.name}" at once.`,
      );
    }
  }
}
