/**
 * Files that the API server is started with: which provider encrypts Secrets, what its audit log records, what its
 * admission plugins do.
 *
 * Sources: apiserver.config.k8s.io/v1 (EncryptionConfiguration, AdmissionConfiguration) and audit.k8s.io/v1 (Policy) of
 * Kubernetes 1.34.
 */
import type { ClusterSecret } from "../../facts/configuration/cluster.ts";
import { defaulted, unstated } from "../../facts/fact.ts";
import { asText, type Fields } from "../fields.ts";
import { auditPolicyOf, itemsOf, providerOf, textOf } from "../talos/cluster-security.ts";
import { ofKind, type TalosDocuments } from "../talos/documents.ts";
import { noApiServer } from "./api-server.ts";
import { noFlags } from "./flags.ts";
import { secretAt } from "./secrets.ts";
import type { ClusterReading } from "./settings.ts";

export function readServerFiles(documents: TalosDocuments): ClusterReading {
  const { place } = documents;
  const nothing = noFlags({ hidden: undefined, place });
  const [encryption] = ofKind(documents, "EncryptionConfiguration");
  const [policy] = ofKind(documents, "Policy");
  const [admission] = ofKind(documents, "AdmissionConfiguration");
  return {
    parts: [],
    settings: {
      ...noApiServer(nothing),
      ...(encryption === undefined ? {} : { etcdEncryption: providerOf(encryption) }),
      ...(policy === undefined ? {} : { audit: auditPolicyOf(policy) }),
      ...(admission === undefined ? {} : { podSecurity: levelOf(admission) }),
      kubeletArguments: nothing,
      etcdArguments: nothing,
      seccompDefault: unstated(place),
    },
    proxyArguments: nothing,
    secrets: encryption === undefined ? [] : keysOf(encryption),
  };
}

/** The level that PodSecurity enforces where no label says; a file that configures other plugins alone says nothing of it. */
function levelOf(admission: Fields) {
  const plugin = itemsOf(admission, "plugins").find((one) => textOf(one, "name") === "PodSecurity");
  if (plugin === undefined || plugin.node("path") !== undefined) return unstated<string>(admission.place);
  return plugin
    .fields("configuration")
    .fields("defaults")
    .fact("enforce", asText, "a level", (place) => defaulted("privileged", "platform", place));
}

function keysOf(encryption: Fields): readonly ClusterSecret[] {
  return itemsOf(encryption, "resources").flatMap((rule) =>
    itemsOf(rule, "providers").flatMap((provider) =>
      provider.entries.flatMap(({ key }) =>
        itemsOf(provider.fields(key), "keys").flatMap((one) =>
          secretAt(one, "secret", `resources.providers.${key}.keys.secret`, {
            opens: "whoever has it and a copy of the database reads all its Secrets",
            root: true,
          }),
        ),
      ),
    ),
  );
}
