/**
 * Secrets that stand in a script: passwords that are set, values of options and variables whose names say secret, tokens
 * by their looks, addresses with a password. What the shell puts in at run time (`$TOKEN`, `$(cat …)`) is none.
 */
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { SimpleCommand } from "./command.ts";
import type { ShellWord } from "./lex.ts";
import type { FoundRisk } from "./risks.ts";

export function secretsIn(pipeline: readonly SimpleCommand[]): readonly FoundRisk[] {
  const password = passwordSet(pipeline);
  return [...(password === undefined ? [] : [password]), ...pipeline.flatMap(inCommand)];
}

/** `echo 'root:toor' | chpasswd`, `echo toor | passwd --stdin root`. */
function passwordSet(pipeline: readonly SimpleCommand[]): FoundRisk | undefined {
  const last = pipeline.at(-1);
  if (last === undefined) return undefined;
  const byStdin = last.name === "chpasswd" || (last.name === "passwd" && last.arguments.some(isStdin));
  if (!byStdin || last.arguments.some(({ text }) => text === "-e" || text === "--encrypted")) return undefined;
  const feeder = pipeline.at(-2);
  const fed =
    feeder === undefined
      ? last.command.inputs.map(({ text }) => text)
      : feeder.arguments.filter((word) => !word.expands && !word.text.startsWith("-")).map(({ text }) => text);
  const text = fed.join(" ");
  const given = last.name === "chpasswd" ? /^[\w.-]{1,64}:([^\s:$][^\n$]{0,400})/m.exec(text)?.[1] : text.trim();
  if (given === undefined || given === "" || given.includes("$")) return undefined;
  const value = new Sensitive(given);
  return { kind: "secret", what: "the password of a user is written out", value, offset: last.command.offset };
}

function isStdin({ text }: ShellWord): boolean {
  return text === "--stdin" || text === "-s";
}

function inCommand(command: SimpleCommand): readonly FoundRisk[] {
  const assigned = command.assignments.flatMap(({ name, value, word }): FoundRisk[] =>
    !word.expands && isWorthTelling(name, value) ? [secret(name, word)] : [],
  );
  const given = command.arguments.flatMap((word, index): FoundRisk[] => {
    const found = secretAt(word, command.arguments[index + 1]);
    return found === undefined ? [] : [secret(found, word)];
  });
  const [first] = [...assigned, ...given, ...loginsIn(command)];
  return first === undefined ? [] : [first];
}

/** Options that take `user:password`; of Docker and others `-u 1000:1000` is none. Source: curl(1) 8.16, skopeo-copy(1). */
const loginOptions = new Map<string, RegExp>([
  ["curl", /^(?:(-u|-U)|(--user|--proxy-user)=?)/],
  ["skopeo", /^()(--(?:src-|dest-)?creds)=?/],
]);

/** `curl -u user:password`, in one word or two. */
function loginsIn({ name, arguments: words }: SimpleCommand): readonly FoundRisk[] {
  const option = loginOptions.get(name);
  if (option === undefined) return [];
  return words.flatMap((word, index): FoundRisk[] => {
    const [begin, short, long] = option.exec(word.text) ?? [];
    if (begin === undefined) return [];
    const value = begin === word.text ? words[index + 1] : { ...word, text: word.text.slice(begin.length) };
    const password = /^[^:]{0,100}:(.{1,400})$/s.exec(value?.text ?? "")?.[1];
    if (value === undefined || value.expands || password === undefined) return [];
    if (!isWorthTelling("password", password)) return [];
    return [secret(`${name} ${short ?? long}`, { ...value, text: password })];
  });
}

/** Stands for the name of what needs none. */
const byLooks = "";

function secret(name: string, { offset, text }: ShellWord): FoundRisk {
  const what = name === byLooks ? "a token, or an address with a password," : `the value of ${name}`;
  return { kind: "secret", what: `${what} is written out`, value: new Sensitive(text), offset };
}

/** The name of what a word gives away; undefined for nothing. */
function secretAt(word: ShellWord, next: ShellWord | undefined): string | undefined {
  const assigned = /^-{0,2}([A-Za-z][\w.-]{0,80})[=:](.+)$/s.exec(word.text);
  // What looks like a name before a colon is the scheme of an address.
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(word.text);
  if (
    assigned !== null &&
    !isAddress &&
    !word.expands &&
    isWorthTelling(optionName(assigned[1] ?? ""), assigned[2] ?? "")
  )
    return optionName(assigned[1] ?? "");
  if (/^--?[A-Za-z][\w-]{2,80}$/.test(word.text) && namesSecret(optionName(word.text))) {
    const value = next === undefined || next.expands || next.text.startsWith("-") ? "" : next.text;
    if (isWorthTelling(optionName(word.text), value)) return word.text;
  }
  const shaped = withoutExpansions(word);
  return classifySecret("", new Sensitive(shaped)) === "literal-secret" ? byLooks : undefined;
}

/** `https://$USER:$PASS@host` holds no password; `https://bot:abc@$HOST` does. */
function withoutExpansions({ text, expands }: ShellWord): string {
  return expands ? text.replace(/:(?:\$\{[^}@]{0,200}\}|\$\w{1,80}|\$\([^)]{0,200}\))@/g, ":@") : text;
}

function optionName(option: string): string {
  return option.replace(/^-+/, "").replace(/[.-]/g, "_");
}

/** Words that a build needs in the place of a secret (`SECRET_KEY=only-for-the-build`) are not worth a person's time. */
function isWorthTelling(name: string, value: string): boolean {
  if (/[$`]|^\{\{|^<|^%/.test(value)) return false;
  const kind = classifySecret(name, new Sensitive(value));
  if (kind !== "literal-secret") return false;
  return (
    value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/dummy|build|fake|test|example/i.test(value)
  );
}
