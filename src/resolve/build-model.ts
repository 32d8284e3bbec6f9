import type { Component } from "../contracts/component.ts";
import type { Declaration } from "../stack/schema.ts";
import { everythingRead, type Model, type ModelContext, type Unread } from "./model.ts";
import { routesOf } from "./model-routes.ts";
import { secretsOf } from "./model-secrets.ts";
import { servicesOf, zonesOf } from "./model-services.ts";
import { talksOf } from "./model-talks.ts";
import type { Places } from "./places.ts";
import type { Problems } from "./problems.ts";

/** Looks up everything that a declaration refers to. Mistakes go to `problems`; the model then lacks what is wrong. */
export function buildModel(
  declaration: Declaration,
  components: readonly Component[],
  places: Places,
  problems: Problems,
  unread: Unread = everythingRead,
): Model {
  const byName = new Map<string, Component>(components.map((component) => [component.name, component]));
  const context: ModelContext = { declaration, places, problems, components: byName, unread };
  const zones = zonesOf(context);
  const services = servicesOf(context, zones);
  const routes = routesOf(context, services);
  const { talks, unscraped } = talksOf(context, services, routes, zones);
  const { secrets, uses } = secretsOf(context, services);
  return {
    declaration,
    places,
    zones,
    services,
    routes: routes.map(({ route }) => route),
    talks,
    secrets,
    uses,
    unscraped,
  };
}
