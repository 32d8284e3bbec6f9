/**
 * File modes that a script sets, as `chmod` takes them (POSIX.1-2024, XCU `chmod`).
 */
import type { SimpleCommand } from "./command.ts";

/** Folders that are meant to be written by everybody. */
const shared = /^\/(?:tmp|var\/tmp|dev(?:\/.*)?)\/?$/;

/** The files that a command gives to everybody to write, as a clause. */
export function worldWritable(command: SimpleCommand): string | undefined {
  const change = modeChange(command);
  if (change === undefined || !isWorldWritable(change.mode)) return undefined;
  const targets = change.targets.filter((target) => !shared.test(target));
  return targets.length === 0 && change.targets.length > 0
    ? undefined
    : `${targets[0] ?? "a file"} becomes writable by everybody`;
}

/** The program that a command gives the set-user-id bit, as a clause. */
export function setUserId(command: SimpleCommand): string | undefined {
  const change = modeChange(command);
  if (change === undefined || !isSetUserId(change.mode)) return undefined;
  return `${change.targets[0] ?? "a program"} gets the set-user-id bit`;
}

/** Whether a mode lets everybody write (`777`, `a+w`); with the sticky bit (`1777`) it does not count. */
export function isWorldWritable(mode: string): boolean {
  if (/^[0-7]{3,5}$/.test(mode)) {
    const bits = Number.parseInt(mode, 8);
    return (bits & 0o002) !== 0 && (bits & 0o1000) === 0;
  }
  const clauses = clausesOf(mode);
  return (
    clauses.some(({ who, operator, bits }) => /[oa]/.test(who) && operator !== "-" && bits.includes("w")) &&
    !clauses.some(({ operator, bits }) => operator !== "-" && bits.includes("t"))
  );
}

export function isSetUserId(mode: string): boolean {
  if (/^[0-7]{4,5}$/.test(mode)) return (Number.parseInt(mode, 8) & 0o4000) !== 0;
  return clausesOf(mode).some(
    ({ who, operator, bits }) => (who === "" || /[ua]/.test(who)) && operator !== "-" && bits.includes("s"),
  );
}

function clausesOf(mode: string): readonly { who: string; operator: string; bits: string }[] {
  return mode.split(",").flatMap((clause) => {
    const match = /^([ugoa]{0,8})([+=-])([rwxXst]{0,12})$/.exec(clause);
    return match === null ? [] : [{ who: match[1] ?? "", operator: match[2] ?? "", bits: match[3] ?? "" }];
  });
}

interface ModeChange {
  readonly mode: string;
  readonly targets: readonly string[];
}

function modeChange({ name, arguments: words }: SimpleCommand): ModeChange | undefined {
  const texts = words.map(({ text }) => text);
  if (name === "chmod") {
    const operands = texts.filter((text) => !/^-[RfcvhLHP]+$|^--/.test(text));
    const [mode, ...targets] = operands;
    return mode === undefined ? undefined : { mode, targets };
  }
  if (name !== "install" && name !== "mkdir") return undefined;
  const at = texts.findIndex((text) => /^-[a-zA-Z]*m$|^--mode$/.test(text));
  const joined = texts.find((text) => /^(?:--mode=|-m[0-7])/.test(text))?.replace(/^(?:--mode=|-m)/, "");
  const mode = at === -1 ? joined : texts[at + 1];
  return mode === undefined ? undefined : { mode, targets: texts.slice(-1) };
}
