/** The request of c2sp.org/tlog-witness, `add-checkpoint`: what a log hands a witness, over a network or on paper. */
import { type Checkpoint, parseCheckpoint } from "../checkpoint.ts";
import type { Hash } from "../merkle.ts";
import { base64Bytes } from "../signed-note.ts";

export interface WitnessRequest {
  /** The size that the witness has cosigned last. */
  readonly old: number;
  readonly proof: readonly Hash[];
  readonly checkpoint: Checkpoint;
}

/** The most lines that a proof may have. */
const longestProof = 63;

export function requestText(old: number, proof: readonly Hash[], checkpoint: string): string {
  const lines = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`);
  return `old ${old}\n${lines.join("")}\n${checkpoint}`;
}

/** Undefined when the text is no request. Verifies nothing. */
export function parseRequest(text: string): WitnessRequest | undefined {
  const gap = text.indexOf("\n\n");
  const [first = "", ...lines] = gap < 0 ? [] : text.slice(0, gap).split("\n");
  const old = /^old (0|[1-9][0-9]{0,15})$/.exec(first)?.[1];
  const proof = lines.map(base64Bytes);
  const checkpoint = parseCheckpoint(text.slice(gap + 2));
  if (old === undefined || checkpoint === undefined || proof.length > longestProof) return undefined;
  if (!proof.every((hash) => hash?.length === 32)) return undefined;
  return { old: Number(old), proof: proof.filter((hash) => hash !== undefined), checkpoint };
}
