import type { ConfinedFiles } from "../../../repository/files.ts";

const answers = new WeakMap<ConfinedFiles, Map<string, boolean>>();

function answersOf(files: ConfinedFiles): Map<string, boolean> {
  const known = answers.get(files) ?? new Map<string, boolean>();
  answers.set(files, known);
  return known;
}

/** Whether a file has a top-level `services` or `include`, as a look at its text tells; each file is looked at once. */
export function looksLikeCompose(files: ConfinedFiles, path: string): boolean {
  const known = answersOf(files);
  const before = known.get(path);
  if (before !== undefined) return before;
  const file = files.glance(path);
  const answer = file.ok && /^["']?(?:services|include)["']?[ \t]*:/m.test(file.text);
  known.set(path, answer);
  return answer;
}

/** Says of a file that it is something else, so that nobody looks at it again. */
export function passOver(files: ConfinedFiles, path: string): void {
  answersOf(files).set(path, false);
}
