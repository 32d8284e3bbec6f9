import type { InputProblem } from "../../facts/system.ts";
import type { Place, Source } from "../../lib/place.ts";
import type { ConfigInput } from "../config-format.ts";
import type { Environment } from "../proxy/environment.ts";
import { type Included, includedFiles } from "../proxy/included-files.ts";
import { type Handed, namesBlock, withArguments } from "./arguments.ts";
import { TokenStream } from "./stream.ts";
import { type Token, tokenize } from "./tokens.ts";
import type { CaddyfileTree, Line, SiteBlock } from "./tree.ts";

export interface ParsedCaddyfile {
  readonly tree: CaddyfileTree;
  readonly problems: readonly InputProblem[];
  /** The files that were imported. */
  readonly sources: readonly Source[];
}

/** Words after all imports; a snippet that imports another twice, which does so too, doubles each time. */
const mostWords = 300_000;
const mostImports = 5_000;
const maxDepth = 60;

/**
 * A Caddyfile as blocks and lines, with what it imports in place. After a mistake what could be read stays, and
 * `incomplete` says that there is more. Source: caddyserver.com/docs/caddyfile/concepts; `parse.go` of Caddy 2.11.
 */
export function parseCaddyfile(input: ConfigInput, environment: Environment): ParsedCaddyfile {
  const read = tokenize(input.file.source, input.file.text, "", environment);
  const parsed = parseTokens(read.tokens, (pattern, folder) => includedFiles(pattern, folder, input), environment);
  return { ...parsed, problems: [...read.problems, ...parsed.problems], tree: wholeOnly(parsed.tree, read.problems) };
}

/** What an import that is no snippet names: a pattern, and the folder that it starts from. */
export type Include = (pattern: string, folder: string) => Included;

/** The same for words that are there already. */
export function parseTokens(tokens: readonly Token[], include: Include, environment: Environment): ParsedCaddyfile {
  return new Parser(tokens, include, environment).run();
}

function wholeOnly(tree: CaddyfileTree, problems: readonly InputProblem[]): CaddyfileTree {
  if (problems.length === 0 || tree.incomplete !== undefined) return tree;
  return { ...tree, incomplete: mistake };
}

const mistake = "the Caddyfile has a mistake";

class Parser {
  readonly #include: Include;
  readonly #environment: Environment;
  readonly #stream: TokenStream;
  readonly #problems: InputProblem[] = [];
  readonly #sources = new Set<Source>();
  readonly #snippets = new Map<string, readonly Token[]>();
  readonly #namedRoutes = new Map<string, readonly Line[]>();
  readonly #imported = new ImportGraph();
  readonly #sites: SiteBlock[] = [];
  #options: readonly Line[] | undefined;
  #incomplete: string | undefined;
  #imports = 0;
  #chains = 0;
  #stopped = false;

  constructor(tokens: readonly Token[], include: Include, environment: Environment) {
    this.#include = include;
    this.#environment = environment;
    this.#stream = new TokenStream(tokens);
  }

  run(): ParsedCaddyfile {
    let first = true;
    while (this.#more()) {
      this.#block(first);
      first = false;
    }
    const broken = this.#problems.some(({ severity }) => severity === "error") ? mistake : undefined;
    const incomplete = this.#incomplete ?? broken;
    const tree: CaddyfileTree = {
      options: this.#options,
      sites: this.#sites,
      namedRoutes: this.#namedRoutes,
      ...(incomplete === undefined ? {} : { incomplete }),
    };
    return { tree, problems: this.#problems, sources: [...this.#sources] };
  }

  #more(): boolean {
    if (this.#stream.count > mostWords && !this.#stopped) {
      const place = this.#stream.last?.place;
      if (place !== undefined)
        this.#complain(place, "With its imports this Caddyfile has too many words; the rest is not read.");
      this.#stopped = true;
    }
    return !this.#stopped && this.#stream.peek() !== undefined;
  }

