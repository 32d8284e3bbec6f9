/**
 * The words of the Caddyfile that caddy-docker-proxy makes of containers' labels: `caddy: example.org`,
 * `caddy.reverse_proxy: "{{upstreams 80}}"`. Source: the README of lucaslorentz/caddy-docker-proxy, "Labels to Caddyfile
 * conversion", and its `fromlabels.go`.
 */
import type { Fact } from "../../facts/fact.ts";
import { type Place, Source } from "../../lib/place.ts";
import type { Environment } from "../proxy/environment.ts";
import { type Token, tokenize } from "./tokens.ts";

export interface CaddyLabel {
  readonly name: string;
  readonly value: Fact<string>;
  readonly place: Place;
}

/** The labels of one container, and the host name that stands for the container itself where it is led to. */
export interface LabelledContainer {
  readonly labels: readonly CaddyLabel[];
  readonly host: string;
}

/** Whether a label is one of caddy-docker-proxy's. */
export function isCaddyLabel(name: string): boolean {
  return /^caddy(?:_\d{1,9})?(?:\.|$)/.test(name);
}

/** Labels nest by their dots; no directive has as many levels. */
const mostLevels = 20;

/** One Caddyfile of all labels: global options, then snippets, then sites, those of one address as one. */
export function labelTokens(containers: readonly LabelledContainer[], environment: Environment): readonly Token[] {
  const writer = new TokenWriter();
  const blocks = merged(containers.flatMap((container) => blocksOf(container, environment)));
  const rank = ({ keys }: Block): number => (keys.length === 0 ? 0 : isSnippet(keys) ? 1 : 2);
  for (const block of [...blocks].sort((a, b) => rank(a) - rank(b))) writer.block(block, true);
  return writer.tokens;
}

function isSnippet([key, ...others]: readonly Word[]): boolean {
  return key !== undefined && others.length === 0 && key.text.startsWith("(") && key.text.endsWith(")");
}

type Word = Pick<Token, "text" | "unresolved" | "quoted" | "place">;

interface Block {
  readonly order: number;
  readonly keys: Word[];
  readonly children: Block[];
  readonly place: Place;
}

const last = Number.MAX_SAFE_INTEGER;

function blocksOf({ labels, host }: LabelledContainer, environment: Environment): readonly Block[] {
  const roots: Block[] = [];
  const byPath = new Map<string, Block>();
  const blockAt = (parts: readonly string[], place: Place): Block => {
    const path = parts.join(".");
    const known = byPath.get(path);
    if (known !== undefined) return known;
    const { order, name } = named(parts.at(-1) ?? "");
    const isRoot = parts.length === 1;
    const keys: Word[] = isRoot ? [] : [{ text: name, quoted: false, place }];
    const block: Block = { order, keys, children: [], place };
    byPath.set(path, block);
    (isRoot ? roots : blockAt(parts.slice(0, -1), place).children).push(block);
    return block;
  };
  for (const { name, value, place } of labels) {
    const parts = partsOf(name);
    if (!isCaddyLabel(name) || parts.length > mostLevels) continue;
    blockAt(parts, place).keys.push(...wordsOf(value, place, host, environment));
  }
  return roots;
}

/** A label's name at its dots; `\.` is a dot that parts nothing. */
function partsOf(name: string): readonly string[] {
  return name.replaceAll("\\.", "\0").split(".", mostLevels + 1);
}

/** `2_handle` is the directive `handle` in second place; `handle_2` is one more `handle`. */
function named(part: string): { readonly order: number; readonly name: string } {
  const match = /^(?:(\d{1,9})_)?(.+?)(?:_\d{1,9})?$/s.exec(part.slice(0, 1_000));
  const name = (match?.[2] ?? part).replaceAll("\0", ".");
  return { order: match?.[1] === undefined ? last : Number(match[1]), name };
}

/** Labels have no text of their own in which lines could be counted: all words are of one. */
const source = new Source("labels", "");

function wordsOf(value: Fact<string>, place: Place, host: string, environment: Environment): readonly Word[] {
  if (value.kind === "unstated") return [];
  if (value.kind === "unknown") return [{ text: "{$LABEL}", unresolved: value.why, quoted: false, place }];
  const text = withTemplates(value.value, host);
  if (text === undefined)
    return [{ text: "{$TEMPLATE}", unresolved: "a Go template fills it in", quoted: false, place }];
  const { tokens } = tokenize(source, text, "", environment);
  return tokens.map((token) => ({
    text: token.text,
    ...(token.unresolved === undefined ? {} : { unresolved: token.unresolved }),
    quoted: token.quoted,
    place,
  }));
}

/** `{{upstreams https 8443}}` is where the container answers. Undefined where another template stands. */
function withTemplates(text: string, host: string): string | undefined {
  let isOpen = false;
  const filled = text.replace(/\{\{([^{}]{0,200})\}\}/g, (_, inside: string) => {
    const found = filledIn(inside.replace(/^-|-$/g, "").trim(), host);
    if (found === undefined) isOpen = true;
    return found ?? "";
  });
  return isOpen || filled.includes("{{") ? undefined : filled;
}

function filledIn(inside: string, host: string): string | undefined {
  const quoted = /^(?:"([^"\\]*)"|`([^`]*)`)$/.exec(inside);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? "";
  const [name, ...options] = inside.split(/\s+/);
  if (name !== "upstreams") return /^(?:https?|h2c)$/.test(inside) ? inside : undefined;
  let address = host;
  for (const option of options) {
    const scheme = /^"?(https?|h2c)"?$/.exec(option)?.[1];
    if (scheme !== undefined) address = `${scheme}://${address}`;
    else if (/^\d{1,5}$/.test(option)) address = `${address}:${option}`;
    else return undefined;
  }
  return address;
}

/** Blocks with the same words before their braces are one. */
function merged(blocks: readonly Block[]): readonly Block[] {
  const byKeys = new Map<string, Block>();
  for (const block of blocks) {
    const key = block.keys.map(({ text }) => text).join(" ");
    const known = byKeys.get(key);
    if (known === undefined) byKeys.set(key, block);
    else known.children.push(...block.children);
  }
  return [...byKeys.values()];
}

/** Writes blocks as words, each line on a line of its own. */
class TokenWriter {
  readonly tokens: Token[] = [];
  #line = 0;

  block({ keys, children, place }: Block, isRoot: boolean): void {
    // A site without anything in it is no site.
    if (isRoot && children.length === 0) return;
    this.#line += 1;
    for (const word of keys) this.#word(word);
    if (children.length === 0) return;
    this.#word({ text: "{", quoted: false, place });
    for (const child of [...children].sort(inOrder)) this.block(child, false);
    this.#line += 1;
    this.#word({ text: "}", quoted: false, place });
  }

  #word(word: Word): void {
    this.tokens.push({ ...word, line: this.#line, lastLine: this.#line, source, folder: "", chain: 0 });
  }
}

/** By the number before the name, then by name. */
function inOrder(a: Block, b: Block): number {
  const textOf = ({ keys }: Block) => keys[0]?.text ?? "";
  return a.order - b.order || (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);
}
