import type { ResolvedSecret, ResolvedStack } from "../../contracts/resolved.ts";
import type { RotationOutline } from "../../contracts/rotator.ts";
import { RingwallError } from "../../lib/error.ts";
import { didYouMean } from "../../lib/suggest.ts";
import { rotatorOf } from "./create-run.ts";
import { besideOf, type RotationEngine } from "./engine.ts";
import { type Retiring, readRetiring } from "./retiring.ts";
import { blackoutsOf, firstAllowed, isBlackedOut } from "./schedule/blackout.ts";
import { type Due, dueOf, knownToWhoLeft } from "./schedule/due.ts";
import { findUnfinishedRotations } from "./unfinished.ts";

/** What is asked for. */
export interface RotationRequest {
  /** Secrets by name; with none, what `due` or `all` says. */
  readonly names: readonly string[];
  /** All whose time has come, and former values whose overlap is over. */
  readonly due?: boolean;
  /** Every secret that can be rotated. */
  readonly all?: boolean;
  /** At once, without overlap, and with an incident opened. */
  readonly emergency?: boolean;
  /** Former values in their overlap are ended now, of `names` or all. */
  readonly retireNow?: boolean;
}

export interface PlannedConsumer {
  readonly service: string;
  /** How it is told: `restart`, `signal HUP`, `command …`, `none`. */
  readonly told: string;
}

export interface PlannedRotation {
  readonly secret: string;
  readonly outline: RotationOutline;
  readonly consumers: readonly PlannedConsumer[];
  /** Number of those that are rotated one after another, and stop together. */
  readonly group: number;
  readonly steps: readonly string[];
  /** Whether it has no value yet and gets its first one. */
  readonly first: boolean;
  readonly due: Due;
}

/** A former value that is to be ended. */
export interface PlannedRetirement {
  readonly secret: string;
  readonly retireAfter: string;
  readonly overdue: boolean;
}

export interface RotationPlan {
  /** In the order in which they are rotated. */
  readonly rotations: readonly PlannedRotation[];
  readonly retirements: readonly PlannedRetirement[];
  /** Secrets that are left as they are, and why. */
  readonly left: readonly { readonly secret: string; readonly why: string }[];
  readonly unfinished: readonly {
    readonly id: string;
    readonly begunAt: string;
    readonly secrets: readonly string[];
  }[];
  readonly remarks: readonly string[];
  /** Values in the store that no rotation answers for. */
  readonly strays: readonly string[];
}

/** What a request would do now. Asks the store for names and the records; changes nothing. */
export async function planRotation(engine: RotationEngine, request: RotationRequest): Promise<RotationPlan> {
  const { stack, state, records, store, surroundings } = engine;
  const now = surroundings.now();
  const [known, listed, retiring, unfinished] = await Promise.all([
    records.secrets.list(stack.name),
    store.list(),
    readRetiring(state),
    findUnfinishedRotations(state.journals),
  ]);
  const recordOf = new Map(known.map((record) => [record.secret, record]));
  const valued = new Set(listed);
  const held = request.due === true && heldBack(engine, now);
  const retirements = held === false ? retirementsOf(retiring, request, now) : [];
  const whyRetiring = (name: string) => whyInOverlap(name, retiring, retirements);
  const left: { secret: string; why: string }[] = [];
  const candidates: Omit<PlannedRotation, "group">[] = [];
  for (const secret of wantedSecrets(stack, request)) {
    const found = rotatorOf(engine, secret);
    const due = dueOf(secret, found?.outline.rotator, recordOf.get(secret.name), { stack, now });
    const why = whyLeft(secret, found?.outline, due, valued.has(secret.name), request) ?? whyRetiring(secret.name);
    if (found === undefined || why !== undefined) left.push({ secret: secret.name, why: why ?? "" });
    else candidates.push(plannedRotation(engine, secret, found.outline, due, valued.has(secret.name), request));
  }
  refuseUnrotatable(request, left);
  const open = unfinished.flatMap((one) => one.open.map(({ secret }) => secret));
  return {
    rotations: held === false ? inOrder(candidates) : [],
    retirements,
    left,
    unfinished: unfinished.map(({ id, begunAt, open: secrets }) => ({
      id,
      begunAt,
      secrets: secrets.map(({ secret }) => secret),
    })),
    remarks: remarksOf(candidates, held, engine, request),
    strays: strayValues(listed, [...open, ...retiring.map(({ secret }) => secret)]),
  };
}

