/**
 * Services that proxies ask about each request (forward authentication), told by their images and by the paths at which
 * they answer such questions.
 *
 * Sources: the integration pages of Authelia 4.39 ("Proxies": `/api/authz/NAME`, before 4.38 `/api/verify`), authentik
 * 2026 ("Forward auth"), OAuth2 Proxy 7 ("Integration": `/oauth2/auth`), Tinyauth 4, Pomerium 0.2x, Vouch Proxy;
 * thomseddon/traefik-forward-auth; the CrowdSec bouncers fbonalair and thespad/traefik-crowdsec-bouncer.
 */

export interface Gatekeeper {
  /** As people call it. */
  readonly name: string;
  /** `sign-in`: lets pass who has signed in; `screening`: keeps off addresses that attracted attention, and asks nobody. */
  readonly does: "sign-in" | "screening";
}

interface Row extends Gatekeeper {
  /** Over an image's repository. */
  readonly image: RegExp;
  /** Where it answers; absent where any path but those of its own health does. */
  readonly answersAt?: RegExp;
  /** A path that no other product has. */
  readonly ownPath?: RegExp;
}

const authelia = /^\/api\/(?:verify|authz\/[\w-]+)\/?$/;
const authentik = /^\/outpost\.goauthentik\.io\/auth\/(?:traefik|nginx|caddy|envoy)\b/;

const rows: readonly Row[] = [
  { name: "Authelia", does: "sign-in", image: /(?:^|\/)authelia$/, answersAt: authelia, ownPath: authelia },
  {
    name: "authentik",
    does: "sign-in",
    image: /(?:^|\/)goauthentik\/(?:server|proxy)$|(?:^|\/)authentik(?:-server|-proxy|-outpost)?$/,
    answersAt: authentik,
    ownPath: authentik,
  },
  { name: "OAuth2 Proxy", does: "sign-in", image: /(?:^|\/)oauth2[-_]proxy$/, ownPath: /^\/oauth2\/auth\/?$/ },
  {
    name: "Tinyauth",
    does: "sign-in",
    image: /(?:^|\/)tinyauth$/,
    answersAt: /^\/api\/auth\/\w+/,
    ownPath: /^\/api\/auth\/(?:traefik|nginx|caddy|envoy)\/?$/,
  },
  {
    name: "Traefik Forward Auth",
    does: "sign-in",
    image: /(?:^|\/)(?:traefik-forward-auth|traefik-forward-auth-provider|nforwardauth|traefik-github-oauth-server)$/,
  },
  { name: "Vouch Proxy", does: "sign-in", image: /(?:^|\/)vouch(?:-proxy)?$/, answersAt: /^\/(?:validate|_?vouch)/ },
  { name: "Pomerium", does: "sign-in", image: /(?:^|\/)pomerium$/, ownPath: /^\/verify\/traefik\/?$/ },
  {
    name: "Gatekeeper",
    does: "sign-in",
    image: /(?:^|\/)(?:gatekeeper|keycloak-gatekeeper|louketo-proxy|gogatekeeper)$/,
  },
  {
    name: "the CrowdSec bouncer",
    does: "screening",
    image: /(?:^|\/)(?:[\w-]*traefik[-_]crowdsec[-_]bouncer|crowdsec[-_]bouncer[-_]traefik|traefik-bouncer)$/,
    ownPath: /^\/api\/v1\/forwardAuth\/?$/i,
  },
];

/** Where programs tell how they are, to anybody. */
const ownHealth = /(?:^|\/)(?:ping|health\w*|ready\w*|live\w*|metrics|status)\/?$/i;

/** What an image is, with whether it decides at a path; undefined for one that is not known. */
export function gatekeeperOfImage(
  repository: string,
  path: string,
): (Gatekeeper & { readonly decides: boolean }) | undefined {
  const row = rows.find(({ image }) => image.test(repository));
  if (row === undefined) return undefined;
  return { name: row.name, does: row.does, decides: row.answersAt?.test(path) ?? !ownHealth.test(path) };
}

/** What answers at a path that one product alone has. */
export function gatekeeperAt(path: string): Gatekeeper | undefined {
  return rows.find(({ ownPath }) => ownPath?.test(path) === true);
}
