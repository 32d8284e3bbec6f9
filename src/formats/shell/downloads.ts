/**
 * What a script runs as it comes from the network, and where it does not look who answers.
 */
import { leadsToItself } from "../../lib/own-address.ts";
import type { SimpleCommand } from "./command.ts";
import { hasLetter, hasOption, pipelinesOf } from "./command.ts";
import { addressOf, fetchers } from "./fetched.ts";
import type { ShellCommand, ShellScript, ShellWord } from "./lex.ts";
import type { FoundRisk } from "./risks.ts";

export const shells: ReadonlySet<string> = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox"]);
export const interpreters = /^(?:python[\d.]*|perl|ruby|node|nodejs|php|lua|deno|bun)$/;

/** Downloads that a pipeline hands to an interpreter, or that an interpreter is given as a substitution. */
export function downloadsRun(pipeline: readonly SimpleCommand[]): readonly FoundRisk[] {
  const fetched = pipeline.findIndex((command) => fetchers.has(command.name) && command.arguments.length > 0);
  const runner = fetched === -1 ? undefined : pipeline.slice(fetched + 1).find(runsItsInput);
  const source = pipeline[fetched];
  const key = source === undefined ? undefined : keyTrusted(pipeline.slice(fetched + 1), source);
  if (key !== undefined) return [key];
  if (runner !== undefined && source !== undefined) return [runOf(source, runner.name, source.command)];
  return pipeline.flatMap(runsSubstitution);
}

/**
 * `curl … | apt-key add -`: a key that any source of packages is then believed with. One that is piped elsewhere is for a
 * source of its own, as `signed-by` names it, and is told where it comes over plain HTTP.
 */
function keyTrusted(rest: readonly SimpleCommand[], source: SimpleCommand): FoundRisk | undefined {
  const forAll = rest.some(({ name, arguments: words }) => name === "apt-key" && words[0]?.text === "add");
  const forOne = rest.some(({ name, arguments: words }) => /^gpg2?$/.test(name) && words.some(isKeyOption));
  return forAll || forOne ? keyRisk(source, forAll) : undefined;
}

function isKeyOption({ text }: ShellWord): boolean {
  return text === "--dearmor" || text === "--import";
}

/** `rpm --import http://…` */
export function keyImported(command: SimpleCommand): FoundRisk | undefined {
  const imports = command.name === "rpm" && command.arguments.some(({ text }) => text === "--import");
  return imports ? keyRisk(command, false) : undefined;
}

/** `forAll`: whether sources of packages are believed with it that it is not for. */
export function keyRisk(source: SimpleCommand, forAll: boolean): FoundRisk | undefined {
  const { scheme, host } = addressOf(source) ?? {};
  const plain = scheme === "http" && host !== undefined && !leadsToItself(host);
  if (!plain && !forAll) return undefined;
  const from = host === undefined ? "" : ` from ${host}`;
  const { offset } = source.command;
  return plain
    ? { kind: "plain-key-unverified", what: `the key for packages${from} comes over plain HTTP`, offset }
    : { kind: "key-unverified", what: `the key${from} is believed for packages of every source`, offset };
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

/** `how`: what happens to it, as a clause that the name of who does it ends. */
export function runOf(fetcher: SimpleCommand, runner: string, at: ShellCommand, how = "is run by"): FoundRisk {
  const address = addressOf(fetcher);
  const plain = address?.scheme === "http" && !leadsToItself(address.host);
  const from = address === undefined ? "" : ` from ${address.host}`;
  const by = runner === "." ? "the shell" : runner;
  return {
    kind: plain ? "plain-download-run" : "download-run",
    what: `the download${from} ${how} ${by}${plain ? ", and comes over plain HTTP" : ""}`,
    offset: at.offset,
  };
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
