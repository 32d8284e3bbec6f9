import { z } from "zod";
import { strange } from "../http/json-server.ts";
import { lookupAnswer, refusal } from "../vault/answers.ts";
import type { VaultClient } from "../vault/vault-client.ts";
import type { VaultPlace } from "../vault/vault-store.ts";
import { compareScopes, type ScopeComparison, type TokenScopes } from "./token-scopes.ts";

/** `POST sys/capabilities-self`: each path to what may be done there (https://developer.hashicorp.com/vault/api-docs/system/capabilities-self). */
const capabilitiesAnswer = z.object({ data: z.record(z.string(), z.array(z.string())) });

/** `secret/data/ringwall/shop/token: read`: how a power in Vault is told. */
export function vaultPower(path: string, capability: string): string {
  return `${path}: ${capability}`;
}

/**
 * What the client's token may at these paths. Vault answers for paths that are named and for no others, so that what it
 * may elsewhere stays open, unless it may everything (`root`). To find a token that may too much, name paths that it
 * should not reach too: the stack's neighbours, `sys/policies/acl/x`, `auth/token/create`.
 */
export async function vaultScopes(client: VaultClient, paths: readonly string[]): Promise<TokenScopes> {
  const looked = await client.ask({ method: "GET", path: "/v1/auth/token/lookup-self" });
  const self = looked.status === 200 ? lookupAnswer.safeParse(looked.body).data?.data : undefined;
  const expires = self === undefined ? undefined : (self.expire_time ?? null);
  const policies = [...(self?.policies ?? []), ...(self?.identity_policies ?? [])];
  if (policies.includes("root"))
    return { issuer: "Vault", powers: ["everything: root"], incomplete: undefined, expires };
  const answer = await client.ask({ method: "POST", path: "/v1/sys/capabilities-self", body: { paths } });
  if (answer.status !== 200) throw refusal(answer, "tell what its token may", client.host);
  const found = capabilitiesAnswer.safeParse(answer.body);
  if (!found.success) throw strange("Vault", client.host);
  const powers = paths.flatMap((path) =>
    (found.data.data[path] ?? []).filter((word) => word !== "deny").map((word) => vaultPower(path, word)),
  );
  const incomplete = `Vault tells it for the ${paths.length === 1 ? "path" : `${paths.length} paths`} that were asked for`;
  return { issuer: "Vault", powers: powers.sort(), incomplete, answersAll: true, expires };
}

/** What a store's token needs at its place (see `VaultStore`), and where it needs nothing. */
export interface VaultNeeds {
  readonly powers: readonly string[];
  /** Its own paths, where further powers give it nothing: it may read, write and delete all there is already. */
  readonly own: readonly string[];
  /** Paths of others: a neighbour's secret beside the prefix, policies, new tokens, other methods of signing in. */
  readonly others: readonly string[];
}

export function vaultNeeds(
  { mount, prefix }: Pick<VaultPlace, "mount" | "prefix">,
  names: readonly string[],
): VaultNeeds {
  const folder = `${mount}/metadata/${prefix}/`;
  const data = names.map((name) => `${mount}/data/${prefix}/${name}`);
  const metadata = names.map((name) => `${mount}/metadata/${prefix}/${name}`);
  const each = (paths: readonly string[], capabilities: readonly string[]) =>
    paths.flatMap((path) => capabilities.map((capability) => vaultPower(path, capability)));
  const beside = `${prefix
    .split("/")
    .slice(0, -1)
    .map((part) => `${part}/`)
    .join("")}ringwall-neighbour`;
  return {
    powers: [
      ...each([folder], ["list"]),
      ...each(data, ["create", "read", "update"]),
      ...each(metadata, ["read", "delete"]),
    ],
    own: [folder, ...data, ...metadata],
    others: [
      `${mount}/data/${beside}/x`,
      `${mount}/data/ringwall-neighbour`,
      "sys/policies/acl/ringwall-neighbour",
      "sys/mounts/ringwall-neighbour",
      "sys/auth/ringwall-neighbour",
      "auth/token/create",
    ],
  };
}

/** A store's token held against what the store needs. */
export async function compareVaultToken(client: VaultClient, needs: VaultNeeds): Promise<ScopeComparison> {
  const found = await vaultScopes(client, [...needs.own, ...needs.others]);
  const isOwn = (power: string) => needs.own.some((path) => power.startsWith(`${path}: `));
  return compareScopes(found, [
    ...needs.powers,
    ...found.powers.filter((power) => isOwn(power) && !needs.powers.includes(power)),
  ]);
}
