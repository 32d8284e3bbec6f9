import type { CredentialCheck } from "../../../contracts/rotator.ts";

/** What was seen while credentials were tried again and again. */
export interface WatchedCredentials {
  /** The longest that any one of them did not work, all its failures taken together. */
  readonly milliseconds: number;
  /** How often they were tried, and how often one did not work. */
  readonly tries: number;
  readonly failures: number;
}

export interface WatchSurroundings {
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const interval = 200;

/**
 * Tries the present credential of each user every 200 ms until it is stopped. The time from the first try that failed
 * to the next that did not, or to the end, counts as time without. A check that throws counts as failed.
 */
export function watchCredentials(
  checks: readonly (() => Promise<CredentialCheck>)[],
  { clock, sleep }: WatchSurroundings,
): { stop(): Promise<WatchedCredentials> } {
  let stopped = false;
  let tries = 0;
  let failures = 0;
  const watch = async (check: () => Promise<CredentialCheck>): Promise<number> => {
    let without = 0;
    let since: number | undefined;
    while (!stopped) {
      const begun = clock();
      const { outcome } = await check().catch(() => ({ outcome: "unreachable" as const }));
      tries += 1;
      if (outcome !== "accepted") {
        failures += 1;
        since ??= begun;
      } else if (since !== undefined) {
        without += clock() - since;
        since = undefined;
      }
      if (!stopped) await sleep(Math.max(0, interval - (clock() - begun)));
    }
    return since === undefined ? without : without + clock() - since;
  };
  const watches = checks.map(watch);
  return {
    async stop() {
      stopped = true;
      const milliseconds = Math.max(0, ...(await Promise.all(watches)));
      return { milliseconds, tries, failures };
    },
  };
}
