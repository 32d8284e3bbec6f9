import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";

/** The keywords that a control reads, in lower case as sshd takes them. */
export const sshdKeywords = [
  "passwordauthentication",
  "kbdinteractiveauthentication",
  "permitemptypasswords",
  "pubkeyauthentication",
  "hostbasedauthentication",
  "authenticationmethods",
  "usepam",
  "strictmodes",
  "permitrootlogin",
  "allowusers",
  "allowgroups",
  "x11forwarding",
  "gatewayports",
  "permittunnel",
  "permituserenvironment",
  "disableforwarding",
  "maxauthtries",
  "logingracetime",
  "persourcepenalties",
  "loglevel",
  "protocol",
  "ciphers",
  "macs",
  "kexalgorithms",
  "hostkeyalgorithms",
  "pubkeyacceptedalgorithms",
] as const;
export type SshdKeyword = (typeof sshdKeywords)[number];

export interface SshdSetting {
  /** As written, words and lists with one blank or comma between; `unstated` where another file decides. */
  readonly value: Fact<string>;
  /** What is included before it and could not be read: what that says counts, for sshd takes the first value. */
  readonly behind: string | undefined;
}

/** What an `sshd_config`, or a part of one, tells OpenSSH's server. */
export interface SshdConfiguration {
  readonly software: "sshd";
  /** `part` for a file of `sshd_config.d` and the like: what it does not state is decided elsewhere. */
  readonly extent: "whole" | "part";
  /** What a machine's first start says of it, in keys of its own: no file of the server. */
  readonly ofFirstStart?: true;
  readonly settings: Readonly<Record<SshdKeyword, SshdSetting>>;
  /** What `Match` blocks set for some alone. */
  readonly exceptions: FactList<SshdException>;
}

export interface SshdException {
  /** The conditions as written: `User backup`. */
  readonly criteria: string;
  readonly keyword: SshdKeyword;
  readonly value: string;
  readonly place: Place;
}
