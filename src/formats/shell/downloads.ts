/**
 * What a script runs as it comes from the network, and where it does not look who answers.
 */
import { leadsToItself } from "../../lib/own-address.ts";
import type { SimpleCommand } from "./command.ts";
import { hasLetter, hasOption, pipelinesOf } from "./command.ts";
import type { ShellCommand, ShellScript } from "./lex.ts";
import type { FoundRisk } from "./risks.ts";

const fetchers = new Set(["curl", "wget", "fetch", "wget2"]);
const shells = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox"]);
const interpreters = /^(?:python[\d.]*|perl|ruby|node|nodejs|php|lua|deno|bun)$/;

/** Downloads that a pipeline hands to an interpreter, or that an interpreter is given as a substitution. */
export function downloadsRun(pipeline: readonly SimpleCommand[]): readonly FoundRisk[] {
  const fetched = pipeline.findIndex((command) => fetchers.has(command.name) && command.arguments.length > 0);
  const runner = fetched === -1 ? undefined : pipeline.slice(fetched + 1).find(runsItsInput);
  const source = pipeline[fetched];
  if (runner !== undefined && source !== undefined) return [runOf(source, runner.name, source.command)];
  return pipeline.flatMap(runsSubstitution);
}

/** Whether a command runs what is piped into it: a shell without a script's name, an interpreter without a program. */
function runsItsInput({ name, arguments: words }: SimpleCommand): boolean {
  if (shells.has(name)) {
    const texts = words.map((word) => word.text);
    if (texts.some((text) => /^-[a-z]*c$/.test(text))) return false;
    if (texts.some((text) => /^-[a-z]*s[a-z]*$/.test(text))) return true;
    const operand = texts.find((text) => !/^[-+]/.test(text) || text === "-");
    return operand === undefined || operand === "-" || operand === "/dev/stdin" || name === "busybox";
  }
  if (name === "source" || name === ".") return words[0]?.text === "/dev/stdin";
  if (!interpreters.test(name)) return false;
  const first = words.find((word) => !/^-[uIESsBO]+$/.test(word.text));
  return first === undefined || first.text === "-" || first.text === "/dev/stdin";
}

/** `sh -c "$(curl …)"`, `bash <(curl …)`, `eval "$(curl …)"`, `. <(curl …)`. */
function runsSubstitution(command: SimpleCommand): readonly FoundRisk[] {
  const { name, arguments: words } = command;
  const takesText = name === "eval" || (shells.has(name) && words.some(({ text }) => /^-[a-z]*c$/.test(text)));
  const takesFile = name === "source" || name === "." || shells.has(name) || interpreters.test(name);
  if (!takesText && !takesFile) return [];
  return words.flatMap((word): FoundRisk[] => {
    const byName = word.text === "";
    if (!(byName ? takesFile : takesText)) return [];
    const fetcher = firstFetcher(word.nested);
    return fetcher === undefined ? [] : [runOf(fetcher, name, fetcher.command)];
  });
}

function firstFetcher(scripts: readonly ShellScript[]): SimpleCommand | undefined {
  for (const script of scripts) {
    for (const pipeline of pipelinesOf(script)) {
      const found = pipeline.find(({ name }) => fetchers.has(name));
      // `eval "$(curl … | jq …)"` runs what the last command makes of it, which is somebody's data no more or less.
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function runOf(fetcher: SimpleCommand, runner: string, at: ShellCommand): FoundRisk {
  const address = addressOf(fetcher);
  const plain = address?.scheme === "http" && !leadsToItself(address.host);
  const from = address === undefined ? "" : ` from ${address.host}`;
  return {
    kind: plain ? "plain-download-run" : "download-run",
    what: `the download${from} is run by ${runner === "." ? "the shell" : runner}${plain ? ", and comes over plain HTTP" : ""}`,
    offset: at.offset,
  };
}

interface Address {
  readonly scheme: string;
  readonly host: string;
}

/** The first address that a command names; undefined when none is written out. */
function addressOf({ arguments: words }: SimpleCommand): Address | undefined {
  for (const { text } of words) {
    const match = /^(https?|ftp):\/\/(?:[^/\s@]{0,200}@)?([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])/.exec(text);
    if (match !== null) return { scheme: match[1] ?? "", host: (match[2] ?? "").toLowerCase() };
  }
  return undefined;
}

/** Where a command leaves certificates unverified, as a clause. */
export function unverified(command: SimpleCommand): string | undefined {
  const address = addressOf(command);
  if (address !== undefined && leadsToItself(address.host)) return undefined;
  return switchedOffBy(command) ?? assignedOff(command);
}

function switchedOffBy(command: SimpleCommand): string | undefined {
  const { name, arguments: words } = command;
  const texts = words.map((word) => word.text);
  const line = texts.join(" ");
  switch (name) {
    case "curl":
      return hasLetter(command, "k") || hasOption(command, "--insecure") ? "curl takes any certificate" : undefined;
    case "wget":
    case "wget2":
      return hasOption(command, "--no-check-certificate") ? "wget takes any certificate" : undefined;
    case "git":
      return /(?:^|\s)http\.\S{0,200}?sslverify(?:=|\s+)(?:false|0|off|no)(?:\s|$)/i.test(line)
        ? "git takes any certificate"
        : undefined;
    case "npm":
    case "yarn":
    case "pnpm":
      return /(?:^|\s)(?:--)?(?:strict-ssl|enableStrictSsl)(?:=|\s+)false(?:\s|$)/.test(line)
        ? `${name} takes any certificate`
        : undefined;
    case "pip":
    case "pip3":
    case "uv":
      return /(?:^|\s)--(?:trusted-host|allow-insecure-host)(?:=|\s|$)|(?:^|\s)config set \S{0,40}trusted-host/.test(
        line,
      )
        ? `${name} takes any certificate of the trusted host`
        : undefined;
    case "python":
    case "python3":
      return /(?:^|\s)-m pip3? .{0,2000}--trusted-host(?:=|\s)/.test(line)
        ? "pip takes any certificate of the trusted host"
        : undefined;
    case "apt":
    case "apt-get":
      return /Verify-(?:Peer|Host)=(?:false|0|no)(?:\s|$)/i.test(line) ? `${name} takes any certificate` : undefined;
    case "yum":
    case "dnf":
    case "microdnf":
      return /sslverify=(?:0|false|no)(?:\s|$)/i.test(line) ? `${name} takes any certificate` : undefined;
    default:
      return undefined;
  }
}

function assignedOff({ assignments, name }: SimpleCommand): string | undefined {
  for (const assigned of assignments) {
    if (turnsVerificationOff(assigned.name, assigned.value))
      return `${assigned.name} makes ${name === "" ? "what follows" : name} take any certificate`;
  }
  return undefined;
}

/** Variables by which programs stop verifying certificates (Node.js, Git, Python's PEP 493). */
export function turnsVerificationOff(name: string, value: string): boolean {
  switch (name) {
    case "NODE_TLS_REJECT_UNAUTHORIZED":
    case "PYTHONHTTPSVERIFY":
      return value === "0";
    case "GIT_SSL_NO_VERIFY":
      return /^(?:1|true|yes|on)$/i.test(value);
    case "NPM_CONFIG_STRICT_SSL":
    case "npm_config_strict_ssl":
      return /^false$/i.test(value);
    default:
      return false;
  }
}
