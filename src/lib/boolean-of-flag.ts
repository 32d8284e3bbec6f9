/**
 * What Kubernetes' components and other programs in Go make of a flag's text; undefined for what they refuse.
 *
 * Source: `strconv.ParseBool` of Go 1.25.
 */
export function booleanOfFlag(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}
