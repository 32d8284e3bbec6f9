/** Secrets that were found in the texts of files. None of these holds a value, or any part of one. */
import type { Place } from "../lib/place.ts";

/**
 * How a secret was recognised. `issued`: by the shape that its issuer gives to all of its tokens. `key`: a private key.
 * `url`: a password in an address. `assigned`: its name says secret, and its looks do.
 */
export type SecretRecognition = "issued" | "key" | "url" | "assigned";

export interface SecretInText {
  /** In words: `a GitHub token`, `the value of db_password`. */
  readonly what: string;
  readonly by: SecretRecognition;
  /** True where the file shows how something is done: documentation, an example, a test. */
  readonly example: boolean;
  /** True where whoever has it must also stand near by: the key of a radio network. */
  readonly nearBy?: true;
  readonly place: Place;
}

/** A secret that a commit brought in. */
export interface SecretInHistory {
  readonly what: string;
  readonly by: SecretRecognition;
  readonly example: boolean;
  /** The commit, shortened. */
  readonly commit: string;
  /** The day of the commit, `2026-03-01`. */
  readonly date: string;
  readonly path: string;
  readonly line: number;
  /** In how many files and commits it was brought in, this one included. */
  readonly times: number;
  /** Whether it still stands in a file of the newest commit. */
  readonly stillThere: boolean;
  readonly place: Place;
}

/** A kind of file that holds secrets and that a tool in use makes. */
export interface UnignoredKind {
  /** What is to be written into `.gitignore`: `*.tfstate`. */
  readonly pattern: string;
  /** Whose it is: `OpenTofu`. */
  readonly tool: string;
  readonly place: Place;
}
