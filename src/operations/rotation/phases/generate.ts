import { RingwallError } from "../../../lib/error.ts";
import { generateSecret } from "../../../secrets/generate.ts";
import { Secret } from "../../../secrets/secret.ts";
import { nextName } from "../engine.ts";
import { currentOf, note, obeySignal, phase, type SecretRun } from "../secret-run.ts";

/** Shorter values that a person brings are typing mistakes or guessable. */
const shortest = 8;

/**
 * Makes or fetches the new value and has the store keep it before anything outside changes. After a crash the value that
 * the store has is used, and no second one is made.
 */
export function generate(run: SecretRun): Promise<void> {
  return phase(run, "generate", "make the new value and keep it", async () => {
    obeySignal(run);
    const { store } = run.engine;
    const { name } = run.secret;
    const kept = nextName(name);
    if (run.progress.fact("generated") === true && (await store.get(kept)) !== undefined) return;
    const current = await currentOf(run);
    const value = await newValue(run, current);
    demandUsable(value, current?.value, name, run);
    // After the value was fetched: where the issuer names the account, it is known only now.
    await note(run, "generate", { account: run.rotation.nextAccount(current) ?? null, generated: true });
    const secret = new Secret(kept, value.expose());
    await store.set(secret);
    if ((await store.get(kept))?.expose() === secret.expose()) return;
    throw new RingwallError(
      "invalid",
      `${store.description} does not give back the new value of "${name}" as it was.`,
      {
        hint: "Nothing was changed outside. See whether the store keeps what it is given.",
      },
    );
  });
}

async function newValue(run: SecretRun, current: Awaited<ReturnType<typeof currentOf>>): Promise<Secret> {
  const { secret, rotation, engine } = run;
  if (rotation.obtain !== undefined) return rotation.obtain(current);
  const { name, kind, length, names } = secret;
  if (kind === "external") return engine.ask(name, `New value of ${name}: `);
  return generateSecret(
    { name: nextName(name), kind, length, names },
    engine.surroundings.random,
    engine.surroundings.now(),
  );
}

function demandUsable(value: Secret, current: Secret | undefined, name: string, run: SecretRun): void {
  const text = value.expose();
  const refuse = (why: string) => {
    throw new RingwallError("invalid", `The new value of "${name}" ${why}; nothing was changed outside.`, {
      hint: "Fetch another one where it is issued, and run the command again.",
    });
  };
  if (text === current?.expose()) refuse("is the present one");
  if (text.trim() === "") refuse("is empty");
  if (text.length < shortest) refuse(`has fewer than ${shortest} characters`);
  // A key in PEM has lines; anything else with one is a paste that went wrong, and breaks what reads one line.
  if (run.rotation.obtain === undefined && run.secret.kind !== "tls-self-signed" && /[\r\n\0]/.test(text)) {
    if (!text.startsWith("-----BEGIN ")) refuse("has more than one line");
  }
}
