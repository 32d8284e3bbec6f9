import type { Judgement } from "../../contracts/verdict.ts";
import type { DockerDaemonConfiguration } from "../../facts/configuration/docker-daemon.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { notApplicable } from "../judge.ts";

/** What a file says of Docker's engine; undefined for every other file. */
export function engineOf({ configuration }: RepositoryFile): DockerDaemonConfiguration | undefined {
  return configuration?.software === "docker-daemon" ? configuration : undefined;
}

/**
 * Judges what an engine gives its containers. What is not seen because the whole file is not is told once for the file, and
 * is no verdict of a control.
 */
export function onEngine(
  file: RepositoryFile,
  judge: (engine: DockerDaemonConfiguration) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] {
  const engine = engineOf(file);
  if (engine === undefined) return notApplicable("it does not configure Docker's engine");
  const answer = judge(engine);
  const judgements: readonly Judgement[] = Array.isArray(answer) ? answer : [answer];
  const told = judgements.filter(({ because }) => because === undefined || because !== engine.unseen);
  return told.length === 0 ? notApplicable("it cannot be read as a whole, which is said of the file") : told;
}
