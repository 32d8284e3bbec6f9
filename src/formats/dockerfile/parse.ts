/**
 * A Dockerfile as instructions with offsets. `dockerfile-ast` tells where each begins and ends (continuation lines, the
 * `escape` directive, here-documents); what stands in one is read here.
 *
 * Source: the Dockerfile reference of BuildKit 0.2x (docs.docker.com/reference/dockerfile), `frontend/dockerfile/parser`.
 */
import { DockerfileParser } from "dockerfile-ast";
import type { Place } from "../../lib/place.ts";

/** The place of an offset in the text, in whatever file that stands. */
export type PlaceOf = (offset: number) => Place;

export interface Instruction {
  /** In capitals: `RUN`. */
  readonly keyword: string;
  readonly offset: number;
  /** `--from=build`, `--mount=type=secret,id=x`: those before the first argument. */
  readonly flags: readonly Flag[];
  /**
   * What follows the flags, comment lines inside of it blanked out and every continuation written with a backslash, so
   * that an offset in it is `textOffset` away from one in the file.
   */
  readonly text: string;
  readonly textOffset: number;
  /** True for what `ONBUILD` puts off until another image is built on this one. */
  readonly onBuild: boolean;
}

export interface Flag {
  readonly name: string;
  readonly value: string;
  readonly offset: number;
}

export interface Mistake {
  readonly keyword: string;
  readonly offset: number;
  /** It is an instruction, and nothing stands behind it. */
  readonly isBare?: true;
}

export interface ParsedDockerfile {
  readonly instructions: readonly Instruction[];
  /** What is no instruction, or lacks what it is about; the first of them only, for the others mostly follow from it. */
  readonly mistake: Mistake | undefined;
}

const keywords = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

/** Reads a text. Never throws; what is no instruction is passed over and told of. */
export function parseDockerfile(text: string): ParsedDockerfile {
  const dockerfile = DockerfileParser.parse(text);
  const mark = dockerfile.getEscapeCharacter();
  const lines = lineStarts(text);
  const offsetOf = ({ line, character }: { line: number; character: number }) => (lines[line] ?? 0) + character;
  const instructions: Instruction[] = [];
  let mistake: ParsedDockerfile["mistake"];
  for (const found of dockerfile.getInstructions()) {
    const range = found.getRange();
    const start = offsetOf(range.start);
    const instruction = read(text.slice(start, offsetOf(range.end)), start, mark, false);
    if (instruction === undefined) mistake ??= { keyword: found.getKeyword(), offset: start };
    else if (lacksArguments(instruction)) mistake ??= { keyword: instruction.keyword, offset: start, isBare: true };
    else instructions.push(instruction);
  }
  return { instructions, mistake };
}

/** Instructions that BuildKit refuses with nothing behind them. Source: `frontend/dockerfile/instructions/parse.go`. */
const neverBare = /^(?:ADD|ARG|COPY|ENV|EXPOSE|FROM|LABEL|STOPSIGNAL|USER|VOLUME|WORKDIR)$/;

function lacksArguments({ keyword, text }: Instruction): boolean {
  return neverBare.test(keyword) && text.trim() === "";
}

/** Lines as `dockerfile-ast` counts them: a carriage return alone ends one too. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  const end = /\r\n|\n|\r/g;
  while (end.exec(text) !== null) starts.push(end.lastIndex);
  return starts;
}

function read(raw: string, offset: number, mark: string, onBuild: boolean): Instruction | undefined {
  const written = joined(raw, mark);
  const keyword = /^[A-Za-z]+/.exec(written)?.[0] ?? "";
  if (!keywords.has(keyword.toUpperCase())) return undefined;
  const { flags, end } = readFlags(written, keyword.length, offset);
  if (keyword.toUpperCase() === "ONBUILD" && !onBuild) {
    const inner = read(written.slice(end), offset + end, "\\", true);
    if (inner !== undefined) return inner;
  }
  return {
    keyword: keyword.toUpperCase(),
    offset,
    flags,
    text: written.slice(end),
    textOffset: offset + end,
    onBuild,
  };
}

/**
 * Blanks what stands between continued lines and is none (comments, empty lines), and writes every continuation with a
 * backslash; lengths stay.
 */
function joined(raw: string, mark: string): string {
  if (!raw.includes("\n")) return raw;
  const parts: string[] = [];
  let continued = true;
  let at = 0;
  while (continued && at < raw.length) {
    const found = raw.indexOf("\n", at);
    const next = found === -1 ? raw.length : found + 1;
    const line = raw.slice(at, next);
    const trimmed = line.trim();
    const between = at > 0 && (trimmed === "" || trimmed.startsWith("#"));
    if (between) parts.push(" ".repeat(line.length));
    else {
      const end = line.trimEnd();
      continued = end.endsWith(mark);
      parts.push(continued ? `${end.slice(0, -1)}\\${line.slice(end.length)}` : line);
    }
    at = next;
  }
  return parts.join("") + raw.slice(at);
}

const blank = /(?:[ \t\r]|\\[ \t\r]*\n)*/y;
const flag = /--([a-z][a-z-]*)(?:=((?:[^\s\\"']|\\(?![ \t\r]*\n).|"[^"\n]*"|'[^'\n]*')*))?/y;

function readFlags(text: string, from: number, offset: number): { flags: readonly Flag[]; end: number } {
  const flags: Flag[] = [];
  let end = skipBlank(text, from);
  for (;;) {
    flag.lastIndex = end;
    const match = flag.exec(text);
    if (match === null) return { flags, end };
    flags.push({ name: match[1] ?? "", value: (match[2] ?? "").replace(/["']/g, ""), offset: offset + end });
    end = skipBlank(text, flag.lastIndex);
  }
}

export function skipBlank(text: string, from: number): number {
  blank.lastIndex = from;
  blank.exec(text);
  return blank.lastIndex;
}