  /** One block with its addresses: the global options, a snippet, a named route, or a site. */
  #block(first: boolean): void {
    const addresses = this.#addresses();
    const [name] = addresses;
    const open = this.#stream.peek();
    if (open?.text !== "{" || open.quoted) {
      if (name?.unresolved !== undefined && /^\{\$[^{}]*\}$/.test(name.text)) {
        this.#incomplete ??= name.unresolved;
        return;
      }
      // A single site needs no braces: the rest of the file is its block.
      if (name !== undefined) this.#sites.push({ addresses, lines: this.#lines(0, false), place: name.place });
      return;
    }
    this.#stream.next();
    if (name === undefined) {
      const lines = this.#lines(0, true);
      if (first) this.#options = lines;
      else
        this.#complain(
          open.place,
          "A block without an address sets global options and must come first; expected a site's address before it.",
        );
      return;
    }
    const snippet = addresses.length === 1 ? /^(&?)\((.*)\)$/s.exec(name.text) : null;
    if (snippet?.[1] === "") this.#snippets.set(snippet[2] ?? "", this.#blockTokens(open));
    else if (snippet?.[1] === "&") this.#namedRoutes.set(snippet[2] ?? "", this.#lines(0, true));
    else this.#sites.push({ addresses, lines: this.#lines(0, true), place: name.place });
  }

  #addresses(): readonly Token[] {
    const addresses: Token[] = [];
    let another = false;
    for (;;) {
      const token = this.#stream.peek();
      if (token === undefined || this.#stopped) return addresses;
      const begins = this.#stream.last === undefined || this.#stream.sameLine() === undefined;
      if (begins && addresses.length > 0 && !another) return addresses;
      if (token.text === "{" && !token.quoted) return addresses;
      this.#stream.next();
      if (token.text === "import" && begins && addresses.length === 0) {
        const why = this.#import(token);
        if (why !== undefined) this.#incomplete ??= why;
        if (!this.#more()) return addresses;
        continue;
      }
      if (token.text === "}" && !token.quoted) {
        this.#complain(token.place, 'This "}" closes nothing; remove it, or add the "{" that is missing before it.');
        this.#stopped = true;
        return addresses;
      }
      if (token.text.length > 1 && token.text.endsWith("{") && !token.quoted) {
        this.#complain(token.place, `Expected a space before the "{" of "${token.text}".`);
        this.#stopped = true;
        return addresses;
      }
      another = token.text.endsWith(",");
      const text = another ? token.text.slice(0, -1) : token.text;
      for (const part of text.split(",")) if (part !== "") addresses.push({ ...token, text: part });
    }
  }

  /** The lines of a block up to its `}`, or of the rest of the file. */
  #lines(depth: number, braced: boolean): readonly Line[] {
    const lines: Line[] = [];
    const open = this.#stream.last;
    while (this.#more()) {
      const name = this.#stream.next();
      if (name === undefined) break;
      if (name.text === "}" && !name.quoted) {
        if (braced) return lines;
        this.#complain(name.place, 'This "}" closes nothing; remove it, or add the "{" that is missing before it.');
        this.#stopped = true;
        return lines;
      }
      if (name.text === "import" && !name.quoted) {
        const why = this.#import(name);
        if (why !== undefined) lines.push({ name, args: [], block: undefined, unseen: why, place: name.place });
        continue;
      }
      const line = this.#line(name, depth);
      if (line !== undefined) lines.push(line);
    }
    if (braced && !this.#stopped && open !== undefined) {
      this.#complain(open.place, 'The block that is opened here has no end; expected a "}".');
      this.#stopped = true;
    }
    return lines;
  }

  #line(name: Token, depth: number): Line | undefined {
    if (name.unresolved !== undefined && /^\{\$[^{}]*\}$/.test(name.text)) {
      this.#restOfLine();
      return { name, args: [], block: undefined, unseen: name.unresolved, place: name.place };
    }
    const args: Token[] = [];
    for (let token = this.#stream.sameLine(); token !== undefined; token = this.#stream.sameLine()) {
      if (token.text === "}" && !token.quoted) break;
      this.#stream.next();
      if (token.text === "{" && !token.quoted) {
        if (depth >= maxDepth) {
          this.#complain(token.place, `Blocks nest more than ${maxDepth} deep here; the rest of the file is not read.`);
          this.#stopped = true;
          return undefined;
        }
        if (this.#stream.sameLine() !== undefined) {
          this.#complain(token.place, 'Expected the line to end after "{"; put what follows on a line of its own.');
        }
        return { name, args, block: this.#lines(depth + 1, true), place: name.place };
      }
      args.push(token);
    }
    return { name, args, block: undefined, place: name.place };
  }

  #restOfLine(): readonly Token[] {
    const rest: Token[] = [];
    for (let token = this.#stream.sameLine(); token !== undefined; token = this.#stream.sameLine()) {
      if (token.text === "{" && !token.quoted) break;
      this.#stream.next();
      rest.push(token);
    }
    return rest;
  }

  /** The words of a block whose `{` was read, without its braces. */
  #blockTokens(open: Token): readonly Token[] {
    const tokens: Token[] = [];
    for (let depth = 1; this.#more(); ) {
      const token = this.#stream.next();
      if (token === undefined) break;
      if (!token.quoted && token.text === "{") depth += 1;
      if (!token.quoted && token.text === "}") depth -= 1;
      if (depth === 0) return tokens;
      tokens.push(token);
    }
    if (!this.#stopped) this.#complain(open.place, 'The block that is opened here has no end; expected a "}".');
    this.#stopped = true;
    return tokens;
  }

  /** Puts what an import names in its place. A clause where that is not to be had. */
  #import(keyword: Token): string | undefined {
    const [pattern, ...args] = this.#restOfLine();
    const handed = this.#handed(args);
    if (pattern === undefined) {
      this.#complain(keyword.place, "Expected the name of a snippet or a file after `import`.");
      return "an import names nothing";
    }
    if (pattern.unresolved !== undefined) return pattern.unresolved;
    this.#imports += 1;
    if (this.#imports > mostImports) {
      if (!this.#stopped)
        this.#complain(
          keyword.place,
          `There are more than ${mostImports} imports; the rest is not read. Does a file or snippet import itself?`,
        );
      this.#stopped = true;
      return "there are too many imports";
    }
    const snippet = this.#snippets.get(pattern.text);
    if (snippet !== undefined) {
      if (this.#isCircle(keyword, `(${pattern.text})`)) return mistake;
      this.#insert(snippet, handed, pattern.text);
      return undefined;
    }
    const imported = this.#include(pattern.text, pattern.folder);
    if ("why" in imported) {
      if (!/[/.*]/.test(pattern.text)) {
        const message = `There is no snippet "(${pattern.text})" before this line, and no file of that name in this folder.`;
        this.#problems.push({ severity: "warning", message, place: pattern.place });
      }
      return imported.why;
    }
    if (imported.files.some(({ file }) => this.#isCircle(keyword, file.source.path))) return mistake;
    const tokens = imported.files.flatMap(({ file, folder }) => {
      this.#sources.add(file.source);
      const read = tokenize(file.source, file.text, folder, this.#environment);
      this.#problems.push(...read.problems);
      return read.tokens;
    });
    this.#insert(tokens, handed);
    return imported.missing;
  }

  /** Whether a file or snippet would be imported from within itself; Caddy does not start then. */
  #isCircle(keyword: Token, to: string): boolean {
    const from = keyword.snippet === undefined ? keyword.source.path : `(${keyword.snippet})`;
    if (this.#imported.add(from, to)) return false;
    this.#complain(
      keyword.place,
      `This imports ${to} from within itself. Caddy refuses such a circle; take one import out.`,
    );
    this.#stopped = true;
    return true;
  }

  #insert(tokens: readonly Token[], handed: Handed, snippet?: string): void {
    const plain = handed.args.length === 0 && handed.block.length === 0;
    const chains = new Map<number, number>();
    const moved = (token: Token): Token => ({
      ...token,
      chain: this.#chainIn(chains, token.chain),
      ...(snippet === undefined ? {} : { snippet }),
    });
    this.#stream.insert(
      tokens.flatMap((token) => {
        if (plain && !token.text.includes("{")) return moved(token);
        const filled = withArguments(token, handed);
        // What a block hands over stays where it was written.
        return namesBlock(token) ? filled : filled.map(moved);
      }),
    );
  }

  /** Words of one import stay together, and apart from those of others. */
  #chainIn(chains: Map<number, number>, old: number): number {
    const known = chains.get(old);
    if (known !== undefined) return known;
    this.#chains += 1;
    chains.set(old, this.#chains);
    return this.#chains;
  }

  /** The arguments and the block of an import. */
  #handed(args: readonly Token[]): Handed {
    const open = this.#stream.sameLine();
    if (open?.text !== "{" || open.quoted) return { args, block: [], blocks: new Map() };
    this.#stream.next();
    const block = this.#blockTokens(open);
    return { args, block, blocks: blocksIn(block) };
  }

  #complain(place: Place, message: string): void {
    this.#problems.push({ severity: "error", message, place });
  }
}

