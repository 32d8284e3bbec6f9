/** One way to match a rule: all that it asks for. */
export interface RuleWay {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly clientRanges: readonly string[];
  /** Further matchers, and whatever is negated. */
  readonly others: readonly string[];
}

const mostWays = 64;
const nothing: RuleWay = { hosts: [], paths: [], clientRanges: [], others: [] };

/**
 * The ways to match a rule (`Host(`a`) && (PathPrefix(`/x`) || Path(`/y`))`), in the syntax of Traefik 2 and 3.
 * Undefined for what is no rule, or has too many ways.
 */
export function ruleWays(rule: string): readonly RuleWay[] | undefined {
  const tokens = tokensOf(rule);
  if (tokens === undefined || tokens.length === 0) return undefined;
  const parser = new RuleParser(tokens);
  const ways = parser.either(0);
  return parser.isDone ? ways : undefined;
}

type Token =
  | { readonly kind: "sign"; readonly text: string }
  | { readonly kind: "name" | "value"; readonly text: string };

const tokenPattern = /\s*(?:(&&|\|\||[!(),])|`([^`]*)`|"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z]\w*))/y;

function tokensOf(rule: string): readonly Token[] | undefined {
  const text = rule.trim();
  if (text.length > 10_000) return undefined;
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    if (match === null) return undefined;
    at += match[0].length;
    const value = match[2] ?? match[3] ?? match[4];
    if (match[1] !== undefined) tokens.push({ kind: "sign", text: match[1] });
    else if (value !== undefined) tokens.push({ kind: "value", text: value });
    else tokens.push({ kind: "name", text: match[5] ?? "" });
  }
  return tokens;
}

class RuleParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(depth: number): readonly RuleWay[] | undefined {
    const ways: RuleWay[] = [];
    do {
      const more = this.#all(depth);
      if (more === undefined) return undefined;
      ways.push(...more);
    } while (this.#sign("||"));
    return ways.length > mostWays ? undefined : ways;
  }

  #all(depth: number): readonly RuleWay[] | undefined {
    let ways: readonly RuleWay[] = [nothing];
    do {
      const more = this.#one(depth);
      if (more === undefined) return undefined;
      if (ways.length * more.length > mostWays) return undefined;
      ways = ways.flatMap((way) => more.map((other) => both(way, other)));
    } while (this.#sign("&&"));
    return ways;
  }

  #one(depth: number): readonly RuleWay[] | undefined {
    if (depth > 30) return undefined;
    if (this.#sign("!")) return this.#one(depth + 1) === undefined ? undefined : [{ ...nothing, others: ["!"] }];
    if (this.#sign("(")) {
      const inner = this.either(depth + 1);
      return this.#sign(")") ? inner : undefined;
    }
    const name = this.#tokens[this.#at];
    if (name?.kind !== "name") return undefined;
    this.#at += 1;
    const values = this.#values();
    return values === undefined ? undefined : [matcher(name.text, values)];
  }

  #values(): readonly string[] | undefined {
    if (!this.#sign("(")) return undefined;
    const values: string[] = [];
    while (!this.#sign(")")) {
      const value = this.#tokens[this.#at];
      if (value?.kind !== "value") return undefined;
      values.push(value.text);
      this.#at += 1;
      this.#sign(",");
    }
    return values;
  }

  #sign(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || token.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

function matcher(name: string, values: readonly string[]): RuleWay {
  switch (name.toLowerCase()) {
    case "host":
    case "hostheader":
    case "hostsni":
      return { ...nothing, hosts: values };
    case "path":
    case "pathprefix":
      return { ...nothing, paths: values };
    case "clientip":
      return { ...nothing, clientRanges: values };
    default:
      return { ...nothing, others: [name] };
  }
}

function both(a: RuleWay, b: RuleWay): RuleWay {
  return {
    hosts: a.hosts.length === 0 ? b.hosts : a.hosts,
    paths: b.paths.length === 0 ? a.paths : b.paths,
    clientRanges: [...a.clientRanges, ...b.clientRanges],
    others: [...a.others, ...b.others],
  };
}
