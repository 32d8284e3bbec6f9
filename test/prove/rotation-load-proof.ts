import { setTimeout as sleep } from "node:timers/promises";
import { labEngine } from "../lab/support/engine.ts";
import { QuickstartUnderLoad } from "../lab/support/rotate-under-load.ts";
import type { Proof } from "./proof.ts";

/** Requests a second; the API's stand-in has half a core and opens a connection to the database for each request. */
const rates = { postgres: 200, mqtt: 200, site: 200, api: 20 };
const quiet = 30_000;

/** The secrets of the quickstart, rotated while clients that never try again use them. */
export const rotationLoadProof: Proof = {
  name: "rotation-load",
  title: "Rotation under load",
  claim: `Every secret of the quickstart is rotated on a real engine while PostgreSQL (from the API's own network: one request in ten on a new connection, the rest over a pool), the MQTT broker (one in ten on a new connection over TLS, the rest over a kept one), the site and the API behind the edge are asked ${rates.postgres}, ${rates.mqtt}, ${rates.site} and ${rates.api} times a second, from 30 seconds before to 30 seconds after the former values end. The clients never try again. No request fails, and each former value is refused in the end.`,
  async run() {
    const engine = await labEngine();
    if ("missing" in engine) return { skipped: engine.missing };
    if (process.getuid?.() !== 0) return { skipped: "secrets are delivered by root" };
    const quickstart = await QuickstartUnderLoad.start();
    const failures: string[] = [];
    const demand = async (...args: string[]) => {
      const { code, text } = await quickstart.rotate(...args);
      if (code !== 0) failures.push(`ringwall rotate ${args.join(" ")} ended with ${code}: ${text.slice(-1500)}`);
    };
    try {
      quickstart.daysLater(91);
      await quickstart.begin(rates);
      await sleep(quiet);
      const start = performance.now();
      await demand("--due", "--yes");
      await quickstart.giveDevice();
      await sleep(2_000);
      await demand("--retire-now", "--yes");
      const took = Math.round((performance.now() - start) / 100) / 10;
      await sleep(quiet);
      const results = await quickstart.end();
      const figures = Object.entries(results).map(
        ([kind, { sent, failed, slowestMs }]) =>
          [kind, `${sent} requests, ${failed} failed, slowest ${slowestMs} ms`] as const,
      );
      for (const [kind, { failed, reasons }] of Object.entries(results)) {
        if (failed > 0) failures.push(`${kind}: ${failed} failed, such as ${reasons.slice(0, 3).join("; ")}`);
      }
      return { figures: [...figures, ["from the first step to the last proof", `${took} s`] as const], failures };
    } finally {
      await quickstart.stop();
    }
  },
};
