import type { ResolvedSecret, ResolvedStack } from "../../contracts/resolved.ts";
import { RingwallError } from "../../lib/error.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import type { Secret } from "../../secrets/secret.ts";
import { jsonServer } from "../../stores/http/json-server.ts";
import { serverAddress } from "../../stores/http/server-address.ts";
import { openVaultClient, type StoreAround, vaultPlace } from "../../stores/open-store.ts";
import {
  type CloudflareToken,
  cloudflareAddress,
  compareCloudflareIssuer,
  compareCloudflareToken,
} from "../../stores/scopes/cloudflare.ts";
import { githubAddress, githubScopes } from "../../stores/scopes/github.ts";
import { compareScopes, type ScopeComparison } from "../../stores/scopes/token-scopes.ts";
import { compareVaultToken, vaultNeeds } from "../../stores/scopes/vault.ts";
import { type VaultAudit, vaultAudit } from "../../stores/vault/audit.ts";
import type { Context, ExitCode } from "../command.ts";
import { type RecordedAction, recorded, recordedSecret } from "../recorded.ts";
import { storeAround } from "../stack-store.ts";
import { type Common, declared, type Opened, openSecrets } from "./opened.ts";

export interface ScopesOptions extends Common {
  readonly format: "text" | "json";
  /** Who issued the named secrets, where the declaration does not say it. */
  readonly as?: "github";
  /** What they are to be able to, with commas between. */
  readonly needs?: string;
  /** Where the issuer of `as` answers, where that is not the public address. */
  readonly api?: string;
}

interface Row extends ScopeComparison {
  /** The secret's name, or what the token is for. */
  readonly name: string;
  readonly issuer: string | null;
}

/** What is asked of one token. `name` is a secret's, or the store's. */
interface Question {
  readonly name: string;
  readonly issuer: string;
  readonly what: RecordedAction;
  readonly ask: () => Promise<ScopeComparison>;
}

/**
 * Asks whoever issued a token what it may, and compares that with what is needed. 1 where one may too much or too
 * little; what cannot be told is said, and is no finding.
 */
export async function scopes(names: readonly string[], options: ScopesOptions, context: Context): Promise<ExitCode> {
  const opened = await openSecrets(options, context);
  const around = storeAround(opened.folder, context);
  const questions = questionsOf(names, options, opened, around);
  const rows: Row[] = [];
  for (const question of questions) rows.push(await answered(question, opened, context));
  if (names.length === 0 && opened.stack.store?.vault !== undefined) rows.push(await askVault(opened, around, context));
  const audit = names.length === 0 ? await auditOf(opened.stack, around) : undefined;
  if (options.format === "json") {
    context.stdout.write(`${jsonText({ version: 1, tokens: rows, audit: audit ?? null })}\n`);
  } else tell(rows, audit, context);
  return rows.some(({ verdict }) => verdict === "too-wide" || verdict === "too-narrow") ? 1 : 0;
}

function questionsOf(
  names: readonly string[],
  options: ScopesOptions,
  opened: Opened,
  around: StoreAround,
): readonly Question[] {
  const { stack } = opened;
  if (options.as !== undefined && (names.length === 0 || options.needs === undefined)) {
    throw new RingwallError("usage", "`--as` needs the names of secrets, and what they are to be able to.", {
      hint: "Such as `ringwall secrets scopes deploy-token --as github --needs repo,read:org`.",
    });
  }
  if (options.as !== undefined)
    return names.map((name) => githubQuestion(declared(stack, name), options, opened, around));
  if (options.needs !== undefined || options.api !== undefined) {
    throw new RingwallError("usage", "`--needs` and `--api` speak of an issuer, and none is named.", {
      hint: "Add `--as github` and the secret's name.",
    });
  }
  const tokens = cloudflareTokens(stack);
  const wanted = names.length === 0 ? stack.secrets : names.map((name) => declared(stack, name));
  return wanted.flatMap((secret) => {
    const question = cloudflareQuestion(secret, tokens, opened, around);
    if (question !== undefined) return [question];
    return names.length === 0 ? [] : [unknownIssuer(secret, opened)];
  });
}

/** The declared tokens of Cloudflare, by the secret that holds them. */
function cloudflareTokens(
  stack: ResolvedStack,
): ReadonlyMap<string, CloudflareToken & { readonly issuer?: string | undefined }> {
  const entries = stack.secrets.flatMap(({ name, rotator }) =>
    rotator !== undefined && "cloudflare" in rotator ? [[name, rotator.cloudflare] as const] : [],
  );
  return new Map(entries);
}

