import { type JsonAnswer, Unanswered } from "./json-server.ts";

/** Time, as everything from outside, is handed in. */
export interface StoreSurroundings {
  /** Milliseconds of a clock that only goes forward. */
  clock(): number;
  sleep(milliseconds: number): Promise<void>;
}

const attempts = 4;
/** Nobody waits longer at a prompt; a server that asks for more is told of as too busy. */
const longestPause = 10_000;

/** Whether the server says: not now, or that something failed inside. */
export function isPassing({ status }: JsonAnswer): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/**
 * Asks again, with growing pauses, while there is no answer or one that passes. Only for what may be done twice. The
 * last answer or failure is passed on as it is. `final` tells answers that no waiting changes.
 */
export async function retrying(
  ask: () => Promise<JsonAnswer>,
  { sleep }: StoreSurroundings,
  final: (answer: JsonAnswer) => boolean = () => false,
): Promise<JsonAnswer> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === attempts;
    try {
      const answer = await ask();
      if (last || !isPassing(answer) || final(answer)) return answer;
      await sleep(pauseFor(attempt, answer));
    } catch (error) {
      if (last || !(error instanceof Unanswered)) throw error;
      await sleep(pauseFor(attempt));
    }
  }
}

function pauseFor(attempt: number, answer?: JsonAnswer): number {
  const asked = Number(answer?.headers["retry-after"]);
  const own = 200 * 2 ** (attempt - 1);
  return Number.isFinite(asked) && asked > 0 ? Math.min(Math.max(own, asked * 1000), longestPause) : own;
}
