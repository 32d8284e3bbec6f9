import type { Place } from "../../lib/place.ts";
import type { Sensitive } from "../sensitive.ts";

/** What a command of a script does that weakens what it builds, or hands out what it should keep. */
export type CommandRiskKind =
  /** A download is run as it comes (`curl … | sh`), or is stored and then run unverified. */
  | "download-run"
  /** The same over plain HTTP. */
  | "plain-download-run"
  /** A key by which packages of every source are believed is taken as it comes (`curl … | apt-key add -`). */
  | "key-unverified"
  /** A key for packages comes over plain HTTP. */
  | "plain-key-unverified"
  /** Certificates are not verified (`curl -k`, `http.sslVerify false`). */
  | "certificates-unverified"
  /** Packages are installed without their signature (`--allow-unauthenticated`, `--nogpgcheck`). */
  | "signatures-unverified"
  /** Package lists are fetched in a layer of their own (`RUN apt-get update`). */
  | "package-lists-alone"
  /** A program gets the set-user-id bit. */
  | "set-user-id"
  /** Files become writable by everybody. */
  | "world-writable"
  /** An SSH or Telnet server is installed. */
  | "remote-shell"
  /** `sudo` asks for no password. */
  | "sudo-without-password"
  /** A secret stands in the command. */
  | "secret";

export interface CommandRisk {
  readonly kind: CommandRiskKind;
  /** A clause of what it does: `the download from get.docker.com is run by sh`. Holds no secret. */
  readonly what: string;
  /** The option of the command without which it would not: `--nogpgcheck`. */
  readonly option?: string;
  /** The secret, where it is one: for telling that what another search finds on this line is the same. */
  readonly value?: Sensitive;
  readonly place: Place;
}
