import type { Credential, CredentialCheck, Vantage } from "../../contracts/rotator.ts";
import { patience } from "./engine.ts";
import type { SecretRun } from "./secret-run.ts";

/**
 * Tries a credential until the wanted outcome is seen or patience ends, and gives the last outcome. An issuer may need a
 * moment for either; a single answer of the other kind proves nothing yet.
 */
export async function tryUntil(
  run: Pick<SecretRun, "engine" | "rotation">,
  credential: Credential,
  from: Vantage,
  wanted: "accepted" | "refused",
): Promise<CredentialCheck> {
  const { clock, sleep } = run.engine.surroundings;
  const deadline = clock() + patience.credential;
  for (;;) {
    const check = await run.rotation.verify(credential, from);
    if (check.outcome === wanted || clock() >= deadline) return check;
    await sleep(patience.between);
  }
}
