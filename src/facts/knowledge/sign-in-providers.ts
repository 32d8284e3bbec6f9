/** Hosts at which anybody makes an account. Sources: the discovery documents of these providers. */
const publicHosts =
  /^(?:accounts\.google\.com|(?:www\.)?github\.com|gitlab\.com|bitbucket\.org|(?:www\.)?(?:facebook|linkedin)\.com|cloud\.digitalocean\.com|appleid\.apple\.com)$/;
const microsoft = /^login\.(?:microsoftonline\.com|microsoft\.com|windows\.net)$/;
/** Names in the place of a tenant. Source: Microsoft identity platform, "OpenID Connect on the Microsoft identity platform". */
const everyTenant = /^(?:|common|organizations|consumers)$/i;

/** Whose accounts a sign-in gets: those of whoever makes one (with the provider's name), one's own people's, or not seen whose. */
export type Accounts =
  | { readonly kind: "everybody"; readonly of: string }
  | { readonly kind: "own" }
  | { readonly kind: "unseen"; readonly why: string };

/** By the address of the provider's server. */
export function accountsAt(address: string): Accounts {
  const [, host = "", tenant = ""] = /^[a-z]+:\/\/([^/:?#]+)(?::\d+)?\/?([^/?#]*)/i.exec(address.trim()) ?? [];
  const name = host.toLowerCase();
  if (publicHosts.test(name)) return { kind: "everybody", of: name };
  return microsoft.test(name) ? accountsOfTenant(tenant) : { kind: "own" };
}

/** At Microsoft, by the tenant: where none is named, the app that is registered there says who gets a token. */
export function accountsOfTenant(tenant: string): Accounts {
  return everyTenant.test(tenant.trim())
    ? { kind: "unseen", why: "no tenant is named, and whose accounts its app at Microsoft takes is not seen" }
    : { kind: "own" };
}
