import type { Place } from "../lib/place.ts";
import type { Fact } from "./fact.ts";

/** What only Docker Compose says of a service; read by the controls of Compose alone. */
export interface ComposeServiceExtension {
  /** The service's key in the file. */
  readonly service: string;
  readonly containerName: Fact<string>;
  /** `build.args` and `build.secrets` by name. */
  readonly buildArguments: readonly { readonly name: string; readonly literal: boolean; readonly place: Place }[];
  readonly links: readonly string[];
  readonly usesDockerSocketProxy: boolean;
}
