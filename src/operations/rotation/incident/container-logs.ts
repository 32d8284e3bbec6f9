import { containerListSchema } from "../../../platforms/compose/engine/schemas.ts";
import { composeLabels } from "../../../platforms/compose/engine/snapshot.ts";
import { withoutFrames } from "../../deploy/container-logs.ts";
import type { Deployment } from "../../deploy/deployment.ts";
import type { ReadLogs } from "../engine.ts";

/** What is kept of one container's log; of a longer one the newest lines. */
const mostLines = 200_000;
const largest = 96 * 1024 * 1024;

/** Reads what a service's containers wrote, stopped ones too, from the engine's own log. */
export function composeLogs({ client, resources }: Pick<Deployment, "client" | "resources">): ReadLogs {
  return async (service, since) => {
    const label = [`${composeLabels.project}=${resources.project}`, `${composeLabels.service}=${service}`];
    const query = { all: 1, filters: JSON.stringify({ label }) };
    const listed = await client.get("/containers/json", containerListSchema, query);
    const lines: string[] = [];
    for (const { Id } of listed) {
      const from = { stdout: 1, stderr: 1, timestamps: 1, since: Math.floor(since.getTime() / 1000), tail: mostLines };
      const bytes = await client.bytes(`/containers/${Id}/logs`, from, largest);
      const text = isFramed(bytes) ? withoutFrames(bytes) : bytes;
      lines.push(
        ...text
          .toString("utf8")
          .split(/\r?\n/)
          .filter((line) => line.trim() !== ""),
      );
    }
    // Each begins with its time.
    return lines.sort();
  };
}

/** A log of a container without a terminal comes in frames, which begin with a stream's number and three zeros. */
function isFramed(bytes: Buffer): boolean {
  return bytes.length >= 8 && bytes[0] !== undefined && bytes[0] <= 2 && bytes.subarray(1, 4).equals(Buffer.alloc(3));
}
