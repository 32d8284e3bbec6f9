import { complete, type FactList, incomplete } from "../../facts/fact.ts";
import type { SignInSetting } from "../../facts/knowledge/oauth2-proxy.ts";
import { Fields } from "../fields.ts";
import { settingOf } from "./settings.ts";

/** Where a provider of the alpha configuration says what the names of other files say. */
const named: readonly (readonly [setting: string, ...path: readonly string[]])[] = [
  ["provider", "provider"],
  ["login_url", "loginURL"],
  ["oidc_issuer_url", "oidcConfig", "issuerURL"],
  ["insecure_oidc_allow_unverified_email", "oidcConfig", "insecureAllowUnverifiedEmail"],
  ["allowed_groups", "allowedGroups"],
  ["github_org", "githubConfig", "org"],
  ["github_team", "githubConfig", "team"],
  ["github_repo", "githubConfig", "repo"],
  ["github_users", "githubConfig", "users"],
  ["gitlab_groups", "gitlabConfig", "group"],
  ["gitlab_projects", "gitlabConfig", "projects"],
  ["google_groups", "googleConfig", "group"],
  ["bitbucket_team", "bitbucketConfig", "team"],
  ["bitbucket_repository", "bitbucketConfig", "repository"],
  ["keycloak_groups", "keycloakConfig", "groups"],
  ["allowed_roles", "keycloakConfig", "roles"],
  ["azure_tenant", "azureConfig", "tenant"],
  ["entra_id_allowed_tenants", "microsoftEntraIDConfig", "allowedTenants"],
];

/**
 * What the alpha configuration says, by the names of the other files. Whom the addresses let in (`email_domains`) stands
 * there alone. Of several providers the first is used.
 */
export function fromAlpha(root: Fields): FactList<SignInSetting> {
  const providers = root.list("providers", (node) => ({ value: Fields.of(node, node.place, "a provider") }));
  const [first] = providers.items;
  const items = first === undefined ? [] : named.flatMap((row) => settingAt(first, row));
  const upstreams = root
    .fields("upstreamConfig")
    .list("upstreams", (node) => ({ value: Fields.of(node, node.place, "an upstream") }));
  for (const upstream of upstreams.items) {
    const node = upstream.node("insecureSkipTLSVerify");
    if (node !== undefined) items.push(settingOf("ssl_upstream_insecure_skip_verify", node));
  }
  const open = [providers, upstreams].find((list) => !list.complete);
  const why = root.hidden ?? (open?.complete === false ? open.why : undefined);
  return why === undefined ? complete(items, root.place) : incomplete(items, why, root.place);
}

function settingAt(
  provider: Fields,
  [name, ...path]: readonly [string, ...(readonly string[])],
): readonly SignInSetting[] {
  const section = path.slice(0, -1).reduce((fields, key) => fields.fields(key), provider);
  const node = section.node(path.at(-1) ?? "");
  return node === undefined ? [] : [settingOf(name, node)];
}
