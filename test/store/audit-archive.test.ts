import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstBreak } from '../../src/domain/audit.ts';
import { joinSegments, readSegment, segmentFault } from '../../src/domain/audit-segment.ts';
import { Secret } from '../../src/domain/secret.ts';
import { type ArchiveOptions, openAuditArchive } from '../../src/store/audit-archive.ts';
import { redisAuditLog } from '../../src/store/audit-log.ts';
import { redisLeases } from '../../src/store/leases.ts';
import { handClock } from '../fakes/hand-clock.ts';
import { KEY, NOW } from '../fakes/samples.ts';
import { type StageRedis, startRedis } from '../stage/redis.ts';

const DAY_MS = 24 * 3_600_000;
let redis: StageRedis;
let folder: string;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  folder = mkdtempSync(join(tmpdir(), 'lb-audit-'));
  clock.set(NOW);
  logged.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = handClock(NOW);
const logged: string[] = [];
const say = (message: string) => void logged.push(message);
const log = { debug() {}, info() {}, warn: say, error: say };

const open = (over: Partial<ArchiveOptions> = {}) =>
  openAuditArchive({
    redis: redis.client,
    leases: redisLeases(redis.client),
    directory: folder,
    signingKey: KEY,
    clock,
    log,
    ...over,
  });

async function written(count: number): Promise<void> {
  const audit = redisAuditLog(redis.client, clock, KEY);
  for (let n = 1; n <= count; n += 1) {
    await audit.append({ kind: 'planned', changeId: 'abcd2345', actor: 'U0A', detail: { n } });
  }
}

const names = (directory = folder) => readdirSync(directory).sort();
const path = (name: string) => join(folder, name);

function reading(name: string) {
  const read = readSegment(readFileSync(path(name), 'utf8'));
  if ('fault' in read) throw new Error(read.fault);
  return read;
}

/** Sequences of the entries in a file, and what is wrong with it. */
function contents(name: string) {
  const read = reading(name);
  return [read.entries.map(({ sequence }) => sequence), segmentFault(read, KEY)];
}

const inRedis = () => redis.client.llen('{lb}:audit:entries');

describe('the archive', () => {
  it('copies what is new into one open file that only this user can read', async () => {
    const archive = open();
    await written(2);
    await archive.step();
    await written(1);
    await archive.step();
    await archive.step();
    expect(names()).toEqual(['audit-0000000001.open']);
    expect(reading('audit-0000000001.open').entries.map(({ sequence }) => sequence)).toEqual([
      1, 2, 3,
    ]);
    expect(statSync(path('audit-0000000001.open')).mode & 0o777).toBe(0o600);
    expect(logged).toEqual([]);
  });

  it('closes a file with a signed end when it is full, and goes on with the next', async () => {
    await written(5);
    await open({ bytesMax: 700 }).step();
    expect(names()).toEqual([
      'audit-0000000001.jsonl',
      'audit-0000000003.jsonl',
      'audit-0000000005.open',
    ]);
    expect(contents('audit-0000000001.jsonl')).toEqual([[1, 2], undefined]);
    expect(contents('audit-0000000003.jsonl')).toEqual([[3, 4], undefined]);
  });

  it('closes a file at the end of its day, also when nothing more happens', async () => {
    await written(1);
    clock.set(NOW + DAY_MS);
    await written(1);
    const archive = open();
    await archive.step();
    expect(names()).toEqual(['audit-0000000001.jsonl', 'audit-0000000002.open']);
    clock.set(NOW + 2 * DAY_MS);
    await archive.step();
    expect(names()).toEqual(['audit-0000000001.jsonl', 'audit-0000000002.jsonl']);
  });

  it('is written by one worker at a time; another takes over in the same directory', async () => {
    const [first, second] = [open(), open()];
    await written(1);
    await first.step();
    await written(1);
    await second.step();
    expect(reading('audit-0000000001.open').entries).toHaveLength(1);
    await first.release();
    await second.step();
    expect(reading('audit-0000000001.open').entries).toHaveLength(2);
    await written(1);
    await first.step();
    expect(reading('audit-0000000001.open').entries).toHaveLength(2);
  });

  it('stops when somebody else writes the same file, and finds its way from the files', async () => {
    const archive = open();
    await written(1);
    await archive.step();
    appendFileSync(path('audit-0000000001.open'), '{"half');
    await written(1);
    await expect(archive.step()).rejects.toMatchObject({ code: 'FENCED' });
    await archive.step();
    expect(reading('audit-0000000001.open').entries).toHaveLength(2);
  });
});

