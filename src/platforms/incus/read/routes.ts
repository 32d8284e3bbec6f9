/**
 * From which bridges packets come into which. Bridges that are alike at their edge are asked about together: the server
 * routes between all of its bridges, and two thousand of them are four million pairs.
 */
import type { IncusNetworkRoute } from "../../../facts/extensions-incus.ts";
import { complete, type FactList } from "../../../facts/fact.ts";
import type { Ref } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import type { IncusObject } from "../load/objects.ts";
import { refOf } from "./context.ts";
import { type Bridge, isOpen } from "./routing.ts";

/** Bridges of which each sends out what each other does. */
interface Alike {
  readonly bridges: readonly Bridge[];
  /** The same as references, in lists that all share: one for each while they are few, else one for all. */
  readonly told: readonly (readonly Ref<"network">[])[];
}

/** So many are told one by one, each by its name. */
const few = 12;

export class Routes {
  readonly #byName = new Map<string, Bridge>();
  readonly #alike: readonly Alike[];
  readonly #single: readonly Alike[];

  constructor(bridges: readonly Bridge[], system: string) {
    const keyOf = edgeKeys();
    const groups = new Map<string, Bridge[]>();
    for (const bridge of bridges) {
      if (!this.#byName.has(bridge.name)) this.#byName.set(bridge.name, bridge);
      const key = keyOf(bridge);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [bridge]);
      else group.push(bridge);
    }
    const refs = new Map(bridges.map((bridge) => [bridge, [refOf("network", system, bridge.name)]] as const));
    const listOf = (bridge: Bridge) => refs.get(bridge) ?? [];
    this.#single = bridges.map((bridge) => ({ bridges: [bridge], told: [listOf(bridge)] }));
    this.#alike = [...groups.values()].map((group) => ({
      bridges: group,
      told: group.length > few ? [group.flatMap(listOf)] : group.map(listOf),
    }));
  }

  /**
   * The other bridges from which packets may come into one. Empty for a network that is no managed bridge. A list of many
   * holds the bridge itself, too, where it is like them.
   */
  into(name: string, place: Place): FactList<IncusNetworkRoute> {
    const into = this.#byName.get(name);
    if (into === undefined) return complete([], place);
    const others = asksWhence(into) ? this.#single : this.#alike;
    return complete(
      others.flatMap((group) => routesFrom(group, into)),
      place,
    );
  }
}

function routesFrom({ bridges, told }: Alike, into: Bridge): readonly IncusNetworkRoute[] {
  const [first, second] = bridges;
  const other = first === into ? second : first;
  if (other === undefined) return [];
  const open = isOpen(other, into);
  return told.flatMap((from) => {
    const isItself = from.length === 1 && from[0]?.name === into.name;
    return isItself ? [] : [{ from, open, place: into.place }];
  });
}

/** Whether a rule at its edge names addresses that packets come from: bridges alike in all else differ in those. */
function asksWhence(bridge: Bridge): boolean {
  return bridge.routed.some((own) => bridge.rules("ingress", own).some(({ namesOthers }) => namesOthers));
}

/** A text for each bridge that is the same for those that let out the same. */
function edgeKeys(): (bridge: Bridge) => string {
  const numbers = new Map<IncusObject, number>();
  const numberOf = (acl: IncusObject) => {
    const known = numbers.get(acl) ?? numbers.size;
    numbers.set(acl, known);
    return known;
  };
  return (bridge) => {
    const routed = bridge.routed.map((own) => {
      const asksOwn = bridge.rules("egress", own).some(({ namesMembers }) => namesMembers);
      return [own.family, own.doubt, asksOwn ? own.cidr : undefined];
    });
    const { egress } = bridge;
    const otherwise = egress.kind === "unknown" ? ["?", egress.why] : [egress.kind === "unstated" ? "" : egress.value];
    return JSON.stringify([routed, bridge.uncertain, bridge.doubt, bridge.acls.map(numberOf), otherwise]);
  };
}
