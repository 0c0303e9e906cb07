export type PeerName = "control-plane" | "prometheus" | "alertmanager" | "toxiproxy" | "postgres" | "chromium" | "moto";
export interface Peer {
  readonly what: string;
  readonly binaries: readonly (string | readonly string[])[];
  readonly onPath: boolean;
  readonly apt?: string;
  readonly pip?: string;
}
export declare const peersFolder: string;
export declare const peers: Readonly<Record<PeerName, Peer>>;
export declare function moduleFolder(peer: PeerName): string;
export declare function findBinary(peer: PeerName, binary: string | readonly string[]): string | undefined;
export declare function missingBinaries(peer: PeerName): string[];
