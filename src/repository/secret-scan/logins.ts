import { classifySecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { isStandIn } from "./fakes.ts";
import type { FoundSecret } from "./found.ts";

const longestCommand = 2_000;
/** `-u user:password`, `--user=user:password`. Source: curl(1) 8.16. */
const login = /(?:^|\s)(?:-[uU]\s?|--(?:proxy-)?user[ =])\s{0,4}["']?([\w.@+-]{1,100}):([^\s"'\\:]{1,200})/g;
/** What stands for a value: `$PASSWORD`, `${{ … }}`, `{{ x }}`, `<password>`, `%s`. */
const variable = /[$`{}<>%*]|^@/;

/** Passwords that are given to `curl` as an argument, but for those that anybody would guess. */
export function commandLoginsIn(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  let end = 0;
  for (const { index } of text.matchAll(/\bcurl\s/g)) {
    if (index < end) continue;
    const command = commandAt(text, index);
    // Of a command that is cut off, the next one may be in the second half.
    end = index + (command.length < longestCommand ? command.length : longestCommand / 2);
    for (const match of command.matchAll(login)) {
      const [whole, , password = ""] = match;
      if (!isPassword(password)) continue;
      const offset = index + match.index + whole.length - password.length;
      found.push({ what: "a password for curl", by: "assigned", offset, end: offset + password.length });
    }
  }
  return found;
}

/** The command up to the end of its line, or of the last line that it is carried on to, or to the next command. */
function commandAt(text: string, start: number): string {
  const window = text.slice(start, start + longestCommand);
  const end = /[^\\]\n|[;|]|&&/.exec(window);
  return end === null ? window : window.slice(0, end.index + 1);
}

function isPassword(text: string): boolean {
  if (text.length < 8 || variable.test(text) || isStandIn(text)) return false;
  if (!/\d/.test(text) || !/[A-Za-z]/.test(text) || /dummy|build|fake|test|example/i.test(text)) return false;
  return classifySecret("password", new Sensitive(text)) === "literal-secret";
}
