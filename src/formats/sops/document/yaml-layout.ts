/**
 * Which comment of a YAML text belongs to which entry, as go-yaml sees it: SOPS encrypts a comment under the path of the
 * mapping or list that go-yaml gives it to, and opens it under no other.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.4, `scannerc.go` (`yaml_parser_scan_comments`, `yaml_parser_unroll_indent`),
 * `parserc.go` and `decode.go`.
 */

/** A mapping or list that is being put together. */
export interface Holder {
  readonly kind: "branch" | "list";
  readonly path: readonly string[];
  /** Comments before everything in it. */
  readonly first: CommentSpan[];
  readonly slots: Slot[];
}

/** One entry or item, and the comments around it. */
export interface Slot {
  readonly before: CommentSpan[];
  readonly after: CommentSpan[];
}

export interface CommentSpan {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** From 0. */
  readonly column: number;
  /** Filled in when it is placed: other paths under which it might have been encrypted. */
  readonly otherPaths: (readonly string[])[];
}

/** A mapping or list in block style that is open at a token. */
export interface Level {
  readonly indent: number;
  readonly holder: Holder;
}

/** What comments are placed by. */
export interface Token {
  readonly kind: "key" | "colon" | "dash" | "scalar" | "flow" | "document";
  readonly start: number;
  readonly endLine: number;
  readonly line: number;
  readonly column: number;
  /** From the outermost on. */
  readonly levels: readonly Level[];
  readonly holder: Holder;
  /** Undefined for the end of a document, and for SOPS's own entry. */
  readonly slot: Slot | undefined;
  /** The collection within braces or brackets that the token is. */
  readonly flow?: Holder;
}

interface Target {
  readonly holder: Holder;
  put(comment: CommentSpan): void;
}

/** Puts the comments between two tokens where go-yaml has them. `blankAfter` says whether an empty line or the end follows. */
export function placeComments(
  comments: readonly CommentSpan[],
  prior: Token,
  next: Token,
  blankAfter: (comment: CommentSpan) => boolean,
): void {
  let rest = comments;
  const [first] = comments;
  if (first !== undefined && first.line === prior.endLine && prior.kind !== "dash" && prior.kind !== "document") {
    put([first], inlineTarget(prior), prior, next);
    rest = comments.slice(1);
  }
  for (const { group, target } of groupsOf(rest, prior, next, blankAfter)) put(group, target, prior, next);
}

function put(group: readonly CommentSpan[], target: Target, prior: Token, next: Token): void {
  for (const comment of group) {
    const near = [target.holder, next.holder, prior.holder, ...prior.levels.map(({ holder }) => holder)];
    if (prior.flow !== undefined) near.push(prior.flow);
    comment.otherPaths.push(...near.flatMap(({ path }) => path.map((_, at) => path.slice(0, at + 1))), []);
    target.put(comment);
  }
}

function inlineTarget(prior: Token): Target {
  const { flow, slot, holder } = prior;
  if (flow !== undefined) return { holder: flow, put: (comment) => void flow.first.push(comment) };
  return { holder, put: (comment) => void (slot?.before ?? holder.first).push(comment) };
}

function before({ flow, slot, holder }: Token): Target {
  if (flow !== undefined) return { holder: flow, put: (comment) => void flow.first.push(comment) };
  return slot === undefined ? last(holder) : { holder, put: (comment) => void slot.before.push(comment) };
}

function after({ slot, holder, kind, levels }: Token, next: Token): Target {
  if (slot === undefined) return last(holder);
  if (kind === "scalar" || kind === "flow") return { holder, put: (comment) => void slot.after.push(comment) };
  // A key that has no value yet gives it to the first scalar of its value.
  if (next.column >= (levels.at(-1)?.indent ?? 0) && next.holder !== holder) return before(next);
  return { holder, put: (comment) => void slot.after.push(comment) };
}

/** Behind what stands last in a collection. */
function last(holder: Holder): Target {
  return { holder, put: (comment) => void (holder.slots.at(-1)?.after ?? holder.first).push(comment) };
}

/** Lines that belong together, told by indentation and empty lines. */
function groupsOf(
  comments: readonly CommentSpan[],
  prior: Token,
  next: Token,
  blankAfter: (comment: CommentSpan) => boolean,
): readonly { group: readonly CommentSpan[]; target: Target }[] {
  const groups: { group: CommentSpan[]; target: Target }[] = [];
  const indent = Math.max(prior.levels.at(-1)?.indent ?? 0, 0);
  const [start] = comments;
  if (start === undefined) return groups;
  const footLine = prior.kind === "document" && prior.start === -1 ? -1 : prior.endLine + 1;
  let firstEmpty = start.line - prior.endLine <= 1 || footLine === -1;
  let text: CommentSpan[] = [];
  let footOfPrior = true;
  const flush = (column: number) => {
    const dedented = column < indent;
    const target = footOfPrior && !dedented ? after(prior, next) : footTarget(text, comments, prior, next);
    groups.push({ group: text, target });
    text = [];
    footOfPrior = false;
  };
  for (const [at, comment] of comments.entries()) {
    text.push(comment);
    const head = text[0] ?? comment;
    if (blankAfter(comment)) {
      const foot = (head.line === footLine && prior.kind !== "colon") || head.column < indent;
      if (firstEmpty && foot) flush(head.column);
      firstEmpty = false;
    }
    const column = comments[at + 1]?.column ?? next.column;
    // What is dedented, but not as far as these lines, ends what they stand below.
    if (text[0] !== undefined && column < indent && column !== text[0].column) flush(indent);
  }
  if (text.length > 0) groups.push({ group: text, target: before(next) });
  return groups;
}

/** The block that ends at a comment of its own indentation, or else what follows. */
function footTarget(text: readonly CommentSpan[], comments: readonly CommentSpan[], prior: Token, next: Token): Target {
  const from = text[0]?.start ?? 0;
  const ending = prior.levels.filter(({ indent }) => indent > next.column).reverse();
  let mark = -1;
  for (const { indent, holder } of ending) {
    const match = comments.find((comment) => comment.start > mark && comment.column === indent);
    if (match !== undefined) mark = match.start;
    // The end of a list takes no comments.
    if (mark >= from && holder.kind === "branch") return last(holder);
  }
  return next.slot === undefined ? last(next.holder) : priorOf(next);
}

/** Behind the entry before a token's own, in the same collection. */
function priorOf(next: Token): Target {
  const { holder, slot } = next;
  const at = slot === undefined ? holder.slots.length : holder.slots.indexOf(slot);
  const target = holder.slots[at - 1];
  return { holder, put: (comment) => void (target?.after ?? slot?.before ?? holder.first).push(comment) };
}
