import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { isLocalhost } from "../../lib/own-address.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { parseCheckpoint } from "../../state/ledger/checkpoint.ts";
import type { LedgerFile } from "../../state/ledger/ledger-file.ts";
import { askWitness, bringCosigned, type Witnessed } from "../../state/ledger/witness/ask.ts";
import { witnessServer } from "../../state/ledger/witness/server.ts";
import { Witness } from "../../state/ledger/witness/witness.ts";
import { noWitness, type WitnessDefinition, WitnessList } from "../../state/ledger/witness/witness-list.ts";
import type { Context, ExitCode } from "../command.ts";
import { principalOf } from "../principal.ts";
import { keyOf, type StackOption, textOf, withLedger } from "./open-ledger.ts";

export interface TrustOptions extends StackOption {
  readonly url?: string;
  readonly file?: string;
  readonly key?: string;
}

/** Names a witness of the ledger. */
export function trustWitness(name: string, options: TrustOptions, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>({ ...options, create: true }, context, async (ledger) => {
    const definition = await definitionOf(name, options, context);
    await new WitnessList(ledger.folder).add(definition);
    await note(ledger, "ledger.witness-trust", definition.name, { kind: definition.kind }, context);
    context.stdout.write(terminal(`${name} is a witness of this ledger.`));
    context.stdout.write(
      definition.kind === "file" ? "\n" : ` Its own machine must trust this ledger's key:\n${ledger.verifier.text}\n`,
    );
    return 0;
  });
}

async function definitionOf(
  name: string,
  { url, file, key }: TrustOptions,
  context: Context,
): Promise<WitnessDefinition> {
  if (file !== undefined && url === undefined && key === undefined) {
    return { kind: "file", name, path: resolve(context.cwd, file) };
  }
  if (key === undefined || file !== undefined) {
    throw new RingwallError("usage", "A witness is named by --url and --key, by --key alone, or by --file alone.", {
      hint: "Another host by its address and the key that it prints, a machine without a network by its key, a file elsewhere by its path.",
    });
  }
  const { text } = await keyOf(key, context);
  if (url === undefined) return { kind: "offline", name, key: text };
  if (!URL.canParse(url)) throw new RingwallError("usage", `"${url}" is no address.`, { hint: "Write https://HOST." });
  return { kind: "https", name, url, key: text };
}

export function removeWitness(name: string, options: StackOption, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    await new WitnessList(ledger.folder).remove(name);
    await note(ledger, "ledger.witness-remove", name, {}, context);
    context.stdout.write(`${terminal(`${name} is no witness of this ledger any more.`)}\n`);
    return 0;
  });
}

export function listWitnesses(
  options: StackOption & { readonly format: "text" | "json" },
  context: Context,
): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    const { witnesses, seen } = await new WitnessList(ledger.folder).read();
    const size = await ledger.size();
    const rows = witnesses.map((witness) => {
      const last = seen.find(({ name }) => name === witness.name);
      return { ...witness, seen: parseCheckpoint(last?.checkpoint ?? "")?.size ?? 0, at: last?.at ?? null };
    });
    if (options.format === "json") context.stdout.write(jsonText({ version: 1, entries: size, witnesses: rows }));
    else {
      for (const row of rows) {
        const where = row.kind === "https" ? row.url : row.kind === "file" ? row.path : "carried by hand";
        const when = row.at === null ? "has seen nothing yet" : `has seen ${row.seen} of ${size} entries, on ${row.at}`;
        context.stdout.write(`${terminal(`${row.name}  ${where}  ${when}`)}\n`);
      }
      if (rows.length === 0)
        context.stdout.write("The ledger has no witness: whoever holds this machine can rewrite it unseen.\n");
    }
    return 0;
  });
}

