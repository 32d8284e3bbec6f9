import { append } from "../../lib/append.ts";
import type { Conditions } from "./conditions.ts";
import { costOf, relate, unmet } from "./conditions.ts";
import type { AnswerHandler, CaddyHandler, CaddyRoute, CaddyServer, FilesHandler, ProxyHandler } from "./model.ts";

/** Something that requests pass before they are answered, and which of them pass it. */
export interface Passed {
  readonly conditions: Conditions;
  readonly handler: CaddyHandler | "stop";
}

/** A handler that serves something, with all that stands before it. */
export interface Way {
  readonly conditions: Conditions;
  readonly passed: readonly Passed[];
  readonly end: ProxyHandler | FilesHandler;
  /** What keeps some requests from it: answers of the proxy itself that come before. */
  readonly barriers: readonly Barrier[];
}

/** Requests that are answered before they get to a way. */
export interface Barrier {
  /** What a request must meet, beyond what those of the way do, to be kept off. */
  readonly unmet: Conditions;
  readonly handler: CaddyHandler | "stop";
}

/** Ways of one server; more are nobody's configuration. */
const mostWays = 5_000;
/** Steps of one server: routes within routes that are invoked again and again. */
const mostSteps = 50_000;
/** Texts of conditions that are compared in one server, about. */
const mostComparisons = 3_000_000;

export interface Ways {
  readonly ways: readonly Way[];
  /** Whether there are more of them than are looked at. */
  readonly tooMany: boolean;
}

/** Every way through a server to something that serves. Ways that no request can go, since all are answered before, are left out. */
export function waysOf(server: CaddyServer): Ways {
  const walk = new Walk(server);
  walk.routes(server.routes, [], 0);
  return { ways: walk.ways, tooMany: walk.tooMany };
}

class Walk {
  readonly ways: Way[] = [];
  readonly #server: CaddyServer;
  /** What requests have passed on the way to here. */
  readonly #passed: Passed[] = [];
  /** Sites that were left behind, by their names: a way for other names has nothing to do with them. */
  readonly #sites = new Map<string, Passed[]>();
  #steps = 0;
  #comparisons = 0;

  constructor(server: CaddyServer) {
    this.#server = server;
  }

  get tooMany(): boolean {
    return this.#steps > mostSteps || this.#comparisons > mostComparisons || this.ways.length > mostWays;
  }

  routes(routes: readonly CaddyRoute[], above: Conditions, depth: number): void {
    const groups = new Map<string, Conditions[]>();
    for (const route of routes) {
      this.#steps += 1;
      if (this.tooMany || depth > 60) return;
      const conditions = route.matcherSets.length === 0 ? above : [...above, route.matcherSets];
      const earlier = route.group === undefined ? [] : (groups.get(route.group) ?? []);
      const before = this.#passed.length;
      for (const each of earlier) this.#passed.push(stop(each));
      const own = this.#passed.length;
      for (const handler of route.handlers) this.#handler(handler, conditions, depth);
      // What kept the earlier routes of the group apart is no barrier for what comes after the group.
      this.#passed.splice(before, own - before);
      if (route.terminal || this.#endsAll(before, conditions)) this.#leave(before, conditions);
      if (route.group !== undefined) groups.set(route.group, [...earlier, conditions]);
    }
  }

  /** Nothing that meets these conditions goes on from here, and what it passed since `from` is its own. */
  #leave(from: number, conditions: Conditions): void {
    this.#passed.length = from;
    const names = conditions.length === 1 ? plainNames(conditions) : undefined;
    if (names === undefined) this.#passed.push(stop(conditions));
    else for (const name of names) append(this.#sites, name, stop(conditions));
  }

  /** What was passed that may have to do with a way. */
  #before(conditions: Conditions): readonly Passed[] {
    const sites = (plainNames(conditions) ?? []).flatMap((name) => this.#sites.get(name) ?? []);
    return sites.length === 0 ? this.#passed : [...sites, ...this.#passed];
  }

  #handler(handler: CaddyHandler, conditions: Conditions, depth: number): void {
    switch (handler.kind) {
      case "subroute":
        this.routes(handler.routes, conditions, depth + 1);
        return;
      case "invoke": {
        const named = this.#server.namedRoutes.get(handler.name);
        if (named !== undefined) this.routes([named], conditions, depth + 1);
        return;
      }
      case "proxy":
      case "files":
        this.#end(handler, conditions);
        break;
    }
    this.#passed.push({ conditions, handler });
  }

  #end(end: ProxyHandler | FilesHandler, conditions: Conditions): void {
    const barriers: Barrier[] = [];
    for (const { conditions: own, handler } of this.#before(conditions)) {
      if (!answers(handler)) continue;
      const relation = this.#relate(own, conditions);
      if (relation === "always") return;
      if (relation === "partly") barriers.push({ unmet: unmet(own, conditions), handler });
    }
    this.ways.push({ conditions, passed: this.#reaching(conditions), end, barriers });
  }

  /** What requests of a way pass: not what stands on ways that end before. */
  #reaching(conditions: Conditions): readonly Passed[] {
    const stops = this.#passed.filter(({ handler }) => answers(handler));
    return this.#passed.filter(({ conditions: own, handler }) => {
      if (answers(handler)) return false;
      const relation = this.#relate(own, conditions);
      if (relation !== "partly") return relation === "always";
      return !stops.some((end) => this.#relate(end.conditions, own) === "always");
    });
  }

  /** Whether every request that comes to a route is answered by what it holds, which was passed since `from`. */
  #endsAll(from: number, conditions: Conditions): boolean {
    for (let at = from; at < this.#passed.length; at++) {
      const passed = this.#passed[at];
      if (passed !== undefined && answers(passed.handler) && this.#relate(passed.conditions, conditions) === "always")
        return true;
    }
    return false;
  }

  #relate(own: Conditions, way: Conditions) {
    this.#comparisons += costOf(own, way);
    return relate(own, way);
  }
}

/** The names that the outermost condition asks for, where it asks for nothing but whole names. */
function plainNames([outermost]: Conditions): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { hosts, paths, clientRanges, remoteRanges, not, others } of outermost ?? [{ not: [], others: [] }]) {
    const plain = hosts?.every(({ text, unresolved }) => unresolved === undefined && !/[*{]/.test(text)) === true;
    if (!plain || paths !== undefined || clientRanges !== undefined || remoteRanges !== undefined) return undefined;
    if (not.length > 0 || others.length > 0) return undefined;
    for (const { text } of hosts ?? []) names.add(text.toLowerCase());
  }
  return [...names];
}

function stop(conditions: Conditions): Passed {
  return { conditions, handler: "stop" };
}

/** Whether a handler answers by itself, so that nothing behind it is asked. */
export function answers(
  handler: CaddyHandler | "stop",
): handler is AnswerHandler | ProxyHandler | FilesHandler | "stop" {
  return handler === "stop" || handler.kind === "answer" || handler.kind === "proxy" || handler.kind === "files";
}
