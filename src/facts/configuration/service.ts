import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { SignInSetting } from "../knowledge/oauth2-proxy.ts";
import type { AccessPolicy } from "./access-policy.ts";
import type { Named, TrustedForwarders } from "./proxy.ts";

/** A way in for somebody who was asked for no name, or for too little. */
export interface OpenDoorway {
  /** A clause: `anonymous visitors are administrators`. */
  readonly what: string;
  /** What whoever comes in may do: change something, read, or look at figures that give little away. */
  readonly allows: "orders" | "reading" | "figures";
  /** Tells doors of one file apart: a listener, a rule. */
  readonly name: string;
  /** By which of the program's ports one comes to it, where those are others than its `ports`. */
  readonly ports?: Fact<readonly number[]>;
  /** What it opens answers elsewhere, whoever reaches the program itself: what a guard lets pass. */
  readonly elsewhere?: true;
  readonly place: Place;
}

/** A server that a program speaks to without a look at its certificate. */
export interface Unverified extends Named {
  /** Without TLS at all, which would be there by itself. */
  readonly plain?: true;
}

/** Mail that a program hands on without TLS. */
export interface PlainMail {
  /** Who is told so, by the name that the file gives. */
  readonly receiver: string;
  /** The server that it is handed to. */
  readonly host: Fact<string>;
  /** Whether a password goes along. */
  readonly signsIn: boolean;
  readonly place: Place;
}

/**
 * The configuration of a program that serves, watches or guards others. What a program does not have is absent; what its
 * file leaves out is as the program's own default has it.
 */
export interface ServiceConfiguration {
  readonly software:
    | "alertmanager"
    | "argo-cd"
    | "authelia"
    | "cloudflared"
    | "crowdsec"
    | "frpc"
    | "frps"
    | "gitea"
    | "gluetun"
    | "grafana"
    | "home-assistant"
    | "loki"
    | "mosquitto"
    | "ngrok"
    | "node-red"
    | "oauth2-proxy"
    | "prometheus"
    | "qbittorrent"
    | "synapse"
    | "tailscale"
    | "vault"
    | "zigbee2mqtt";
  readonly openDoors?: FactList<OpenDoorway>;
  /** What decides whom a sign-in takes, for one whose arguments and variables may say the same and go before its file. */
  readonly settings?: FactList<SignInSetting>;
  /** The ports on which it serves those whom it asks who they are; absent where they are not looked for. */
  readonly ports?: Fact<readonly number[]>;
  /** Whom it lets pass to what, for a guard that proxies ask. */
  readonly access?: AccessPolicy;
  /** Whether something holds off those who try passwords. */
  readonly guessingLimited?: Fact<boolean>;
  /** Whose word on a client's address it takes, for one that bans addresses or asks some of them for nothing. */
  readonly trustedForwarders?: Fact<TrustedForwarders>;
  /** What is spoken to over TLS without a look at its certificate, by what people call it. */
  readonly unverifiedUpstreams?: FactList<Unverified>;
  /** Secrets of its own that anybody would guess, by the names of their settings. */
  readonly weakSecrets?: FactList<Named>;
  /** Whether every user may do everything, for a broker of messages. */
  readonly rightsByUser?: Fact<boolean>;
  /** Whether whoever signs in may do everything, without being named for it; what he is, as a clause, where he may. */
  readonly administersOnSignIn?: Fact<string | "none">;
  readonly plainMail?: FactList<PlainMail>;
  /** Whether an alert that is raised gets to a person. */
  readonly alertsDelivered?: Fact<boolean>;
  /** For how many days logs are kept; `unstated` where they are never deleted. */
  readonly logDays?: Fact<number>;
  /** Why what it is there for does not happen, as clauses: `it reads no log`. */
  readonly blindBecause?: FactList<Named>;
}
