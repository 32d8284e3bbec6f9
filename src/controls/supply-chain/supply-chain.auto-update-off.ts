/**
 * A program that replaces the others by whatever was published last hands the host to every publisher.
 *
 * Reads:  image.reference, container.environment, container.command
 * Passes: no such program runs, or it only tells what is new.
 */
import { seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { productOf, words } from "../knowledge/products.ts";

const updaters = words("watchtower ouroboros shepherd harbormaster keel");

export const autoUpdateOff = defineControl({
  id: "supply-chain.auto-update-off",
  on: "container",
  severity: "medium",
  title: "Nothing updates the others by itself",
  claim: "No program replaces running images without a person's decision.",
  threat:
    "One hijacked release among all that run is pulled and started within the hour, by a program that holds the engine's socket.",
  remedy:
    'Let it only tell: `WATCHTOWER_MONITOR_ONLY: "true"` (or Diun), raise versions by a change that somebody reads, and give it a filtering socket proxy instead of the socket.',
  remedies: {
    kubernetes:
      "Let changes come by a pull request that somebody reads (Renovate, or Flux's image automation on a branch of its own), in place of a program that changes running Deployments.",
  },
  judged:
    "Fails for Watchtower, Ouroboros, Keel and their like unless they only monitor. Unknown when the image, or the switch, cannot be resolved.",
  // What comes in comes from the registry, whoever reaches its port.
  exposureMatters: false,
  frameworks: { owaspDocker: ["D02", "D08"], nistCsf: ["GV.SC-07"], coverage: ["V3", "V6"] },

  check(container, system) {
    const workload = system.workloadOf(container);
    if (workload === undefined) return notApplicable("it belongs to no service");
    const { image, doubt } = productOf(workload, system);
    if (!updaters.has(image)) {
      return doubt === undefined
        ? notApplicable("it updates nothing")
        : cannotTell("whether it updates others", doubt, { severity: "info" });
    }
    const monitors = onlyMonitors(container);
    if (monitors === undefined) return cannotTell(`whether ${image} only monitors`, "its settings cannot be resolved");
    return monitors ? pass(`${image} only tells what is new`) : fail(`${image} replaces the others' images by itself`);
  },
});

function onlyMonitors(container: Container): boolean | undefined {
  const { environment } = container;
  const variable = environment.items.find(({ name }) => /^(?:WATCHTOWER_)?MONITOR_ONLY$/.test(name));
  if (variable !== undefined) {
    const text = knownValue(variable.value)?.reveal();
    return text === undefined ? undefined : /^(?:1|true|yes)$/i.test(text.trim());
  }
  const { words, open, hidden } = seenStart(container);
  if (words.some((word) => /--monitor-only/.test(word))) return true;
  if (hidden !== undefined || open.some(({ name }) => name === "--monitor-only")) return undefined;
  return environment.complete ? false : undefined;
}
