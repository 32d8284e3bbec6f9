import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { privateKeyIn } from "../file-roles.ts";
import { isCertainlyFake } from "./fakes.ts";
import { type FoundSecret, withoutOverlaps } from "./found.ts";
import { issuerShapes } from "./issuer-shapes.ts";

/** One rule of the detection library: when it is worth asking, and what its messages mean. */
interface LibraryRule {
  /** A pattern that every text has in which the rule can find something. */
  readonly mark: string;
  readonly by: FoundSecret["by"];
  readonly names: Readonly<Record<string, string>>;
}

/** The rules that are asked, by the last part of their names. A test holds this list and the library's together. */
export const libraryRules: Readonly<Record<string, LibraryRule>> = {
  aws: {
    mark: "(?:SECRET|secret|Secret)_?(?:ACCESS|access|Access)_?(?:KEY|key|Key)",
    by: "issued",
    names: { AWSSecretAccessKey: "an AWS secret access key" },
  },
  privatekey: { mark: "PRIVATE KEY(?: BLOCK)?-----", by: "key", names: { PrivateKey: "a private key" } },
  npm: {
    mark: "npm_[A-Za-z0-9]|_authToken=|x-oauth-basic@",
    by: "issued",
    names: {
      PackageJSON_xOauthToken: "a GitHub token",
      Npmrc_authToken: "a token of an npm registry",
      NPM_ACCESS_TOKEN: "an npm token",
    },
  },
  slack: {
    mark: "xox[bpaor]-|xapp-|hooks\\.slack\\.com",
    by: "issued",
    names: { SLACK_TOKEN: "a Slack token", IncomingWebhook: "a Slack webhook" },
  },
  sendgrid: { mark: "SG\\.\\w", by: "issued", names: { SENDGRID_KEY: "a SendGrid key" } },
  shopify: { mark: "shp(?:pa|ca|at|ss)_", by: "issued", names: { SHOPIFY_KEY: "a Shopify key" } },
  github: { mark: "gh[pousr]_|github_pat_", by: "issued", names: { GITHUB_TOKEN: "a GitHub token" } },
  gitlab: { mark: "glpat-", by: "issued", names: { GITLAB_PERSONAL_ACCESS_TOKEN: "a GitLab token" } },
  grafana: {
    mark: "glc_|glsa_",
    by: "issued",
    names: {
      GRAFANA_CLOUD_API_TOKEN: "a Grafana Cloud token",
      GRAFANA_SERVICE_ACCOUNT_TOKEN: "a Grafana service account's token",
    },
  },
  openai: { mark: "T3BlbkFJ", by: "issued", names: { OPENAI_TOKEN: "an OpenAI key" } },
  anthropic: { mark: "sk-ant-", by: "issued", names: { ANTHROPIC_API_KEY: "an Anthropic key" } },
  groq: { mark: "gsk_", by: "issued", names: { GROQ_API_KEY: "a Groq key" } },
  huggingface: { mark: "hf_[a-zA-Z]", by: "issued", names: { HUGGINGFACE_USER_ACCESS_TOKEN: "a Hugging Face token" } },
  linear: { mark: "lin_api_", by: "issued", names: { LINEAR_API_TOKEN: "a Linear key" } },
  notion: { mark: "ntn_\\d", by: "issued", names: { NOTION_INTEGRATION_TOKEN: "a Notion token" } },
  "1password": { mark: "ops_ey", by: "issued", names: { OPS_TOKEN: "a 1Password service account's token" } },
  "hashicorp-vault": {
    mark: "hv[sbr]\\.",
    by: "issued",
    names: {
      HASHICORP_VAULT_SERVICE_TOKEN: "a Vault token",
      HASHICORP_VAULT_BATCH_TOKEN: "a Vault batch token",
      HASHICORP_VAULT_RECOVERY_TOKEN: "a Vault recovery token",
    },
  },
  vercel: {
    mark: "vc[piark]_[A-Za-z0-9]{20}",
    by: "issued",
    names: {
      VERCEL_PERSONAL_ACCESS_TOKEN: "a Vercel token",
      VERCEL_INTEGRATION_TOKEN: "a Vercel token",
      VERCEL_APP_ACCESS_TOKEN: "a Vercel token",
      VERCEL_APP_REFRESH_TOKEN: "a Vercel token",
      VERCEL_AI_GATEWAY_API_KEY: "a Vercel key",
    },
  },
  databricks: {
    mark: "dapi[A-Fa-f0-9]{32}",
    by: "issued",
    names: { DATABRICKS_PERSONAL_ACCESS_TOKEN: "a Databricks token" },
  },
  docker: { mark: "dckr_pat_", by: "issued", names: { DOCKER_PERSONAL_ACCESS_TOKEN: "a Docker Hub token" } },
  figma: { mark: "figd_", by: "issued", names: { FIGMA_PERSONAL_ACCESS_TOKEN: "a Figma token" } },
};

