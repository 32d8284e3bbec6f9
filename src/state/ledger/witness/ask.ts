import { appendFile, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFailure, writeFileAtomic } from "../../../lib/atomic-write.ts";
import { RingwallError } from "../../../lib/error.ts";
import { isMissing } from "../../../lib/system-error.ts";
import { type Checkpoint, cosignatureBy, isSignedBy, parseCheckpoint, withSignatures } from "../checkpoint.ts";
import type { LedgerFile } from "../ledger-file.ts";
import { noteText, parseSignatureLine, parseVerifierKey } from "../signed-note.ts";
import { type PostOptions, post } from "./post.ts";
import { requestText } from "./request.ts";
import { noWitness, type WitnessDefinition, WitnessList } from "./witness-list.ts";

/** What a witness has seen now. */
export interface Witnessed {
  readonly name: string;
  readonly size: number;
}

/** Where cosigned checkpoints are kept, one JSON text a line; they go into every export. */
export function cosignedPath(ledgerFolder: string): string {
  return join(ledgerFolder, "cosigned.jsonl");
}

/**
 * The text that a witness is handed: the latest checkpoint, and what shows that it continues the one that the witness has
 * seen last. A person may carry it. Throws `usage` while the ledger is empty.
 */
export async function requestFor(ledger: LedgerFile, name: string | undefined): Promise<string> {
  const { witnesses, seen } = await new WitnessList(ledger.folder).read();
  if (name !== undefined && !witnesses.some((witness) => witness.name === name)) throw noWitness(name);
  const last = parseCheckpoint(seen.find((one) => one.name === name)?.checkpoint ?? "");
  const size = await ledger.size();
  if (name !== undefined && last !== undefined && last.size > size) throw sawMore(name, last.size, size);
  return requestFrom(ledger, last);
}

async function requestFrom(ledger: LedgerFile, last: Pick<Checkpoint, "size" | "root"> | undefined): Promise<string> {
  if ((await ledger.size()) === 0) throw emptyLedger();
  if (last === undefined) return requestText(0, [], (await ledger.checkpoint()) ?? "");
  const { checkpoint, proof } = await ledger.proveConsistency(last.size, last.root);
  return requestText(last.size, proof, checkpoint);
}

export interface AskOptions extends PostOptions {
  readonly now: () => Date;
}

/** Shows a witness the latest checkpoint and keeps what it gives. An offline one is shown it by a person. */
export async function askWitness(
  ledger: LedgerFile,
  witness: WitnessDefinition,
  options: AskOptions,
): Promise<Witnessed> {
  switch (witness.kind) {
    case "https":
      return askServer(ledger, witness, options);
    case "file":
      return writeWitnessFile(ledger, witness, options.now);
    case "offline":
      throw new RingwallError("usage", `"${witness.name}" has no network.`, {
        hint: `Carry what \`ringwall ledger checkpoint --for ${witness.name}\` prints to it, and what \`ringwall ledger cosign\` prints there back to \`ringwall ledger witness bring\`.`,
      });
  }
}

async function askServer(
  ledger: LedgerFile,
  witness: Extract<WitnessDefinition, { kind: "https" }>,
  options: AskOptions,
): Promise<Witnessed> {
  const address = new URL(`${witness.url.replace(/\/+$/, "")}/add-checkpoint`);
  let text = await requestFor(ledger, witness.name);
  let answer = await post(address, text, options);
  const size = Number(/^(0|[1-9][0-9]{0,15})\n$/.exec(answer.status === 409 ? answer.body : "")?.[1] ?? Number.NaN);
  if (Number.isSafeInteger(size)) {
    if (size > (await ledger.size())) throw sawMore(witness.name, size, await ledger.size());
    // What this host remembers of the witness is out of date, as after a restored backup: the witness's own word counts.
    text = await requestFrom(ledger, size === 0 ? undefined : { size, root: await ledger.rootAt(size) });
    answer = await post(address, text, options);
  }
  if (answer.status === 409 || answer.status === 422) throw sawOther(witness.name);
  if (answer.status !== 200) throw refused(witness.name, answer.status);
  const checkpoint = parseCheckpoint(text.slice(text.indexOf("\n\n") + 2));
  const signatures = answer.body.split("\n").flatMap((line) => parseSignatureLine(line) ?? []);
  if (checkpoint === undefined) throw new Error("a request holds no checkpoint");
  return keepCosigned(ledger, witness, withSignatures(checkpoint, signatures), options.now);
}

