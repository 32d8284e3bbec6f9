import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";

/** What Atlantis's server-side configuration (`repos.yaml`) says of the repositories that it works for. */
export interface AtlantisConfiguration {
  readonly software: "atlantis";
  readonly repositories: FactList<AtlantisRepository>;
}

export interface AtlantisRepository {
  /** A name, or a pattern between slashes. */
  readonly id: string;
  /** True for a pattern that every repository fits. */
  readonly every: boolean;
  /** Whether a pull request may bring steps of its own (`allow_custom_workflows`). */
  readonly customWorkflows: Fact<boolean>;
  /** What a pull request's own `atlantis.yaml` may change (`allowed_overrides`). */
  readonly overrides: FactList<string>;
  /** What must hold before `apply` (`apply_requirements`), of earlier entries too. */
  readonly applyRequirements: Fact<readonly string[]>;
  readonly place: Place;
}
