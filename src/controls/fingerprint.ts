import { hash } from "node:crypto";
import type { Ref } from "../facts/subjects.ts";

/**
 * Sixteen hexadecimal digits that name a finding: made of control, subject and detail, so that they stay the same when
 * lines move. `file` is given when several systems of the same name are judged together.
 */
export function fingerprintOf(control: string, subject: Ref, detail: string, file: string | undefined): string {
  const parts = [control, subject.kind, subject.system, subject.knownAs ?? subject.name, detail];
  if (file !== undefined) parts.push(file);
  return hash("sha256", parts.join("\0")).slice(0, 16);
}
