/**
 * What sshd makes of its configuration: the first value of a keyword counts, `Include` stands for the files' own lines, a
 * `Match` block holds up to the next one.
 *
 * Defaults: sshd_config(5) of OpenSSH 10.0 (those named here are the same since 8.7).
 */
import {
  type SshdConfiguration,
  type SshdException,
  type SshdKeyword,
  type SshdSetting,
  sshdKeywords,
} from "../../facts/configuration/sshd.ts";
import { complete, defaulted, type Fact, incomplete, stated, unknown, unstated } from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import { type Place, placeAt, type Source, wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { type SshdLine, sshdLines } from "./parse.ts";
import { expectedInstead, isFilledIn } from "./values.ts";

const defaults: Partial<Record<SshdKeyword, string>> = {
  passwordauthentication: "yes",
  kbdinteractiveauthentication: "yes",
  permitemptypasswords: "no",
  pubkeyauthentication: "yes",
  hostbasedauthentication: "no",
  authenticationmethods: "any",
  usepam: "no",
  strictmodes: "yes",
  permitrootlogin: "prohibit-password",
  x11forwarding: "no",
  gatewayports: "no",
  permittunnel: "no",
  permituserenvironment: "no",
  disableforwarding: "no",
  maxauthtries: "6",
  logingracetime: "120",
  persourcepenalties: "yes",
  loglevel: "INFO",
  protocol: "2",
};

/** Older names that mean the same (`servconf.c`). */
const aliases: ReadonlyMap<string, SshdKeyword> = new Map(
  Object.entries({
    challengeresponseauthentication: "kbdinteractiveauthentication",
    skeyauthentication: "kbdinteractiveauthentication",
    dsaauthentication: "pubkeyauthentication",
    pubkeyacceptedkeytypes: "pubkeyacceptedalgorithms",
  }),
);

const known: ReadonlySet<string> = new Set(sshdKeywords);
/** Keywords whose lines add up instead of the first one counting. */
const cumulative: ReadonlySet<SshdKeyword> = new Set(["allowusers", "allowgroups"]);

/** Opens the files that an `Include` names; undefined for what is not in the repository. */
export type OpenIncluded = (pattern: string) => readonly TextFile[] | undefined;

export interface ReadSshd {
  readonly configuration: SshdConfiguration;
  readonly sources: readonly Source[];
  readonly problems: readonly InputProblem[];
}

interface Written {
  readonly values: string[];
  readonly place: Place;
  readonly behind: string | undefined;
  /** Why sshd does not take what is written. */
  readonly wrong: string | undefined;
}

export function readSshd(file: TextFile, extent: "whole" | "part", open: OpenIncluded): ReadSshd {
  return new Reader(file, extent, open).read();
}

/** As deep sshd goes itself; what goes around in a circle keeps it from starting. */
const deepest = 16;
/** More files than anybody includes: those that include each other twice are twice as many with each step down. */
const mostFiles = 500;

class Reader {
  readonly #file: TextFile;
  readonly #extent: "whole" | "part";
  readonly #open: OpenIncluded;
  readonly #values = new Map<SshdKeyword, Written>();
  readonly #problems: InputProblem[] = [];
  readonly #exceptions: SshdException[] = [];
  readonly #sources: Source[] = [];
  /** What was included and is not in the repository. */
  #missing: string | undefined;
  /** Why what a `Match` block says cannot be told. */
  #wrongException: string | undefined;
  #criteria: string | undefined;

  constructor(file: TextFile, extent: "whole" | "part", open: OpenIncluded) {
    this.#file = file;
    this.#extent = extent;
    this.#open = open;
  }

  read(): ReadSshd {
    this.#lines(this.#file, 0);
    const place = wholeFile(this.#file.source);
    const settings = Object.fromEntries(sshdKeywords.map((keyword) => [keyword, this.#setting(keyword, place)]));
    const missing =
      this.#missing === undefined ? undefined : `\`${this.#missing}\` is included and is not in this folder`;
    const why = this.#wrongException ?? missing;
    const exceptions = why === undefined ? complete(this.#exceptions, place) : incomplete(this.#exceptions, why, place);
    return {
      configuration: {
        software: "sshd",
        extent: this.#extent,
        settings: settings as Record<SshdKeyword, SshdSetting>,
        exceptions,
      },
      sources: this.#sources,
      problems: this.#problems,
    };
  }

  #lines(file: TextFile, depth: number): void {
    for (const line of sshdLines(file.text)) {
      if (line.keyword === "match") this.#criteria = criteriaOf(line);
      else if (line.keyword === "include") this.#include(line, depth);
      else this.#keyword(line, file.source);
    }
  }

  /** A block that an included file opens ends with the file. */
  #include(line: SshdLine, depth: number): void {
    for (const pattern of line.arguments) {
      const mayOpen = depth < deepest && this.#sources.length < mostFiles;
      const files = mayOpen ? this.#open(pattern) : undefined;
      if (files === undefined) this.#missing ??= pattern;
      for (const file of files ?? []) {
        const outside = this.#criteria;
        this.#sources.push(file.source);
        this.#lines(file, depth + 1);
        this.#criteria = outside;
      }
    }
  }

  #keyword(line: SshdLine, source: Source): void {
    const place = placeAt(source, line.offset);
    const wrong = this.#wrong(line, place);
    const keyword = aliases.get(line.keyword) ?? (known.has(line.keyword) ? (line.keyword as SshdKeyword) : undefined);
    if (keyword === undefined || (line.arguments.length === 0 && wrong === undefined)) return;
    const value = line.arguments.join(" ");
    if (this.#criteria !== undefined) {
      const open = isFilledIn(value) ? "a template fills in what one of them says" : undefined;
      this.#wrongException ??= wrong ?? open;
      if (open !== undefined) return;
      this.#exceptions.push({ criteria: this.#criteria, keyword, value, place });
      return;
    }
    const first = this.#values.get(keyword);
    if (first === undefined) this.#values.set(keyword, { values: [value], place, behind: this.#missing, wrong });
    else if (cumulative.has(keyword)) first.values.push(value);
  }

  /** A value that sshd does not take, told where it stands. */
  #wrong(line: SshdLine, place: Place): string | undefined {
    const expected = expectedInstead(line);
    if (expected === undefined) return undefined;
    const value = line.arguments.join(" ").slice(0, 60);
    const instead = value === "" ? "and there is none" : `and not \`${value}\``;
    this.#problems.push({
      severity: "error",
      message: `The SSH server does not start with this file: \`${line.written}\` takes ${expected}, ${instead}.`,
      hint: "Write one of them, and look at the file with `sshd -t` before you reload.",
      place,
    });
    return `sshd takes ${expected} for it, ${instead}`;
  }

  #setting(keyword: SshdKeyword, place: Place): SshdSetting {
    const written = this.#values.get(keyword);
    if (written !== undefined) {
      const text = written.values.join(" ");
      const why = isFilledIn(text) ? "it is filled in by a template" : written.wrong;
      const value: Fact<string> = why === undefined ? stated(text, written.place) : unknown(why, written.place);
      return { value, behind: written.behind };
    }
    if (this.#extent === "part") return { value: unstated(place), behind: undefined };
    const byDefault = defaults[keyword];
    return {
      value: byDefault === undefined ? unstated(place) : defaulted(byDefault, "platform", place),
      behind: this.#missing,
    };
  }
}

/** `Match all` is for everybody, and so none at all. */
function criteriaOf({ arguments: words }: SshdLine): string | undefined {
  const text = words.join(" ");
  return text.toLowerCase() === "all" ? undefined : text;
}
