import {
  type AuditEntry,
  type ChainPlace,
  firstBreak,
  isSpanSigned,
  type SegmentSpan,
  signSpan,
} from './audit.ts';
import type { Secret } from './secret.ts';

/*
 * A segment is a file of audit entries: one JSON object per line, in order, and as its last line the signed end.
 */

/** The last line of a closed segment. */
interface SegmentEnd extends SegmentSpan {
  readonly v: 1;
  readonly signature: string;
}

export interface SegmentReading {
  readonly entries: readonly AuditEntry[];
  /** Absent in a segment that is still written, and in one that was cut off. */
  readonly end?: SegmentEnd;
  /** Bytes of the whole lines; what stands behind them is a line that was not finished. */
  readonly wholeBytes: number;
  readonly isCut: boolean;
}

export function entryLine(entry: AuditEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** The line that closes a segment from `first` to `last`. */
export function endLine(first: AuditEntry, last: AuditEntry, key: Secret): string {
  const span: SegmentSpan = {
    from: first.sequence,
    to: last.sequence,
    previous: first.previous,
    hash: last.hash,
  };
  return `${JSON.stringify({ end: { v: 1, ...span, signature: signSpan(span, key) } })}\n`;
}

/** Takes a segment's text apart, or says in one sentence why it is none. Checks no hash and no signature. */
export function readSegment(text: string): SegmentReading | { readonly fault: string } {
  const wholeLength = text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, wholeLength).split('\n').slice(0, -1);
  const entries: AuditEntry[] = [];
  let end: SegmentEnd | undefined;
  for (const [index, line] of lines.entries()) {
    if (end !== undefined) return { fault: `line ${index + 1} stands behind the signed end` };
    const value = jsonOf(line);
    if (isEnd(value)) end = value.end;
    else if (isEntry(value)) entries.push(value);
    else return { fault: `line ${index + 1} is neither an entry nor the signed end` };
  }
  return {
    entries,
    ...(end === undefined ? {} : { end }),
    wholeBytes: Buffer.byteLength(text.slice(0, wholeLength)),
    isCut: wholeLength < text.length,
  };
}

/** What is wrong with the entries of a segment, in one sentence; undefined when they are a piece of a chain. */
export function entriesFault({ entries }: SegmentReading): string | undefined {
  const [first] = entries;
  if (first === undefined) return 'it has no entry';
  return firstBreak(entries, { sequence: first.sequence - 1, hash: first.previous })?.reason;
}

/** What is wrong with a closed segment by itself, in one sentence; undefined when it is whole and its end is signed. */
export function segmentFault(reading: SegmentReading, key: Secret): string | undefined {
  const [first] = reading.entries;
  const last = reading.entries.at(-1);
  const fault = entriesFault(reading);
  if (fault !== undefined || first === undefined || last === undefined) return fault;
  if (reading.isCut) return `its last line is cut off behind entry ${last.sequence}`;
  const { end } = reading;
  if (end === undefined) {
    return `it has no signed end behind entry ${last.sequence}: it is still written, or cut off`;
  }
  const covers =
    end.from === first.sequence &&
    end.to === last.sequence &&
    end.previous === first.previous &&
    end.hash === last.hash;
  if (!covers) return `its signed end is that of other entries (${end.from} to ${end.to})`;
  return isSpanSigned(end, end.signature, key) ? undefined : 'its end is not signed with this key';
}

/** Several segments, in any order, as one chain that begins at entry `from`. */
export interface Chain {
  /** The last entry of the unbroken chain. */
  readonly last: ChainPlace | undefined;
  /** What breaks it, in one sentence. */
  readonly fault?: string;
  hashOf(sequence: number): string | undefined;
}

/**
 * Joins the entries of segments that are whole in themselves. They may overlap, then they must agree; a gap breaks the
 * chain, also one before the first.
 */
export function joinSegments(segments: readonly (readonly AuditEntry[])[], from: number): Chain {
  const hashes = new Map<number, string>();
  const ordered = segments
    .filter((entries) => entries.length > 0)
    .sort((a, b) => (a[0]?.sequence ?? 0) - (b[0]?.sequence ?? 0));
  let last: ChainPlace | undefined;
  const chain = (fault?: string): Chain => ({
    last,
    hashOf: (sequence) => hashes.get(sequence),
    ...(fault === undefined ? {} : { fault }),
  });
  for (const entries of ordered) {
    const begin = entries[0]?.sequence ?? 0;
    const expected = last === undefined ? from : last.sequence + 1;
    if (begin > expected) {
      const gap =
        begin === expected + 1 ? `entry ${expected} is` : `entries ${expected} to ${begin - 1} are`;
      return chain(`${gap} missing`);
    }
    for (const { sequence, previous, hash } of entries) {
      const known = hashes.get(sequence);
      if (known !== undefined && known !== hash) {
        return chain(`there are two different entries ${sequence}`);
      }
      const before = hashes.get(sequence - 1);
      if (before !== undefined && before !== previous) {
        return chain(`entry ${sequence} does not follow the one before it`);
      }
      hashes.set(sequence, hash);
      if (last === undefined || sequence > last.sequence) last = { sequence, hash };
    }
  }
  return chain();
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is AuditEntry {
  const entry = value as Partial<Record<keyof AuditEntry, unknown>> | null | undefined;
  return (
    typeof entry === 'object' &&
    entry !== null &&
    Number.isSafeInteger(entry.sequence) &&
    typeof entry.at === 'number' &&
    typeof entry.previous === 'string' &&
    typeof entry.hash === 'string' &&
    typeof entry.kind === 'string'
  );
}

function isEnd(value: unknown): value is { readonly end: SegmentEnd } {
  const end = (value as { end?: Partial<Record<keyof SegmentEnd, unknown>> } | null)?.end;
  return (
    typeof end === 'object' &&
    end !== null &&
    end.v === 1 &&
    Number.isSafeInteger(end.from) &&
    Number.isSafeInteger(end.to) &&
    typeof end.previous === 'string' &&
    typeof end.hash === 'string' &&
    typeof end.signature === 'string'
  );
}