function wantedSecrets(stack: ResolvedStack, request: RotationRequest): readonly ResolvedSecret[] {
  for (const name of request.names) {
    if (stack.secrets.some((secret) => secret.name === name)) continue;
    const names = stack.secrets.map((secret) => secret.name);
    throw new RingwallError("usage", `The stack has no secret "${name}".${didYouMean(name, names)}`, {
      hint: names.length === 0 ? "Declare it under `secrets` first." : `It has: ${names.join(", ")}.`,
    });
  }
  if (request.retireNow === true) return [];
  if (request.names.length > 0) return stack.secrets.filter(({ name }) => request.names.includes(name));
  return request.due === true || request.all === true ? stack.secrets : [];
}

function whyLeft(
  secret: ResolvedSecret,
  outline: RotationOutline | undefined,
  due: Due,
  valued: boolean,
  request: RotationRequest,
): string | undefined {
  if (secret.derived !== undefined) return "it is made of others, and changes with them";
  if (outline === undefined) {
    return "nothing in the stack issues it; `secrets.NAME.rotator` would say how it is replaced";
  }
  if (request.names.length > 0) return undefined;
  if (!valued) return "it has no value yet: `ringwall secrets generate` makes one";
  if (request.due === true && due.due === undefined) return "it is replaced on compromise only";
  if (request.due === true && !due.isDue) return `it is due at ${due.due?.toISOString() ?? "no time"}`;
  return undefined;
}

/** What was named and cannot be rotated is a mistake; what was merely met on the way is told. */
function refuseUnrotatable(request: RotationRequest, left: readonly { secret: string; why: string }[]): void {
  const named = left.find(({ secret }) => request.names.includes(secret));
  if (named === undefined) return;
  throw new RingwallError("usage", `"${named.secret}" cannot be rotated: ${named.why}.`);
}

function plannedRotation(
  engine: RotationEngine,
  secret: ResolvedSecret,
  outline: RotationOutline,
  due: Due,
  valued: boolean,
  request: RotationRequest,
): Omit<PlannedRotation, "group"> {
  const consumers = outline.consumers.map((service) => ({ service, told: toldOf(engine.stack, service) }));
  const steps = stepsOf(secret, outline, consumers, request.emergency === true);
  return { secret: secret.name, outline, consumers, steps, first: !valued, due };
}

function toldOf(stack: ResolvedStack, name: string): string {
  const reload = stack.services.find((service) => service.name === name)?.reload ?? "restart";
  if (reload === "none") return "reads it by itself";
  if (reload === "restart") return "restart";
  return "signal" in reload ? `signal ${reload.signal}` : `command ${reload.command[0] ?? ""}`;
}

function stepsOf(
  secret: ResolvedSecret,
  outline: RotationOutline,
  consumers: readonly PlannedConsumer[],
  emergency: boolean,
): readonly string[] {
  const { stage, revoke, proof } = outline.stages;
  const later = secret.overlapSeconds > 0 && outline.overlap && !emergency;
  return [
    "look whether issuer and consumers run, and whether the present value works from each",
    outline.assisted ? "ask for the new value, and keep it" : "make the new value, and keep it",
    stage,
    ...consumers.map(({ service, told }) => `give it to ${service} (${told}), and see that it works from there`),
    "see that it works everywhere, and keep it as the present one",
    ...(later ? [`the former value goes on working for ${days(secret.overlapSeconds)}; then:`] : []),
    revoke,
    `prove that the former value is refused: ${proof}`,
    "record it, with the downtime as measured",
  ];
}

