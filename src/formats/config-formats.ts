import { actRunnerFormat } from "./act-runner/index.ts";
import { alertmanagerFormat } from "./alertmanager/index.ts";
import { atlantisFormat } from "./atlantis/index.ts";
import { autheliaFormat } from "./authelia/index.ts";
import { caddyJsonFormat } from "./caddy-json/caddy-json-format.ts";
import { caddyfileFormat } from "./caddyfile/caddyfile-format.ts";
import { cloudInitFormat } from "./cloud-init/index.ts";
import { cloudflaredFormat } from "./cloudflared/index.ts";
import type { ConfigFormat } from "./config-format.ts";
import { crowdsecFormat } from "./crowdsec/index.ts";
import { dockerDaemonFormat } from "./docker-daemon/index.ts";
import { dockerfileFormat } from "./dockerfile/index.ts";
import { frpcFormat } from "./frpc/index.ts";
import { frpsFormat } from "./frpc/server.ts";
import { giteaFormat } from "./gitea/index.ts";
import { gluetunFormat } from "./gluetun/index.ts";
import { grafanaDatasourcesFormat, grafanaFormat } from "./grafana/index.ts";
import { homeAssistantFormat } from "./home-assistant/index.ts";
import { k3sStartFormat } from "./k3s-start/index.ts";
import { kubernetesClusterFormat } from "./kubernetes-cluster/index.ts";
import { lokiFormat } from "./loki/index.ts";
import { mosquittoFormat } from "./mosquitto/index.ts";
import { nginxFormat } from "./nginx/nginx-format.ts";
import { ngrokFormat } from "./ngrok/index.ts";
import { nodeRedFormat } from "./node-red/index.ts";
import { oauth2ProxyFormat } from "./oauth2-proxy/index.ts";
import { prometheusFormat } from "./prometheus/index.ts";
import { qbittorrentFormat } from "./qbittorrent/index.ts";
import { sopsRulesFormat } from "./sops/index.ts";
import { sshdFormat } from "./sshd/index.ts";
import { synapseFormat } from "./synapse/index.ts";
import { tailscaleServeFormat } from "./tailscale/index.ts";
import { talosFormat } from "./talos/index.ts";
import { traefikDynamicFormat, traefikStaticFormat } from "./traefik/traefik-format.ts";
import { vaultFormat, vaultPolicyFormat } from "./vault/index.ts";
import { zigbee2mqttFormat } from "./zigbee2mqtt/index.ts";

/** Every format of a configuration file, one line each; the first that recognises a file reads it. */
export const configFormats: readonly ConfigFormat[] = [
  dockerfileFormat,
  dockerDaemonFormat,
  sshdFormat,
  cloudInitFormat,
  vaultFormat,
  vaultPolicyFormat,
  atlantisFormat,
  sopsRulesFormat,
  talosFormat,
  kubernetesClusterFormat,
  k3sStartFormat,
  alertmanagerFormat,
  autheliaFormat,
  cloudflaredFormat,
  ngrokFormat,
  frpcFormat,
  frpsFormat,
  tailscaleServeFormat,
  crowdsecFormat,
  lokiFormat,
  mosquittoFormat,
  prometheusFormat,
  gluetunFormat,
  giteaFormat,
  nodeRedFormat,
  grafanaFormat,
  grafanaDatasourcesFormat,
  caddyfileFormat,
  caddyJsonFormat,
  nginxFormat,
  traefikStaticFormat,
  traefikDynamicFormat,
  actRunnerFormat,
  zigbee2mqttFormat,
  homeAssistantFormat,
  synapseFormat,
  qbittorrentFormat,
  oauth2ProxyFormat,
];
