import { privateKeyIn } from "../file-roles.ts";
import type { FoundSecret } from "./found.ts";

/** Tokens that the detection library does not know, each by its issuer's documented format. */
export interface IssuerShape {
  readonly what: string;
  /** A pattern that every text has in which there is such a token. */
  readonly mark: string;
  /** With the flag `g`. Bounded, so that a hostile text takes no longer than an innocent one. */
  readonly pattern: RegExp;
  /** Default: `issued`. */
  readonly by?: FoundSecret["by"];
  /** Whether what has the shape is one; default: it is. */
  holds?(text: string): boolean;
}

/** Of a base64 text enough to see what kind of PEM it is. */
const glance = 100;

export const issuerShapes: readonly IssuerShape[] = [
  // RFC 9580, section 6.2. What is behind the first lines is not looked at: a hostile text has many beginnings.
  {
    what: "a PGP private key",
    mark: "PGP PRIVATE KEY BLOCK-----",
    by: "key",
    pattern: /-----BEGIN PGP PRIVATE KEY BLOCK-----(?:(?!-----(?:BEGIN|END) PGP)[\s\S]){40,60000}/g,
    holds: (text) => privateKeyIn(text) === "plain",
  },
  // github.com/FiloSottile/age, doc/age-keygen.1: Bech32 with the prefix AGE-SECRET-KEY- (and -PQ- for hybrid ones).
  {
    what: "an age identity",
    mark: "AGE-SECRET-KEY-",
    pattern: /\bAGE-SECRET-KEY-(?:PQ-)?1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{50,200}\b/g,
  },
  // tailscale.com/kb/1277/key-prefixes
  {
    what: "a Tailscale key",
    mark: "tskey-",
    pattern: /\btskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{6,40}-[A-Za-z0-9]{16,64}\b/g,
  },
  // core.telegram.org/bots/api: `123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11`, 35 characters behind the colon.
  {
    what: "a Telegram bot token",
    mark: "\\d:AA",
    pattern: /(?<![\w:-])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/g,
  },
  // docs.stripe.com/keys: live secret and restricted keys; test keys (`sk_test_`) reach no money.
  { what: "a Stripe key", mark: "k_live_", pattern: /\b[sr]k_live_[A-Za-z0-9]{20,250}\b/g },
  // docs.digitalocean.com/reference/api/create-personal-access-token: v1 tokens.
  { what: "a DigitalOcean token", mark: "do[opr]_v1_", pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g },
  // pypi.org: macaroons for pypi.org begin with these bytes.
  { what: "a PyPI token", mark: "pypi-AgE", pattern: /\bpypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[\w-]{50,1000}/g },
  // discord.com/developers/docs/resources/webhook: whoever has the address may post.
  {
    what: "a Discord webhook",
    mark: "/api/webhooks/",
    pattern:
      /\bhttps:\/\/(?:ptb\.|canary\.)?discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{17,20}\/[\w-]{60,80}/g,
  },
  // developers.cloudflare.com, tunnel tokens: base64 of {"a":"account","t":"tunnel","s":"secret"}.
  { what: "a Cloudflare tunnel token", mark: "eyJhIjoi", pattern: /\beyJhIjoi[A-Za-z0-9+/]{100,400}={0,2}/g },
  // openrouter.ai/docs/api-keys
  { what: "an OpenRouter key", mark: "sk-or-v1-", pattern: /\bsk-or-v1-[a-f0-9]{64}\b/g },
  // docs.doppler.com/reference/auth-token-formats
  {
    what: "a Doppler token",
    mark: "dp\\.(?:ct|pt|sa|st|scim|audit)\\.",
    pattern: /\bdp\.(?:ct|pt|sa|st|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}\b/g,
  },
  // `client-key-data` of a kubeconfig, `key` of talosctl's own file: a PEM text in base64.
  {
    what: "a private key in base64",
    mark: "LS0tLS1CRUdJTi",
    by: "key",
    pattern: /\bLS0tLS1CRUdJTi[A-Za-z0-9+/]{60,20000}={0,2}/g,
    holds: (text) => {
      const head = Buffer.from(text.slice(0, glance), "base64").toString("latin1");
      if (!/^-----BEGIN [A-Z0-9 ]{1,40}-----/.test(head)) return false;
      // A certificate may stand before its key, and a key with a passphrase before one without.
      return privateKeyIn(Buffer.from(text, "base64").toString("latin1")) === "plain";
    },
  },
];