/** Rules of the library that are not asked, and why. */
export const leftOutRules: Readonly<Record<string, string>> = {
  gcp: "It opens files by their names; the private key inside is found by the rule for keys.",
  basicauth: "Passwords in addresses are judged by Ringwall's own list of what anybody would guess.",
  "database-connection-string": "Passwords in addresses are judged by Ringwall's own list of what anybody would guess.",
  "filter-comments": "What is accepted is written as one of Ringwall's own exceptions, with a reason.",
};

const mark = new RegExp([...Object.values(libraryRules), ...issuerShapes].map((rule) => rule.mark).join("|"));

/** Whether a text may hold a token at all: one pass over it, after which most texts are done. */
export function mayHoldIssued(text: string): boolean {
  return mark.test(text);
}

/**
 * The tokens and private keys in a text, by the shapes that their issuers give them; in the order of their places.
 * Examples out of manuals, and what cannot be a token by its own checksum, are left out.
 */
export function issuedSecretsIn(text: string, path: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const { rule, wanted, pattern } of asked)
    if (pattern.test(text)) found.push(...answersOf(rule, wanted, text, path));
  for (const { what, mark: own, pattern, by = "issued", holds } of issuerShapes) {
    if (!new RegExp(own).test(text)) continue;
    for (const match of text.matchAll(pattern)) {
      if (holds !== undefined && !holds(match[0])) continue;
      found.push({ what, by, offset: match.index, end: match.index + match[0].length });
    }
  }
  return withoutOverlaps(found.filter(({ by, offset, end }) => !isHarmless(by, text.slice(offset, end))));
}

function isHarmless(by: FoundSecret["by"], secret: string): boolean {
  return by === "key" ? privateKeyIn(secret) === "protected" : isCertainlyFake(secret);
}

type Rule = (typeof rules)[number];

const asked = rules.flatMap((rule) => {
  const wanted = libraryRules[ruleName(rule.meta.id)];
  return wanted === undefined ? [] : [{ rule, wanted, pattern: new RegExp(wanted.mark) }];
});

export function ruleName(id: string): string {
  return id.replace(/^.*secretlint-rule-/, "");
}

/**
 * What one rule of the library reports. The rule is given a text and a name, no file to open; those that are asked answer
 * at once. What is reported is kept as a place: the library's messages hold the secret itself.
 */
function answersOf(rule: Rule, { names, by }: LibraryRule, text: string, path: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  const context = {
    createTranslator: () => (messageId: string) => ({ message: "", messageId, data: {} }),
    report: ({ message, range }: { message: { messageId: string }; range: readonly [number, number] }) => {
      const what = names[message.messageId];
      if (what !== undefined) found.push({ what, by, offset: range[0], end: range[1] });
    },
    ignore: () => undefined,
    sharedOptions: {},
  };
  const source = { content: text, filePath: path, ext: "", contentType: "text" };
  // The library's types want its whole engine around a rule; these two are all that a rule uses.
  const create = rule.create as unknown as (
    context: unknown,
    options: object,
  ) => { file?: (source: unknown) => unknown };
  create(context, {}).file?.(source);
  return found;
}
