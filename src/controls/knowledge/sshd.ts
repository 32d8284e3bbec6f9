import type { Edit } from "../../contracts/fix.ts";
import type { Judgement } from "../../contracts/verdict.ts";
import type { SshdConfiguration, SshdKeyword, SshdSetting } from "../../facts/configuration/sshd.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { valueAt } from "../fix.ts";
import { cannotTell, fail, type JudgementExtras, pass } from "../judge.ts";

export function sshdOf({ configuration }: RepositoryFile): SshdConfiguration | undefined {
  return configuration?.software === "sshd" ? configuration : undefined;
}

/** Names as sshd_config(5) writes them. */
const shown: Partial<Record<SshdKeyword, string>> = {
  passwordauthentication: "PasswordAuthentication",
  kbdinteractiveauthentication: "KbdInteractiveAuthentication",
  permitemptypasswords: "PermitEmptyPasswords",
  pubkeyauthentication: "PubkeyAuthentication",
  hostbasedauthentication: "HostbasedAuthentication",
  strictmodes: "StrictModes",
  permitrootlogin: "PermitRootLogin",
  x11forwarding: "X11Forwarding",
  gatewayports: "GatewayPorts",
  permittunnel: "PermitTunnel",
  permituserenvironment: "PermitUserEnvironment",
  maxauthtries: "MaxAuthTries",
  logingracetime: "LoginGraceTime",
  persourcepenalties: "PerSourcePenalties",
  loglevel: "LogLevel",
  protocol: "Protocol",
  ciphers: "Ciphers",
  macs: "MACs",
  kexalgorithms: "KexAlgorithms",
  hostkeyalgorithms: "HostKeyAlgorithms",
  pubkeyacceptedalgorithms: "PubkeyAcceptedAlgorithms",
};

export function nameOf(keyword: SshdKeyword): string {
  return shown[keyword] ?? keyword;
}

/** The value in lower case as far as it is known; undefined where another file decides, or nothing can be told. */
export function knownSetting({ value }: SshdSetting): string | undefined {
  return value.kind === "stated" || value.kind === "defaulted" ? value.value.toLowerCase() : undefined;
}

/** What is wrong with a value, as a clause, with what is told of it; undefined for a good one. */
export type Judge = (value: string) => (JudgementExtras & { readonly because: string }) | undefined;

/**
 * Judges one keyword: fails for a bad value; unknown for one that cannot be resolved, and for a good one that a file may
 * come before; nothing where another file decides.
 */
export function judgeSetting(config: SshdConfiguration, keyword: SshdKeyword, judge: Judge): Judgement | undefined {
  const { value, behind } = config.settings[keyword];
  const name = nameOf(keyword);
  if (value.kind === "unstated") return undefined;
  if (value.kind === "unknown") return cannotTell(name, value.why, { place: value.place, detail: keyword });
  const bad = judge(value.value.toLowerCase());
  const how =
    value.kind === "defaulted" ? `${name} is not stated, which means ${value.value}` : `${name} is ${value.value}`;
  if (bad !== undefined) {
    const { because, ...extras } = bad;
    return fail(`${how}: ${because}`, { place: value.place, detail: keyword, ...extras });
  }
  if (behind !== undefined) {
    const why = "the first value counts, and ";
    const because = `\`${behind}\` is included and is not in this folder`;
    const extras = { place: value.place, detail: keyword, severity: "info" } as const;
    // One reason for all of them, which is told once.
    return { ...cannotTell(name, `${why}${because}`, extras), because };
  }
  return pass(how, value.place);
}

/** The same for what `Match` blocks set; what is not for everybody is one step less. */
export function judgeExceptions(
  config: SshdConfiguration,
  keywords: readonly SshdKeyword[],
  judge: (keyword: SshdKeyword, value: string) => ReturnType<Judge>,
): readonly Judgement[] {
  const { exceptions } = config;
  const found = exceptions.items.flatMap(({ criteria, keyword, value, place }) => {
    const bad = keywords.includes(keyword) ? judge(keyword, value.toLowerCase()) : undefined;
    if (bad === undefined) return [];
    const { because, ...extras } = bad;
    return [
      fail(`for ${criteria} ${nameOf(keyword)} is ${value}: ${because}`, {
        place,
        ...extras,
        detail: `${keyword} ${criteria}`,
        severity: "low",
      }),
    ];
  });
  if (exceptions.complete) return found;
  return [...found, cannotTell("what `Match` blocks set", exceptions.why, { severity: "info", detail: "exceptions" })];
}

/** Keyword and value as a line of the file has them. */
const assigned = /[A-Za-z][A-Za-z0-9]*(?:[ \t]*=[ \t]*|[ \t]+)"?([^\s"#]+)/;

/** What fails, with a remedy in the words of a first start where that is what says so. */
export function withRemedy(
  { ofFirstStart }: SshdConfiguration,
  judgements: readonly Judgement[],
  remedy: string,
): readonly Judgement[] {
  return judgements.map((one) => (ofFirstStart === true && one.verdict === "fail" ? { ...one, remedy } : one));
}

/**
 * What makes a keyword that a judgement is about have another value: where it stands, or, where nobody states it, on a line
 * before all others, for the first one counts. Nothing for what no `sshd_config` says (a machine's first start).
 */
export function settingTo(
  values: Partial<Record<SshdKeyword, string>>,
  { place, detail }: Judgement,
): readonly [Edit] | undefined {
  const keyword = (detail ?? "").split(" ")[0] as SshdKeyword;
  const value = values[keyword];
  if (value === undefined || place?.kind !== "file" || !/sshd_config/.test(place.source.path)) return undefined;
  if (place.whole !== true) return valueAt(place, assigned, value);
  return [{ kind: "line", file: place.source.path, line: `${nameOf(keyword)} ${value}`, first: true }];
}
