import type { EngineClient } from "../../platforms/compose/engine/client.ts";

/** The last lines that a container wrote, as they stand in the engine's log; may hold anything, secrets too. */
export async function lastLines(client: EngineClient, id: string, terminal: boolean, count: number): Promise<string[]> {
  const query = { stdout: 1, stderr: 1, tail: count };
  const bytes = await client.bytes(`/containers/${id}/logs`, query, 1024 * 1024).catch(() => Buffer.alloc(0));
  const text = (terminal ? bytes : withoutFrames(bytes)).toString("utf8");
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

/**
 * The text of a log without the engine's frames: one byte for the stream, three of nothing, four for the length
 * (docs.docker.com/reference/api/engine, "Attach to a container").
 */
export function withoutFrames(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts);
}