/** Shows the latest checkpoint to witnesses. One that cannot be reached keeps the others from nothing; it ends in 3. */
export function askWitnesses(
  names: readonly string[],
  options: StackOption & { readonly ca?: string },
  context: Context,
): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    const { witnesses } = await new WitnessList(ledger.folder).read();
    const unknown = names.find((name) => !witnesses.some((witness) => witness.name === name));
    if (unknown !== undefined) throw noWitness(unknown);
    const asked = witnesses.filter(({ kind, name }) =>
      names.length === 0 ? kind !== "offline" : names.includes(name),
    );
    if (asked.length === 0) throw new RingwallError("usage", "The ledger has no witness that can be asked from here.");
    const ca = options.ca === undefined ? undefined : await textOf(options.ca, context);
    const failures: RingwallError[] = [];
    for (const witness of asked) {
      try {
        tell(
          await askWitness(ledger, witness, { now: () => context.now(), ...(ca === undefined ? {} : { ca }) }),
          context,
        );
      } catch (error) {
        if (!(error instanceof RingwallError)) throw error;
        failures.push(error);
        context.stderr.write(`ringwall: ${terminal(error.describe())}\n`);
        if (error.code === "conflict")
          await note(ledger, "ledger.witness", witness.name, { refused: error.message }, context, "failed");
      }
    }
    return failures.length === 0 ? 0 : 3;
  });
}

/** Takes in what a witness without a network has cosigned. */
export function bringWitness(file: string | undefined, options: StackOption, context: Context): Promise<ExitCode> {
  return withLedger<ExitCode>(options, context, async (ledger) => {
    tell(await bringCosigned(ledger, await textOf(file, context), () => context.now()), context);
    return 0;
  });
}

function tell({ name, size }: Witnessed, context: Context): void {
  context.stdout.write(`${terminal(`${name} has seen ${size} ${size === 1 ? "entry" : "entries"}.`)}\n`);
}

async function note(
  ledger: LedgerFile,
  action: string,
  name: string,
  detail: Readonly<Record<string, string>>,
  context: Context,
  outcome: "done" | "failed" = "done",
): Promise<void> {
  const target = { kind: "witness", name };
  const principal = principalOf(context);
  await ledger.append({
    principal,
    action,
    target,
    stack: null,
    operation: null,
    outcome,
    before: null,
    after: null,
    detail,
  });
}

export interface OwnWitnessOptions {
  /** Where this machine keeps what it witnesses. */
  readonly state?: string;
  readonly log: readonly string[];
}

/** Runs work as a witness of other machines' ledgers. */
async function withWitness<T>(
  options: OwnWitnessOptions,
  context: Context,
  work: (witness: Witness) => Promise<T>,
): Promise<T> {
  const { HOME, XDG_STATE_HOME } = context.env;
  const base = XDG_STATE_HOME ?? join(HOME ?? context.cwd, ".local/state");
  const folder = options.state === undefined ? join(base, "ringwall/witness") : resolve(context.cwd, options.state);
  const witness = await Witness.open(folder, () => context.now());
  try {
    for (const given of options.log) await witness.trust(await keyOf(given, context));
    return await work(witness);
  } finally {
    witness.close();
  }
}

/** Cosigns a checkpoint that a person has brought, when it continues what was cosigned before. */
export async function cosignCommand(
  file: string | undefined,
  options: OwnWitnessOptions,
  context: Context,
): Promise<ExitCode> {
  return withWitness<ExitCode>(options, context, async (witness) => {
    const { status, body, cosigned } = await witness.answer(await textOf(file, context));
    if (cosigned !== undefined) {
      context.stdout.write(cosigned);
      return 0;
    }
    throw notCosigned(status, body.trim());
  });
}

