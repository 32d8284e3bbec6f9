import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { BuildRisk, BuildRiskKind, DockerfileConfiguration } from "../../facts/configuration/dockerfile.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

/** How bad each kind is, in the image and in a stage that only gives files to it; kinds that are not named are left out. */
export type RiskSeverities = Partial<Record<BuildRiskKind, Severity | RiskSeverity>>;

interface RiskSeverity {
  readonly inImage: Severity;
  /** `undefined`: no finding there. */
  readonly elsewhere: Severity | undefined;
  /** True for what the containers are judged by where a service is seen to run the image. */
  readonly seenInContainer?: true;
}

export function dockerfileOf({ configuration }: RepositoryFile): DockerfileConfiguration | undefined {
  return configuration?.software === "dockerfile" ? configuration : undefined;
}

interface RiskOptions {
  /** Whether another control tells of it. */
  readonly toldElsewhere?: (risk: BuildRisk) => boolean;
  readonly remedyFor?: (risk: BuildRisk) => string | undefined;
}

/** None of the risks of these kinds may be in a Dockerfile; `none` is what then holds. */
export function forbidRisks(
  file: RepositoryFile,
  severities: RiskSeverities,
  none: string,
  options: RiskOptions = {},
): Judgement | readonly Judgement[] {
  const dockerfile = dockerfileOf(file);
  if (dockerfile === undefined) return notApplicable("not a Dockerfile");
  const judge = (risk: BuildRisk): Judgement | undefined => {
    const severity = severityOf(risk, severities, file);
    if (severity === undefined || options.toldElsewhere?.(risk) === true) return undefined;
    const remedy = options.remedyFor?.(risk);
    return fail(risk.what, {
      place: risk.place,
      detail: `${risk.kind} ${risk.name}`,
      severity,
      ...(remedy === undefined ? {} : { remedy }),
    });
  };
  const judgements = forbidAny(dockerfile.risks, judge, { what: "the list of what the Dockerfile does", none });
  // The finding of `input` says what could not be read; what follows from it is not worth as much again.
  return judgements.map((judgement) =>
    judgement.verdict === "unknown" ? { ...judgement, severity: "info" } : judgement,
  );
}

function severityOf(risk: BuildRisk, severities: RiskSeverities, file: RepositoryFile): Severity | undefined {
  const known = severities[risk.kind];
  if (known === undefined || typeof known === "string") return known;
  if (known.seenInContainer === true && file.owner !== undefined) return undefined;
  return risk.inImage ? known.inImage : known.elsewhere;
}
