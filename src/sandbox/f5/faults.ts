import { z } from 'zod';

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** A rule by which requests go wrong. Without `status`, `drop` and the like only time or an effect is left. */
export const faultSchema = z.strictObject({
  /** Regular expression on path and query; of SOAP, `#operation` stands behind the path. */
  match: z.string().max(500).refine(isPattern, { error: 'not a regular expression' }).default(''),
  method: z.union([z.string(), z.array(z.string())]).optional(),
  /** Name of the unit; all when absent. */
  unit: z.string().optional(),
  /** -1 for ever. */
  times: z.number().int().min(-1).default(1),
  /** `after`: the request takes effect first, and only the answer goes wrong. */
  phase: z.enum(['before', 'after']).default('before'),
  status: z.number().int().min(200).max(599).optional(),
  /** Sent as JSON. */
  body: z.unknown().optional(),
  /** Sent as text/html. */
  html: z.string().optional(),
  /** Sent as text/xml. */
  xml: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  /** Cuts the connection without an answer. */
  drop: z.boolean().optional(),
  /** Cuts the connection after so many bytes of the answer. */
  truncate: z.number().int().min(0).optional(),
  /** Makes the answer so many bytes long, by blanks in front. */
  padBytes: z.number().int().min(0).max(100_000_000).optional(),
  /**
   * `fail-over`: the other unit takes over once the answer is made. `remove-member`: the member is deleted just
   * before the request. `undo`: the answer says it was done, but it is not.
   */
  effect: z.enum(['fail-over', 'remove-member', 'undo']).optional(),
});

export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;

/** What is seen of a request before it is handled. */
export interface Seen {
  readonly unit: string;
  readonly method: string;
  /** Path, query, and the SOAP operation behind `#`. */
  readonly target: string;
}

export interface Faults {
  set(list: readonly FaultInput[]): void;
  add(fault: FaultInput): void;
  list(): readonly Fault[];
  /** The faults that hit this request; each counts as used once. */
  take(seen: Seen): readonly Fault[];
}

export function createFaults(): Faults {
  let left: { fault: Fault; pattern: RegExp; times: number }[] = [];
  const prepared = (input: FaultInput) => {
    const fault = faultSchema.parse(input);
    return { fault, pattern: new RegExp(fault.match), times: fault.times };
  };
  return {
    set(list) {
      left = list.map(prepared);
    },
    add: (input) => void left.push(prepared(input)),
    list: () => left.map(({ fault, times }) => ({ ...fault, times })),
    take(seen) {
      const hit = left.filter(({ fault, pattern }) => concerns(fault, pattern, seen));
      for (const entry of hit) if (entry.times > 0) entry.times -= 1;
      left = left.filter(({ times }) => times !== 0);
      return hit.map(({ fault }) => fault);
    },
  };
}

function concerns(fault: Fault, pattern: RegExp, seen: Seen): boolean {
  const methods = fault.method === undefined ? undefined : [fault.method].flat();
  return (
    (fault.unit === undefined || fault.unit === seen.unit) &&
    (methods === undefined || methods.includes(seen.method)) &&
    pattern.test(seen.target)
  );
}