function notCosigned(status: number, body: string): RingwallError {
  switch (status) {
    case 404:
    case 403:
      return new RingwallError("usage", body, {
        hint: "Give the ledger's key with --log, as `ringwall ledger key` prints it on its host; bring it by a way that you trust.",
      });
    case 409:
      return new RingwallError(
        "conflict",
        `Nothing was cosigned: the last checkpoint here has ${body} entries, and the request continues another or contradicts it.`,
        {
          hint: "If the ledger's host has forgotten it, remove and trust the witness there again and bring a new request; if the sizes are equal, the ledger was rewritten.",
        },
      );
    case 422:
      return new RingwallError(
        "conflict",
        "Nothing was cosigned: this ledger does not continue the one that was cosigned before. Its history was rewritten.",
        {
          hint: "Keep the request and what `ringwall ledger held` prints: together they prove it.",
        },
      );
    default:
      return new RingwallError("invalid", "This is nothing that could be cosigned.", {
        hint: "Bring all that `ringwall ledger checkpoint --for NAME` printed, from the line that begins with `old`.",
      });
  }
}

/** Prints this machine's own key, which a ledger's owner and whoever verifies need. */
export function ownKey(options: OwnWitnessOptions, context: Context): Promise<ExitCode> {
  return withWitness<ExitCode>(options, context, async (witness) => {
    context.stdout.write(`${witness.verifier.text}\n`);
    return 0;
  });
}

/** Prints the largest checkpoint of each ledger that this machine has cosigned. */
export function heldCommand(
  origin: string | undefined,
  options: OwnWitnessOptions,
  context: Context,
): Promise<ExitCode> {
  return withWitness<ExitCode>(options, context, async (witness) => {
    const held = await witness.held();
    const shown = held.filter((text) => origin === undefined || parseCheckpoint(text)?.origin === origin);
    if (shown.length === 0) throw new RingwallError("usage", "This machine has cosigned no such ledger.");
    if (shown.length > 1) {
      const names = shown.map((text) => parseCheckpoint(text)?.origin ?? "");
      throw new RingwallError("usage", `This machine witnesses several ledgers: ${names.join(", ")}.`, {
        hint: "Name one.",
      });
    }
    context.stdout.write(shown.join(""));
    return 0;
  });
}

export interface ListenOptions extends OwnWitnessOptions {
  readonly listen: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Serves c2sp.org/tlog-witness until Ctrl-C. Without a certificate only on this machine, for a proxy in front. */
export function listenCommand(options: ListenOptions, context: Context): Promise<ExitCode> {
  const match = /^(\[[0-9a-f:]+\]|[^:]+):(\d{1,5})$/i.exec(options.listen);
  const host = match?.[1]?.replace(/^\[|\]$/g, "");
  const secure = options.tlsCert !== undefined && options.tlsKey !== undefined;
  if (host === undefined)
    throw new RingwallError("usage", `"${options.listen}" is no address to listen on.`, { hint: "Write HOST:PORT." });
  if (!secure && !isLocalhost(host)) {
    throw new RingwallError("usage", "Without --tls-cert and --tls-key a witness listens on this machine only.", {
      hint: "Give both, or put a proxy with a certificate in front of 127.0.0.1.",
    });
  }
  return withWitness<ExitCode>(options, context, async (witness) => {
    const tls = secure
      ? { tls: { cert: await pem(options.tlsCert, context), key: await pem(options.tlsKey, context) } }
      : {};
    const server = witnessServer(witness, tls);
    const listening = new Promise<void>((done, failed) =>
      server.once("error", failed).listen(Number(match?.[2]), host, done),
    );
    await listening.catch((error: Error) => {
      throw new RingwallError("conflict", `${options.listen} cannot be listened on.`, { cause: error });
    });
    const { port } = server.address() as AddressInfo;
    context.stderr.write(`${terminal(`Listening on ${host}:${port}. This witness's key: ${witness.verifier.text}`)}\n`);
    const { signal } = context;
    if (!signal.aborted) await new Promise((done) => signal.addEventListener("abort", done, { once: true }));
    await new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
    return 0;
  });
}

function pem(file: string | undefined, context: Context): Promise<string> {
  return readFile(resolve(context.cwd, file ?? ""), "utf8").catch((error: unknown) => {
    throw new RingwallError("not-found", `${file} cannot be read.`, { cause: error });
  });
}
