/** Which labels a selector wants, in the text form of `kubectl -l`: `app=web,tier in (a, b),!old`. */
export type LabelTest = (labels: ReadonlyMap<string, string>) => boolean;

const requirement = /^(?:(!)\s*([\w./-]+)|([\w./-]+)\s*(?:(==?|!=|>|<)\s*([\w.-]*)|\s(in|notin)\s*\(([^()]*)\))?)$/;

/** Undefined for a text that is no such selector. Matches everything when it is empty. */
export function parseLabelSelector(text: string): LabelTest | undefined {
  const parts = splitOutside(text.trim());
  const tests = parts.map((part) => testOf(part.trim()));
  const known = tests.filter((test) => test !== undefined);
  if (known.length < tests.length) return undefined;
  return (labels) => known.every((test) => test(labels));
}

function testOf(part: string): LabelTest | undefined {
  const match = requirement.exec(part);
  if (match === null) return undefined;
  const [, not, absent = "", key = "", operator, value = "", set, members = ""] = match;
  if (not !== undefined) return (labels) => !labels.has(absent);
  if (set !== undefined) {
    const values = members.split(",").map((each) => each.trim());
    const isIn: LabelTest = (labels) => values.includes(labels.get(key) ?? "\0");
    return set === "in" ? isIn : (labels) => !isIn(labels);
  }
  switch (operator) {
    case undefined:
      return (labels) => labels.has(key);
    case "!=":
      return (labels) => labels.get(key) !== value;
    case ">":
      return (labels) => Number(labels.get(key)) > Number(value);
    case "<":
      return (labels) => Number(labels.get(key)) < Number(value);
    default:
      return (labels) => labels.get(key) === value;
  }
}

/** The parts between commas that stand in no parentheses; none for an empty text. */
function splitOutside(text: string): readonly string[] {
  if (text === "") return [];
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (const [at, character] of [...text].entries()) {
    if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    else if (character === "," && depth === 0) {
      parts.push([...text].slice(start, at).join(""));
      start = at + 1;
    }
  }
  return [...parts, [...text].slice(start).join("")];
}
