/** The configuration of the process that keeps a balancer's table, as that balancer gave it out. */
export interface OwnerFiles {
  /** The file that the process was started with. */
  readonly root: string;
  /** Text by path, without secrets. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that it includes and that were not given out. */
  readonly missing: readonly string[];
  /** By which name the process knows its host. */
  readonly host?: string;
}

/** A member of a pool that such a process keeps in the table. */
export interface OwnedMember {
  /** `192.168.100.78:80`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** As the configuration has it, our own include left out. */
  readonly ownWeight: number;
  /** As the configuration has it with our include. */
  readonly weight: number;
  readonly forwarding: 'Route' | 'Masq' | 'Tunnel';
  /** The process looks whether it is well, and takes it out of the table when it is not. */
  readonly isChecked: boolean;
  /** One that is not well stays in the table with weight 0. */
  readonly staysWhenSick: boolean;
  /** Why a weight set by us would not last, in words; absent when our include decides. */
  readonly whyNotKept?: string;
}

export interface OwnedPool {
  readonly members: readonly OwnedMember[];
}

/**
 * Whether the process keeps this pool, and which members it has there by its configuration; undefined when it does not.
 * Throws UNEXPECTED_REPLY when the configuration cannot be read to its one meaning: then nobody knows.
 */
export type TableOwner = (files: OwnerFiles, pool: string) => OwnedPool | undefined;