function days(seconds: number): string {
  const whole = Math.round(seconds / 86_400);
  if (whole >= 1) return whole === 1 ? "1 day" : `${whole} days`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/** Groups of secrets that one issuer has, or that one consumer holds together; each in one piece, by name. */
export function inOrder(candidates: readonly Omit<PlannedRotation, "group">[]): readonly PlannedRotation[] {
  const sorted = [...candidates].sort((a, b) => (a.secret < b.secret ? -1 : 1));
  const groupOf = new Map<string, number>();
  const keysOf = (one: Omit<PlannedRotation, "group">) => [
    ...(one.outline.group === undefined ? [] : [`group ${one.outline.group}`]),
    ...one.consumers.map(({ service }) => `service ${service}`),
    ...(one.outline.issuer === undefined ? [] : [`service ${one.outline.issuer}`]),
  ];
  let count = 0;
  for (const one of sorted) {
    const keys = keysOf(one);
    const known = new Set(keys.flatMap((key) => groupOf.get(key) ?? []));
    const group = known.size === 0 ? count++ : Math.min(...known);
    for (const [key, of] of groupOf) if (known.has(of)) groupOf.set(key, group);
    for (const key of keys) groupOf.set(key, group);
    // One without a key stands alone.
    groupOf.set(`secret ${one.secret}`, group);
  }
  const grouped = sorted.map((one) => ({ ...one, group: groupOf.get(`secret ${one.secret}`) ?? 0 }));
  return grouped.sort((a, b) => a.group - b.group || (a.secret < b.secret ? -1 : 1));
}

function retirementsOf(
  retiring: readonly Retiring[],
  request: RotationRequest,
  now: Date,
): readonly PlannedRetirement[] {
  return retiring.flatMap(({ secret, retireAfter }) => {
    const overdue = Date.parse(retireAfter) <= now.getTime();
    const named = request.names.includes(secret);
    const asked = named || (request.names.length === 0 && (request.all === true || request.retireNow === true));
    const atOnce = asked && (request.retireNow === true || request.emergency === true);
    const over = overdue && (request.due === true || named);
    return atOnce || over ? [{ secret, retireAfter, overdue }] : [];
  });
}

/** Its account is the one that the next value would get: the former one ends before another begins. */
function whyInOverlap(
  name: string,
  retiring: readonly Retiring[],
  retirements: readonly PlannedRetirement[],
): string | undefined {
  const entry = retiring.find(({ secret }) => secret === name);
  if (entry === undefined || retirements.some(({ secret }) => secret === name)) return undefined;
  return `its former value works until ${entry.retireAfter}; \`ringwall rotate ${name} --retire-now\` ends it`;
}

/** The sentence that says until when nothing is rotated unasked; false when it may be. */
function heldBack({ stack }: RotationEngine, now: Date): string | false {
  const blackouts = blackoutsOf(stack.rotation);
  if (!isBlackedOut(now, blackouts)) return false;
  const until = firstAllowed(now, blackouts);
  return until === undefined
    ? "The blackout windows of `rotation` leave no moment in the next two years: nothing is rotated unasked."
    : `Nothing is rotated unasked before ${until.toISOString()}: a blackout window of \`rotation\` holds.`;
}

function remarksOf(
  candidates: readonly Omit<PlannedRotation, "group">[],
  held: string | false,
  { stack, surroundings }: RotationEngine,
  request: RotationRequest,
): readonly string[] {
  const odd = candidates.flatMap(({ secret, due }) =>
    due.remark !== undefined && (due.last !== undefined || due.remark === knownToWhoLeft)
      ? [`${secret}: ${due.remark}.`]
      : [],
  );
  const inWindow = request.due !== true && isBlackedOut(surroundings.now(), blackoutsOf(stack.rotation));
  return [
    ...(held === false ? [] : [held]),
    ...(inWindow && candidates.length > 0
      ? ["A blackout window of `rotation` holds now; you asked all the same."]
      : []),
    ...odd,
  ];
}

function strayValues(listed: readonly string[], accounted: readonly string[]): readonly string[] {
  return listed.filter((name) => {
    const beside = besideOf(name);
    return beside !== undefined && !accounted.includes(beside.secret);
  });
}
