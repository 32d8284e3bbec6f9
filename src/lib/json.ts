/** What a JSON text says; undefined for anything that is no JSON. Whoever asks checks the form by a schema of its own. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
