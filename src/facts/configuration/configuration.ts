import type { ActRunnerConfiguration } from "./act-runner.ts";
import type { AtlantisConfiguration } from "./atlantis.ts";
import type { CaddyConfiguration } from "./caddy.ts";
import type { CloudInitConfiguration } from "./cloud-init.ts";
import type { ClusterConfiguration } from "./cluster.ts";
import type { DockerDaemonConfiguration } from "./docker-daemon.ts";
import type { DockerfileConfiguration } from "./dockerfile.ts";
import type { KubernetesDataConfiguration } from "./kubernetes-data.ts";
import type { NginxConfiguration } from "./nginx.ts";
import type { OpenTofuConfiguration } from "./opentofu.ts";
import type { SecretStoreConfiguration } from "./secret-store.ts";
import type { ServiceConfiguration } from "./service.ts";
import type { SopsRules } from "./sops.ts";
import type { SshdConfiguration } from "./sshd.ts";
import type { TalosConfiguration } from "./talos.ts";
import type { TraefikConfiguration } from "./traefik.ts";
import type { VaultConfiguration, VaultPolicy } from "./vault.ts";

/**
 * What the configuration files of known programs say, as far as a control reads it: one interface for each program, in
 * a file of its own beside this one. The readers in `formats/` fill them.
 */

/** What one configuration file says; `software` tells which program reads it. */
export type Configuration =
  | ActRunnerConfiguration
  | AtlantisConfiguration
  | CaddyConfiguration
  | CloudInitConfiguration
  | ClusterConfiguration
  | DockerDaemonConfiguration
  | DockerfileConfiguration
  | KubernetesDataConfiguration
  | NginxConfiguration
  | OpenTofuConfiguration
  | SecretStoreConfiguration
  | SopsRules
  | SshdConfiguration
  | TalosConfiguration
  | TraefikConfiguration
  | ServiceConfiguration
  | VaultConfiguration
  | VaultPolicy;

/** A program whose configuration is read, by the name that its facts bear. */
export type Software = Configuration["software"];
