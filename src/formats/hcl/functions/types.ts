import type { Place } from "../../../lib/place.ts";
import type { Budget } from "../value/budget.ts";
import { asBoolean, asList, asNumber, asSet, asText, unified } from "../value/convert.ts";
import { boolean, failing, type HclValue, map, unknown } from "../value/value.ts";
import type { HclFunction, HclFunctions } from "./define.ts";

/** The first that the program would not stop at. */
const tryFunction: HclFunction = (given, place, { budget }) => {
  for (const value of given) if (!failsWithin(value, budget)) return value;
  return failing("none of the values of try can be had", place);
};

const can: HclFunction = (given, place, { budget }) => {
  const [value] = given;
  if (value === undefined) return failing("it wants one argument", place);
  if (failsWithin(value, budget)) return boolean(false, place);
  return value.kind === "unknown" ? unknown(value.why, place) : boolean(true, place);
};

function failsWithin(value: HclValue, budget: Budget): boolean {
  budget.spend(1);
  if (value.kind === "unknown") return value.fails === true;
  if (value.kind === "list") return value.items.some((item) => failsWithin(item, budget));
  return value.kind === "map" && [...value.entries.values()].some((entry) => failsWithin(entry.value, budget));
}

function conversion(convert: (value: HclValue) => HclValue): HclFunction {
  return ([value], place) => (value === undefined ? failing("it wants one argument", place) : convert(value));
}

function toList(value: HclValue): HclValue {
  const items = asList(value);
  return items.kind === "list" ? { ...items, items: unified(items.items) } : items;
}

function toMap(value: HclValue): HclValue {
  if (value.kind !== "map") return value.kind === "unknown" ? value : failing("a map is wanted", value.place);
  const pairs = [...value.entries];
  const converted = unified(pairs.map(([, entry]) => entry.value));
  const entries = pairs.map(([key, entry], at) => [key, { ...entry, value: converted[at] ?? entry.value }] as const);
  return { ...value, entries: new Map(entries) };
}

const isSensitive: HclFunction = ([value], place) => boolean(value?.sensitive === true, place);

const sensitive: HclFunction = ([value], place) =>
  value === undefined ? failing("it wants one argument", place) : { ...value, sensitive: true };

/** The value is told all the same wherever it is taken for a secret: the mark alone goes. */
const nonsensitive: HclFunction = ([value], place) => {
  if (value === undefined) return failing("it wants one argument", place);
  const { sensitive: _, ...plain } = value;
  return plain as HclValue;
};

function emptyMap(place: Place): HclValue {
  return map(new Map(), place);
}

export const typeFunctions: HclFunctions = {
  can,
  try: tryFunction,
  tobool: conversion(asBoolean),
  tolist: conversion(toList),
  tomap: conversion(toMap),
  tonumber: conversion(asNumber),
  toset: conversion((value) => (value.kind === "null" ? value : asSet(value))),
  tostring: conversion(asText),
  issensitive: isSensitive,
  sensitive,
  nonsensitive,
  ephemeralasnull: ([value], place) => value ?? emptyMap(place),
};