function cloudflareQuestion(
  secret: ResolvedSecret,
  tokens: ReturnType<typeof cloudflareTokens>,
  opened: Opened,
  { surroundings }: StoreAround,
): Question | undefined {
  const { name } = secret;
  const token = tokens.get(name);
  const issues = [...tokens.values()].find(({ issuer }) => issuer === name);
  const choice = token ?? issues;
  if (choice === undefined) return undefined;
  return {
    name,
    issuer: "Cloudflare",
    what: recordedSecret("secret.scopes", name, opened.store),
    ask: async () => {
      const server = jsonServer({
        address: serverAddress(choice.api ?? cloudflareAddress, "Cloudflare"),
        called: "Cloudflare",
      });
      const value = await heldValue(name, opened);
      if (token === undefined) return await compareCloudflareIssuer(server, value, surroundings, choice);
      const reader = token.issuer === undefined ? undefined : await opened.store.get(token.issuer);
      return await compareCloudflareToken(server, value, surroundings, { ...token, reader });
    },
  };
}

function githubQuestion(
  { name }: ResolvedSecret,
  options: ScopesOptions,
  opened: Opened,
  around: StoreAround,
): Question {
  const needed = (options.needs ?? "").split(",").flatMap((word) => (word.trim() === "" ? [] : [word.trim()]));
  const address = serverAddress(options.api ?? githubAddress, "GitHub");
  return {
    name,
    issuer: "GitHub",
    what: recordedSecret("secret.scopes", name, opened.store),
    ask: async () => {
      const value = await heldValue(name, opened);
      const found = await githubScopes(jsonServer({ address, called: "GitHub" }), value, around.surroundings);
      return compareScopes(found, needed);
    },
  };
}

function unknownIssuer({ name }: ResolvedSecret, { store }: Opened): Question {
  const detail = "Nothing says who issued it: a `cloudflare` rotator does, or `--as github --needs SCOPES`.";
  const ask = async () => ({ verdict: "cannot-be-told", surplus: [], missing: [], detail }) as const;
  return { name, issuer: "", what: recordedSecret("secret.scopes", name, store), ask };
}

async function heldValue(name: string, { store }: Opened): Promise<Secret> {
  const value = await store.get(name);
  if (value !== undefined) return value;
  throw new RingwallError("secret-missing", `"${name}" has no value yet.`);
}

/** An issuer that does not take a token says that it may nothing; one that does not answer says nothing. */
async function answered({ name, issuer, what, ask }: Question, opened: Opened, context: Context): Promise<Row> {
  const row = { name, issuer: issuer === "" ? null : issuer };
  try {
    const found = await recorded(context, { folder: opened.folder, stack: opened.stack.name }, what, async (add) => {
      const comparison = await ask();
      add({ verdict: comparison.verdict });
      return comparison;
    });
    return { ...row, ...found };
  } catch (error) {
    if (!(error instanceof RingwallError) || !tellsOfToken.has(error.code)) throw error;
    const verdict = error.code === "permission" && issuer !== "Vault" ? "too-narrow" : "cannot-be-told";
    return { ...row, verdict, surplus: [], missing: [], detail: error.message };
  }
}

/** Failures of one token, after which the others are asked all the same. */
const tellsOfToken: ReadonlySet<string> = new Set(["permission", "network", "secret-missing"]);

async function askVault(opened: Opened, around: StoreAround, context: Context): Promise<Row> {
  const { stack, store } = opened;
  const choice = stack.store?.vault;
  if (choice === undefined) throw new Error("the stack keeps its values elsewhere");
  const names = stack.secrets.filter(({ derived }) => derived === undefined).map(({ name }) => name);
  const needs = vaultNeeds(vaultPlace(choice, stack.name), names);
  const what = { action: "store.scopes", target: { kind: "store", name: store.description } };
  const ask = async () => await compareVaultToken(await openVaultClient(choice, around), needs);
  return await answered({ name: "the store's token", issuer: "Vault", what, ask }, opened, context);
}

/** Undefined for a stack whose store is no Vault. */
async function auditOf({ store }: ResolvedStack, around: StoreAround): Promise<VaultAudit | undefined> {
  if (store?.vault === undefined) return undefined;
  try {
    return await vaultAudit(await openVaultClient(store.vault, around));
  } catch (error) {
    if (!(error instanceof RingwallError) || !tellsOfToken.has(error.code)) throw error;
    return { state: "unknown", devices: [], detail: `Whether Vault is audited cannot be told: ${error.message}` };
  }
}

const words: Readonly<Record<ScopeComparison["verdict"], string>> = {
  right: "right",
  "too-wide": "too wide",
  "too-narrow": "too narrow",
  "cannot-be-told": "cannot be told",
};

function tell(rows: readonly Row[], audit: VaultAudit | undefined, context: Context): void {
  if (rows.length === 0) context.stdout.write("The stack has no token whose issuer is known.\n");
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  for (const { name, verdict, detail } of rows) {
    context.stdout.write(`${terminal(`${name.padEnd(width)}  ${words[verdict].padEnd(14)}  ${detail}`)}\n`);
  }
  if (audit !== undefined) context.stdout.write(`${terminal(audit.detail)}\n`);
}
