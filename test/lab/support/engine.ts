import { homedir } from "node:os";
import { RingwallError } from "../../../src/lib/error.ts";
import { EngineClient, findEndpoint } from "../../../src/platforms/compose/engine.ts";

/** The engine that lab tests run on, or why there is none. */
export type LabEngine = { readonly client: EngineClient } | { readonly missing: string };

/**
 * The engine that answers here. Where none does, and the lab is required, this throws, so that a machine that is meant
 * to prove something never passes by having skipped it.
 */
export async function labEngine(): Promise<LabEngine> {
  try {
    const endpoint = await findEndpoint({ variables: process.env, home: homedir() });
    return { client: await EngineClient.connect(endpoint, { timeout: 60_000 }) };
  } catch (error) {
    const missing = error instanceof RingwallError ? error.describe() : String(error);
    if (process.env.CI === "true" || process.env.RINGWALL_LAB === "required") {
      throw new Error(`The lab is required here, and it has no engine: ${missing}`);
    }
    return { missing };
  }
}

/** For `describe.skipIf`: whether to skip, and the title that says why. */
export function labTitle(title: string, engine: LabEngine): string {
  return "missing" in engine ? `${title} (skipped: ${engine.missing})` : title;
}
