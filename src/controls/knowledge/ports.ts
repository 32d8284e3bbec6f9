/**
 * Protocols by the name that `facts/knowledge/services.ts` gives them. Those that carry passwords or orders in the
 * open, with what to use instead; HTTP is left to the proxy's control.
 */
export const plaintextServices: ReadonlyMap<string, { readonly protocol: string; readonly instead: string }> = new Map([
  ["ftp", { protocol: "FTP", instead: "SFTP" }],
  ["telnet", { protocol: "Telnet", instead: "SSH" }],
  ["tftp", { protocol: "TFTP", instead: "a network of its own" }],
  ["pop3", { protocol: "POP3", instead: "POP3 over TLS on 995" }],
  ["imap", { protocol: "IMAP", instead: "IMAP over TLS on 993" }],
  ["ldap", { protocol: "LDAP", instead: "LDAP over TLS on 636" }],
  ["rsync", { protocol: "rsync", instead: "rsync over SSH" }],
  ["mqtt", { protocol: "MQTT", instead: "MQTT over TLS on 8883" }],
  ["rdp", { protocol: "RDP", instead: "a gateway behind the proxy, or a VPN" }],
  ["vnc", { protocol: "VNC", instead: "a web gateway behind the proxy, or a VPN" }],
  ["nfs", { protocol: "NFS", instead: "a VPN" }],
  ["smb", { protocol: "SMB", instead: "a VPN" }],
  ["rcon", { protocol: "RCON", instead: "`docker exec`, or a VPN" }],
  ["snmp", { protocol: "SNMP", instead: "SNMPv3 over a VPN" }],
]);

/** Protocols for visitors that no HTTP proxy could stand before, and how bad it is that nobody does. */
export const rawServices: ReadonlyMap<string, { readonly protocol: string; readonly severity: "medium" | "low" }> =
  new Map([
    ["bittorrent", { protocol: "BitTorrent", severity: "low" }],
    ["minecraft", { protocol: "Minecraft", severity: "low" }],
    ["turn", { protocol: "TURN", severity: "low" }],
    ["webrtc", { protocol: "WebRTC", severity: "low" }],
    ["xmpp", { protocol: "XMPP", severity: "low" }],
    ["sieve", { protocol: "ManageSieve", severity: "low" }],
    ["rtmp", { protocol: "RTMP", severity: "medium" }],
    ["rtsp", { protocol: "RTSP", severity: "medium" }],
  ]);

/** Services that are meant for outside and encrypt by themselves, which no HTTP proxy could stand before. */
export const directServices: ReadonlyMap<string, string> = new Map([
  ["mqtts", "MQTT over TLS"],
  ["wireguard", "WireGuard"],
  ["openvpn", "OpenVPN"],
  ["ipsec", "IPsec"],
  ["smtp", "mail"],
  ["smtps", "mail over TLS"],
  ["ldaps", "LDAP over TLS"],
  ["imaps", "IMAP over TLS"],
  ["pop3s", "POP3 over TLS"],
  ["ssh", "SSH"],
  ["dns-over-tls", "DNS over TLS"],
  ["syncthing", "Syncthing"],
]);
