/**
 * Whom oauth2-proxy lets pass, by its settings: arguments, variables and its own file have the same ones.
 *
 * Source: oauth2-proxy 7.14's manual, "OAuth Provider Configuration" (`google` unless one is named; `azure` is of every
 * tenant unless `azure_tenant` names one, and `entra-id` of that in `oidc_issuer_url`) and "Overview"; its `validator.go`
 * (`allowAll`).
 */
import type { Place } from "../../lib/place.ts";
import { type Accounts, accountsAt, accountsOfTenant } from "./sign-in-providers.ts";

/** One setting, by its name in a file: `email_domains`. */
export interface SignInSetting {
  readonly name: string;
  /** A list with commas. Undefined where it is not seen, then with the reason. */
  readonly value: string | undefined;
  readonly why?: string;
  readonly place: Place;
}

export interface SignInSettings {
  readonly list: readonly SignInSetting[];
  /** Why there may be more. */
  readonly doubt: string | undefined;
}

/** Whom it takes: those that are named (with a clause), every account of a provider, or not seen whom. */
export type Taken =
  | { readonly kind: "named"; readonly why: string; readonly place: Place | undefined }
  | { readonly kind: "everybody"; readonly of: string; readonly why: string; readonly place: Place }
  | {
      readonly kind: "unseen";
      readonly why: string;
      readonly place: Place | undefined;
      readonly severity: "medium" | "low" | "info";
    };

/** Where anybody makes an account. */
const publicProviders = new Set(["google", "github", "gitlab", "facebook", "linkedin", "bitbucket", "digitalocean"]);
/** Where its server is: GitLab or GitHub Enterprise at home, an OpenID provider. */
const serverOption = /^(?:oidc_issuer_url|login_url)$/;
/** What takes some accounts of a provider only. `authenticated_emails_file` is not among them: beside `*` it is not asked. */
const narrowing =
  /^(?:allowed_(?:groups?|roles?)|github_(?:org|team|repo|users?)|google_groups?|gitlab_(?:groups?|projects?)|bitbucket_(?:team|repository)|keycloak_groups?|entra_id_allowed_tenants?)$/;
const domainOption = /^email_domains?$/;

/** Domains in which anybody makes an address. One that is named lets in beside those of `authenticated_emails_file`. */
const publicMail =
  /^(?:gmail\.com|googlemail\.com|outlook\.\w+|hotmail\.\w+|live\.com|yahoo\.\w+|icloud\.com|me\.com|aol\.com|proton\.me|protonmail\.com|gmx\.\w+|web\.de|mail\.ru|yandex\.\w+|qq\.com|163\.com)$/i;

function isForEverybody(domain: string): boolean {
  return domain.trim() === "*" || publicMail.test(domain.trim());
}

const allDomains = "`*` stands for all domains";
const addressesOfAll = "anybody has an address there";

export function takenBy({ list, doubt }: SignInSettings): Taken {
  const domains = list.filter(({ name }) => domainOption.test(name));
  const everybody = domains.find(({ value }) => value?.split(",").some(isForEverybody) === true);
  if (everybody === undefined) {
    const unseen = domains.find(({ value }) => value === undefined);
    const why = unseen?.why ?? doubt ?? (domains.length > 0 ? undefined : "its own file says who may come");
    if (why === undefined)
      return { kind: "named", why: "it names the domains that it takes", place: domains[0]?.place };
    return { kind: "unseen", why, place: unseen?.place, severity: domains.length > 0 ? "low" : "info" };
  }
  const { place } = everybody;
  const narrow = list.filter(({ name, value }) => narrowing.test(name) && value !== "");
  const named = narrow.find(({ value }) => value !== undefined);
  if (named !== undefined) return { kind: "named", why: `\`${named.name}\` says who may come`, place: named.place };
  const names = (everybody.value ?? "").split(",").map((domain) => domain.trim());
  const mail = names.includes("*") ? undefined : names.find((domain) => publicMail.test(domain));
  const accounts = accountsOf(list);
  if (accounts.kind === "own")
    return { kind: "named", why: "its provider is one of your own, and says who has an account", place };
  const why = narrow[0]?.why ?? (accounts.kind === "unseen" ? accounts.why : doubt);
  return why === undefined && accounts.kind === "everybody"
    ? { kind: "everybody", of: mail ?? accounts.of, why: mail === undefined ? allDomains : addressesOfAll, place }
    : { kind: "unseen", why: why ?? "its provider is not seen", place, severity: "medium" };
}

/** Its server's address says more than the provider's name: `oidc` may be anybody's. */
export function accountsOf(list: readonly SignInSetting[]): Accounts {
  const last = (isMeant: (name: string) => boolean) =>
    list.findLast(({ name, value }) => isMeant(name) && value !== "");
  const unseen = ({ why }: SignInSetting): Accounts => ({ kind: "unseen", why: why ?? "its provider is not seen" });
  const server = last((name) => serverOption.test(name));
  if (server !== undefined) return server.value === undefined ? unseen(server) : accountsAt(server.value);
  const provider = last((name) => name === "provider");
  if (provider !== undefined && provider.value === undefined) return unseen(provider);
  const of = provider?.value ?? "google";
  if (publicProviders.has(of)) return { kind: "everybody", of };
  if (of !== "azure") return { kind: "own" };
  const tenant = last((name) => name === "azure_tenant");
  return tenant !== undefined && tenant.value === undefined ? unseen(tenant) : accountsOfTenant(tenant?.value ?? "");
}
