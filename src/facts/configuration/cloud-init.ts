import type { Place } from "../../lib/place.ts";
import type { FactList } from "../fact.ts";
import type { Sensitive } from "../sensitive.ts";
import type { CommandRisk } from "./command-risk.ts";

/** What a file for cloud-init, or for Ubuntu's installer, has a machine do when it first starts. */
export interface CloudInitConfiguration {
  readonly software: "cloud-init";
  /** What its commands, packages and files take from elsewhere unverified, or open to everybody. */
  readonly risks: FactList<CommandRisk>;
  /** The secrets that stand in its fields: they are judged with what else stands in the text (`secretsInText`). */
  readonly secrets: FactList<CloudInitSecret>;
}

export interface CloudInitSecret {
  /** In words, without the value: `the password of anna`. */
  readonly what: string;
  readonly value: Sensitive;
  readonly place: Place;
}
