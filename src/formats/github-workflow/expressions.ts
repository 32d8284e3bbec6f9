/**
 * Expressions (`${{ … }}`) in texts, and which contexts hold what somebody from outside wrote.
 *
 * Sources: docs.github.com/en/actions/reference/security/secure-use ("Good practices for mitigating script injection
 * attacks"), GitHub Security Lab, "Keeping your GitHub Actions and workflows secure part 2: untrusted input".
 */

export interface Expression {
  /** What stands between the braces. */
  readonly text: string;
  /** Offset of its first character in the text. */
  readonly offset: number;
}

export function expressionsIn(text: string): readonly Expression[] {
  const found: Expression[] = [];
  for (let at = text.indexOf("${{"); at !== -1; at = text.indexOf("${{", at)) {
    const end = text.indexOf("}}", at + 3);
    if (end === -1) break;
    found.push({ text: text.slice(at + 3, end), offset: at });
    at = end + 2;
  }
  return found;
}

/** Names that Gitea (`gitea`) and Forgejo (`forgejo`, `forge`) have for the context that GitHub calls `github`. */
const alias = /(?<![\w.-])(?:gitea|forgejo|forge)(?=\s*[.[])/gi;

/**
 * The text with the names of other hosts as GitHub's. That is done whatever folder a workflow lies in: both run the ones of
 * `.github/workflows` too where they find none of their own, and GitHub refuses a workflow with a name that it does not know.
 *
 * Sources: docs.gitea.com, "Actions variables" (1.27); forgejo.org/docs, "Forgejo Actions reference", "Contexts".
 */
export function inWordsOfGithub(text: string): string {
  return text.replace(alias, "github");
}

/** Who writes what a context holds. */
export type Author = "visitor" | "pull request" | "commit";

const contexts: readonly (readonly [path: string, author: Author])[] = [
  ["github.event.issue.title", "visitor"],
  ["github.event.issue.body", "visitor"],
  ["github.event.comment.body", "visitor"],
  ["github.event.discussion.title", "visitor"],
  ["github.event.discussion.body", "visitor"],
  ["github.event.pages.*.page_name", "visitor"],
  ["github.event.review.body", "pull request"],
  ["github.event.review_comment.body", "pull request"],
  ["github.event.pull_request.title", "pull request"],
  ["github.event.pull_request.body", "pull request"],
  ["github.event.pull_request.head.ref", "pull request"],
  ["github.event.pull_request.head.label", "pull request"],
  ["github.event.pull_request.head.repo.default_branch", "pull request"],
  ["github.event.pull_request.head.repo.description", "pull request"],
  ["github.event.pull_request.head.repo.homepage", "pull request"],
  ["github.head_ref", "pull request"],
  ["github.event.workflow_run.head_branch", "pull request"],
  ["github.event.workflow_run.display_title", "pull request"],
  ["github.event.workflow_run.head_commit.message", "pull request"],
  ["github.event.workflow_run.head_commit.author.email", "pull request"],
  ["github.event.workflow_run.head_commit.author.name", "pull request"],
  ["github.event.workflow_run.head_repository.description", "pull request"],
  ["github.event.workflow_run.pull_requests.*.head.ref", "pull request"],
  ["github.event.commits.*.message", "commit"],
  ["github.event.commits.*.author.email", "commit"],
  ["github.event.commits.*.author.name", "commit"],
  ["github.event.head_commit.message", "commit"],
  ["github.event.head_commit.author.email", "commit"],
  ["github.event.head_commit.author.name", "commit"],
];

/** Functions whose answer is none of the text that they are given. */
const harmless = /\b(?:contains|startswith|endswith|hashfiles)\s*\((?:[^()']|'[^']*')*\)/g;
const comparison = /[a-z_][\w.*-]*\s*(?:==|!=)\s*(?:'[^']*'|[\w.*-]+)|(?:'[^']*')\s*(?:==|!=)\s*[a-z_][\w.*-]*/g;

/** What of others an expression puts into the text, with who writes it. Longer expressions than these are not read. */
export function untrustedIn(expression: string): readonly { readonly context: string; readonly author: Author }[] {
  if (expression.length > 2_000 || !/git(?:hub|ea)|forge|toJSON/i.test(expression)) return [];
  const normal = expression
    .toLowerCase()
    .replace(/\[\s*'([\w-]{1,60})'\s*\]/g, ".$1")
    .replace(/\[\s*(?:\d{1,6}|\*)\s*\]/g, ".*")
    .replace(harmless, "")
    .replace(comparison, "");
  const found = new Map<string, { context: string; author: Author }>();
  for (const [path, rest = ""] of normal.matchAll(/(?<![\w.-])(?:github|gitea|forgejo|forge)\b((?:\.[\w*-]+)*)/g)) {
    const known = `github${rest}`;
    for (const [context, author] of contexts) {
      const whole = known === context;
      // `toJSON(github.event)` holds them all.
      const around = context.startsWith(`${known}.`) && normal.includes("tojson");
      // The list begins with what most people can write.
      if ((whole || around) && !found.has(path)) found.set(path, { context: path, author });
    }
  }
  return [...found.values()];
}

/**
 * Names of the values that an expression takes from `matrix`, in small letters: the host tells neither contexts nor their
 * values apart by case. Not those that are only compared or asked about.
 */
export function matrixNamesIn(expression: string): readonly string[] {
  if (expression.length > 2_000 || !/matrix/i.test(expression)) return [];
  const put = expression
    .toLowerCase()
    .replace(/\[\s*'([\w-]{1,60})'\s*\]/g, ".$1")
    .replace(harmless, "")
    .replace(comparison, "");
  return [...put.matchAll(/(?<![\w.-])matrix\.([a-z_][\w-]*)/g)].map(([, name = ""]) => name);
}

/** Names of the variables that expressions of a text take from `env`, which Linux tells apart by case. */
export function environmentIn(expression: string): readonly string[] {
  return [...expression.matchAll(/\benv(?:\.([A-Za-z_]\w*)|\[\s*'([A-Za-z_]\w*)'\s*\])/gi)].map(
    ([, dotted, quoted]) => dotted ?? quoted ?? "",
  );
}
