/** The Docker engine under Compose: finding it, asking it, observing what it runs. `observe` and its kin only read. */
export { type ClientOptions, EngineClient, newestApi, oldestApi } from "./engine/client.ts";
export {
  type DockerEngineInfo,
  demandCompose,
  describeEngine,
  engineRemarks,
  oldestCompose,
} from "./engine/describe-engine.ts";
export {
  describeEndpoint,
  type Endpoint,
  type EndpointSurroundings,
  findEndpoint,
  isRemote,
  parseEndpoint,
} from "./engine/endpoint.ts";
export { looseSystem, observe, observeEngine } from "./engine/observe.ts";
