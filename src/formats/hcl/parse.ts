import type { Source } from "../../lib/place.ts";
import type { HclText } from "./ast.ts";
import { Cursor } from "./cursor.ts";
import { parseFile } from "./parse-body.ts";

/**
 * Parses a text in HCL's native syntax. Whatever could be read is in `body` even where there are problems: one mistake
 * costs the argument or block that it stands in. Never throws, and takes time in proportion to the text.
 */
export function parseHcl(source: Source, text: string): HclText {
  const cursor = new Cursor(source, text);
  const body = parseFile(cursor);
  if (cursor.problems.length === 0) return { body, problems: [] };
  // A brace that was forgotten swallows what comes after it: read again, closing blocks where a new one clearly begins.
  const again = new Cursor(source, text);
  const closed = parseFile(again, { closesAtMargin: true });
  const better = closed.blocks.length > body.blocks.length;
  return better ? { body: closed, problems: again.problems } : { body, problems: cursor.problems };
}