describe('a worker that died while it wrote', () => {
  beforeEach(async () => {
    await written(3);
    await open({ bytesMax: 1e6 }).step();
    await redis.client.del('{lb}:lease:audit');
  });
  const file = 'audit-0000000001.open';

  it('in the middle of a line leaves nothing that is not written again', async () => {
    truncateSync(path(file), statSync(path(file)).size - 20);
    await written(1);
    await open().step();
    expect(reading(file)).toMatchObject({ isCut: false });
    expect(reading(file).entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(logged).toEqual(['An audit file ended in half a line; it is written again']);
  });

  it('in its first line leaves nothing', async () => {
    truncateSync(path(file), 10);
    await open().step();
    expect(reading(file).entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('before it had written anything leaves an empty file, which is no harm', async () => {
    truncateSync(path(file), 0);
    await open().step();
    expect(reading(file).entries).toHaveLength(3);
  });

  it('between the signed end and the name of a closed file is finished', async () => {
    clock.set(NOW + DAY_MS);
    await open().step();
    const closed = readFileSync(path('audit-0000000001.jsonl'), 'utf8');
    rmSync(path('audit-0000000001.jsonl'));
    writeFileSync(path(file), closed);
    await redis.client.del('{lb}:lease:audit');
    await written(1);
    await open().step();
    expect(names()).toEqual(['audit-0000000001.jsonl', 'audit-0000000004.open']);
    expect(contents('audit-0000000001.jsonl')).toEqual([[1, 2, 3], undefined]);
  });

  it('in the signed end has it signed again', async () => {
    appendFileSync(path(file), '{"end":{"v":1,"fro');
    clock.set(NOW + DAY_MS);
    await open().step();
    expect(contents('audit-0000000001.jsonl')).toEqual([[1, 2, 3], undefined]);
  });
});

describe('what cannot be proven', () => {
  const refused = (reason: RegExp) => expect(open().step()).rejects.toThrow(reason);

  it('is not copied: an altered entry', async () => {
    await written(3);
    const text = (await redis.client.lindex('{lb}:audit:entries', 1)) ?? '';
    await redis.client.lset('{lb}:audit:entries', 1, text.replace('U0A', 'U0B'));
    await refused(/entry 2 was altered; nothing was copied/);
    expect(names()).toEqual([]);
  });

  it('is not copied: a head that somebody without the key moved', async () => {
    await written(2);
    await redis.client.hset('{lb}:audit:head', 'signature', 'a'.repeat(64));
    await refused(/its head is not signed/);
    expect(names()).toEqual([]);
  });

  it('is not copied: entries that are gone', async () => {
    await written(3);
    await redis.client.rpop('{lb}:audit:entries');
    await refused(/entry 3 is missing/);
  });

  it('is not gone on with: a file that was altered', async () => {
    await written(2);
    await open().step();
    await redis.client.del('{lb}:lease:audit');
    const file = path('audit-0000000001.open');
    writeFileSync(file, readFileSync(file, 'utf8').replace('U0A', 'U0B'));
    await refused(/audit-0000000001.open is damaged: entry 1 was altered. Move it away/);
  });
});

describe('a log whose older entries left Redis', () => {
  it('keeps the last ones, never more than closed files have', async () => {
    await written(10);
    const archive = open({ keep: 1, bytesMax: 700 });
    await archive.step();
    expect(names().at(-1)).toBe('audit-0000000009.open');
    expect(await inRedis()).toBe(2);
    await written(3);
    await archive.step();
    expect(names().at(-1)).toBe('audit-0000000013.open');
    expect(await inRedis()).toBe(1);
    await redis.client.del('{lb}:lease:audit');
    await written(4);
    await open({ keep: 4, bytesMax: 700 }).step();
    expect(await inRedis()).toBe(4);
  });

  it('is still proven: the base is signed, and the files lead up to it', async () => {
    await written(10);
    await open({ keep: 3, bytesMax: 700 }).step();
    const { entries, base, headSigned } = await redisAuditLog(redis.client, clock, KEY).readAll();
    expect(headSigned).toBe(true);
    expect(base).toMatchObject({ sequence: 7, signed: true });
    expect(firstBreak(entries, base)).toBeUndefined();
    const files = names().map((name) => reading(name).entries);
    const chain = joinSegments([...files, entries], 1);
    expect(chain.fault).toBeUndefined();
    expect(chain.last?.sequence).toBe(10);
    expect(chain.hashOf(7)).toBe(base?.hash);
  });

  it('goes on to be written and to be proven', async () => {
    await written(10);
    await open({ keep: 0, bytesMax: 300 }).step();
    expect(await inRedis()).toBe(1);
    await written(2);
    const { entries, base, headSigned } = await redisAuditLog(redis.client, clock, KEY).readAll();
    expect([headSigned, firstBreak(entries, base)]).toEqual([true, undefined]);
  });

  it('shows a base that was moved by somebody without the key', async () => {
    await written(10);
    await open({ keep: 3, bytesMax: 700 }).step();
    const [, second] = (await redisAuditLog(redis.client, clock, KEY).readAll()).entries;
    await redis.client.lpop('{lb}:audit:entries', 2);
    await redis.client.hset('{lb}:audit:base', {
      sequence: String(second?.sequence),
      hash: second?.hash ?? '',
    });
    const read = await redisAuditLog(redis.client, clock, KEY).readAll();
    expect(read.base?.signed).toBe(false);
    await redis.client.del('{lb}:lease:audit');
    await expect(open().step()).rejects.toThrow(/where it begins in Redis is not signed/);
  });

  it('leaves nothing out for a worker with a directory of its own', async () => {
    await written(4);
    await open({ keep: 0, bytesMax: 300 }).step();
    await redis.client.del('{lb}:lease:audit');
    const elsewhere = mkdtempSync(join(tmpdir(), 'lb-audit-'));
    await written(2);
    await open({ directory: elsewhere, keep: 0 }).step();
    const both = [
      ...names().map((name) => reading(name).entries),
      ...names(elsewhere).map((name) => {
        const read = readSegment(readFileSync(join(elsewhere, name), 'utf8'));
        return 'fault' in read ? [] : read.entries;
      }),
    ];
    expect(joinSegments(both, 1)).toMatchObject({ last: { sequence: 6 } });
    expect(joinSegments(both, 1).fault).toBeUndefined();
    rmSync(elsewhere, { recursive: true });
  });
});

describe('a store that lost what is archived', () => {
  it.each([
    ['began empty', () => redis.client.flushall(), 0],
    [
      'went back to an older state',
      async () => {
        const [entries, head] = [
          await redis.client.lrange('{lb}:audit:entries', 0, 1),
          JSON.parse((await redis.client.lindex('{lb}:audit:entries', 1)) ?? '') as {
            hash: string;
          },
        ];
        await redis.client.flushall();
        await redis.client.rpush('{lb}:audit:entries', ...entries);
        const { signHead } = await import('../../src/domain/audit.ts');
        await redis.client.hset('{lb}:audit:head', {
          hash: head.hash,
          sequence: '2',
          signature: signHead(head.hash, 2, KEY),
        });
      },
      2,
    ],
  ])(
    'because it %s: the old files are set aside, the new chain has its own',
    async (_how, lose, left) => {
      await written(4);
      const archive = open();
      await archive.step();
      await lose();
      await written(3);
      await archive.step();
      const aside = names().find((name) => name.startsWith('before-')) ?? '';
      expect(names()).toEqual(['audit-0000000001.open', aside]);
      expect(names(path(aside))).toEqual(['audit-0000000001.open']);
      expect(reading('audit-0000000001.open').entries).toHaveLength(left + 3);
      expect(logged).toEqual([
        'Redis lost audit entries that are archived; the files were set aside',
      ]);
    },
  );
});

describe('files joined to a chain', () => {
  async function three() {
    await written(6);
    await open({ bytesMax: 700, signingKey: KEY }).step();
    clock.set(NOW + DAY_MS);
    await redis.client.del('{lb}:lease:audit');
    await open().step();
    return names().map((name) => reading(name));
  }

  it('break where one is missing, also at the beginning', async () => {
    const [a, b, c] = (await three()).map(({ entries }) => entries);
    expect(joinSegments([c ?? [], a ?? [], b ?? []], 1).fault).toBeUndefined();
    expect(joinSegments([a ?? [], c ?? []], 1).fault).toBe('entries 3 to 4 are missing');
    expect(joinSegments([b ?? [], c ?? []], 1).fault).toBe('entries 1 to 2 are missing');
    expect(joinSegments([b ?? [], c ?? []], 3).fault).toBeUndefined();
  });

  it('are each signed from their first to their last entry', async () => {
    const [a, b] = await three();
    if (a === undefined || b?.end === undefined) throw new Error('no files');
    expect(segmentFault(a, new Secret('another-key-0123456789-0123456789'))).toBe(
      'its end is not signed with this key',
    );
    expect(segmentFault({ ...a, entries: a.entries.slice(0, 1) }, KEY)).toContain('other entries');
    expect(segmentFault({ ...a, entries: a.entries.slice(1) }, KEY)).toContain('other entries');
    expect(segmentFault({ ...a, end: b.end }, KEY)).toContain('other entries');
    const { end: _none, ...unsigned } = a;
    expect(segmentFault(unsigned, KEY)).toContain('no signed end behind entry 2');
  });

  it('may not tell two stories', async () => {
    const [a] = await three();
    await redis.client.flushall();
    clock.set(NOW + 5);
    await written(3);
    const { entries } = await redisAuditLog(redis.client, clock, KEY).readAll();
    expect(joinSegments([a?.entries ?? [], entries], 1).fault).toBe(
      'there are two different entries 1',
    );
  });

  it('are refused when they are something else', () => {
    expect(readSegment('hello\n')).toEqual({
      fault: 'line 1 is neither an entry nor the signed end',
    });
    expect(readSegment('{"end":{"v":2}}\n')).toHaveProperty('fault');
    expect(readSegment('')).toMatchObject({ entries: [], isCut: false });
  });
});