/** Takes in a checkpoint that a witness has cosigned elsewhere, as `ringwall ledger cosign` prints it. */
export async function bringCosigned(ledger: LedgerFile, text: string, now: () => Date): Promise<Witnessed> {
  const checkpoint = parseCheckpoint(text.endsWith("\n") ? text : `${text}\n`);
  if (checkpoint === undefined) {
    throw new RingwallError("invalid", "This is no checkpoint with a cosignature.", {
      hint: "Bring all that `ringwall ledger cosign` printed, from the name in its first line to its last line.",
    });
  }
  const { witnesses } = await new WitnessList(ledger.folder).read();
  for (const witness of witnesses) {
    if (witness.kind === "file" || cosignatureBy(checkpoint, parseVerifierKey(witness.key)) === undefined) continue;
    return keepCosigned(ledger, witness, checkpoint, now);
  }
  throw new RingwallError("invalid", "None of this ledger's witnesses has cosigned that checkpoint.", {
    hint: "`ringwall ledger witness trust NAME --key KEY` names the machine that did, with the key that it prints.",
  });
}

async function keepCosigned(
  ledger: LedgerFile,
  witness: Extract<WitnessDefinition, { key: string }>,
  checkpoint: Checkpoint,
  now: () => Date,
): Promise<Witnessed> {
  const key = parseVerifierKey(witness.key);
  const cosignature = cosignatureBy(checkpoint, key);
  if (cosignature === undefined) throw notCosigned(witness.name);
  if (!isSignedBy(checkpoint, ledger.verifier)) throw sawOther(witness.name);
  if (checkpoint.size > 0) await ledger.proveConsistency(checkpoint.size, checkpoint.root);
  const own = checkpoint.note.signatures.filter(({ name }) => name === ledger.verifier.name);
  const note = noteText({ text: checkpoint.note.text, signatures: [...own, cosignature.signature] });
  const path = cosignedPath(ledger.folder);
  try {
    await appendFile(path, `${JSON.stringify(note)}\n`, { mode: 0o600, flush: true });
  } catch (error) {
    throw writeFailure(path, error);
  }
  await new WitnessList(ledger.folder).note({ name: witness.name, checkpoint: note, at: now().toISOString() });
  return { name: witness.name, size: checkpoint.size };
}

/** Puts the latest checkpoint into a file elsewhere, after holding what is there against this ledger. */
async function writeWitnessFile(
  ledger: LedgerFile,
  witness: Extract<WitnessDefinition, { kind: "file" }>,
  now: () => Date,
): Promise<Witnessed> {
  const folder = dirname(witness.path);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new RingwallError("not-found", `The folder ${folder} of the witness "${witness.name}" is not there.`, {
      hint: "Mount or plug in what it lies on. Ringwall does not make it, for it would then lie on this machine.",
    });
  }
  const there = await readFile(witness.path, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw new RingwallError("unreadable", `${witness.path} cannot be read.`, { cause: error });
  });
  const seen = there === undefined ? undefined : parseCheckpoint(there);
  if (there !== undefined && (seen === undefined || !isSignedBy(seen, ledger.verifier))) {
    throw new RingwallError("conflict", `${witness.path} holds something else than a checkpoint of this ledger.`, {
      hint: "Nothing was overwritten. If it is of a ledger that was here before, that one was replaced: find out by whom.",
    });
  }
  const size = await ledger.size();
  if (seen !== undefined && seen.size > size) throw sawMore(witness.name, seen.size, size);
  const text = await requestFrom(ledger, seen?.size === 0 ? undefined : seen);
  const checkpoint = text.slice(text.indexOf("\n\n") + 2);
  await writeFileAtomic(witness.path, checkpoint, { mode: 0o644 });
  await new WitnessList(ledger.folder).note({ name: witness.name, checkpoint, at: now().toISOString() });
  return { name: witness.name, size: parseCheckpoint(checkpoint)?.size ?? 0 };
}

function emptyLedger(): RingwallError {
  return new RingwallError("usage", "The ledger is empty: there is nothing to be witnessed yet.");
}

const evidence = "Keep a copy of the ledger's folder as evidence, and compare with what the witness holds.";

function sawMore(name: string, size: number, own: number): RingwallError {
  return new RingwallError(
    "conflict",
    `The witness "${name}" has seen ${size} entries, and the ledger here has ${own}: entries were removed, or a backup was restored.`,
    { hint: evidence },
  );
}

function sawOther(name: string): RingwallError {
  return new RingwallError("conflict", `The witness "${name}" has seen another history of this ledger.`, {
    hint: evidence,
  });
}

function refused(name: string, status: number): RingwallError {
  const why =
    status === 404
      ? "it does not know this ledger: trust its key there (`ringwall ledger key` prints it)"
      : status === 403
        ? "it knows another key for this ledger"
        : `it answered ${status}`;
  return new RingwallError("network", `The witness "${name}" did not cosign: ${why}.`);
}

function notCosigned(name: string): RingwallError {
  return new RingwallError("conflict", `What "${name}" gave is not signed by the key that is known for it.`, {
    hint: "Somebody else answers in its place, or it was given a new key: compare with what its own machine prints.",
  });
}
