import type { Account } from './accounts.ts';
import type { DeviceGroup } from './device-group.ts';
import type { SoapValue } from './soap-values.ts';
import type { Unit } from './unit.ts';

/** What an operation works on; its own parameters come decoded. */
export interface SoapContext {
  readonly unit: Unit;
  readonly group: DeviceGroup;
  readonly account: Account;
  readonly session: SoapSession;
  /** Number of the session that the client named, or of a new one. */
  readonly sessionId: () => number;
}

/** Belongs to a user, or to a number in X-iControl-Session. */
export interface SoapSession {
  /** `/Common`; what names without a path are relative to. */
  folder: string;
  timeoutS: number;
  transactionTimeoutS: number;
  /** Lists reach below the folder, too. */
  recursive: boolean;
  transaction: SoapTransaction | undefined;
}

/** Writes of a session that wait for `submit_transaction`. */
export interface SoapTransaction {
  readonly writes: (() => void)[];
  /** One of its calls was refused: it can only be closed now. */
  failed: boolean;
  /** After this it is closed, by the site's clock. */
  untilMs: number;
}

export interface SoapOperation {
  readonly parameters: readonly (readonly [name: string, type: string])[];
  /** Type of the answer; nothing is answered without one. */
  readonly returns?: string;
  readonly run: (context: SoapContext, values: readonly SoapValue[]) => SoapValue | undefined;
}

export type SoapInterface = Readonly<Record<string, SoapOperation>>;

/** Every interface has it. */
export const getVersion: SoapOperation = {
  parameters: [],
  returns: 'string',
  run: ({ unit }) => `BIG-IP_v${unit.world.version}`,
};

/** Values whose types were checked when they were decoded. */
export const list = (value: SoapValue | undefined): readonly SoapValue[] =>
  Array.isArray(value) ? value : [];

export const text = (value: SoapValue | undefined): string => String(value ?? '');

export const fieldOf = (value: SoapValue | undefined, name: string): SoapValue | undefined =>
  typeof value === 'object' && !Array.isArray(value)
    ? (value as { readonly [field: string]: SoapValue })[name]
    : undefined;