/** Who imports whom. */
class ImportGraph {
  readonly #below = new Map<string, Set<string>>();

  /** Adds an import; false, and nothing is added, where it would close a circle. */
  add(from: string, to: string): boolean {
    if (this.#leads(to, from, new Set())) return false;
    this.#below.set(from, (this.#below.get(from) ?? new Set()).add(to));
    return true;
  }

  #leads(from: string, to: string, seen: Set<string>): boolean {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(this.#below.get(from) ?? [])].some((next) => this.#leads(next, to, seen));
  }
}

/** The words of each line or block, by the word that it begins with; the braces go. */
function blocksIn(tokens: readonly Token[]): ReadonlyMap<string, readonly Token[]> {
  const stream = new TokenStream(tokens);
  const blocks = new Map<string, readonly Token[]>();
  for (let name = stream.next(); name !== undefined; name = stream.next()) {
    const found: Token[] = [];
    let depth = 0;
    for (let token = stream.peek(); token !== undefined; token = stream.peek()) {
      if (depth === 0 && stream.sameLine() === undefined) break;
      stream.next();
      if (token.text === "{" && !token.quoted) depth += 1;
      const closes = token.text === "}" && !token.quoted;
      if (closes) depth -= 1;
      const outer = (closes && depth === 0) || (token.text === "{" && depth === 1);
      if (!outer) found.push(token);
      if (closes && depth <= 0) break;
    }
    blocks.set(name.text, found);
  }
  return blocks;
}
