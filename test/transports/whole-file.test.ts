import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sshFile } from '../../src/transports/ssh-file.ts';
import { sshHosts } from '../../src/transports/ssh-hosts.ts';
import { localFile, type WholeFile } from '../../src/transports/whole-file.ts';
import { type StageSshd, startSshd } from '../stage/sshd.ts';

const SFTP = 'Subsystem sftp internal-sftp';
const doing = 'Keeping the state';
const options = () => ({ doing, signal: new AbortController().signal });

let stage: string;
let folder: string;
let sshd: StageSshd;

beforeAll(async () => {
  stage = mkdtempSync(join(tmpdir(), 'lb-'));
  sshd = await startSshd({ directory: join(stage, 'sshd'), config: [SFTP] });
});
afterAll(async () => {
  await sshd.stop();
  rmSync(stage, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(stage, 'f'));
});

const WAYS: readonly [string, (path: string) => WholeFile][] = [
  ['on this machine', (path) => localFile(path)],
  ['on another host', (path) => sshFile(sshd.host, path, sshHosts())],
];

describe.each(WAYS)('a file %s that is replaced as a whole', (_name, fileAt) => {
  let file: WholeFile | undefined;
  const at = (path: string) => {
    file = fileAt(path);
    return file;
  };
  afterEach(() => file?.close());

  it('is made, and made anew, readable for all, with nothing left beside it', async () => {
    const path = join(folder, 'state');
    const state = at(path);
    await state.replace('one\n', options());
    expect(readFileSync(path, 'utf8')).toBe('one\n');
    expect(statSync(path).mode & 0o777).toBe(0o644);
    const first = statSync(path).ino;
    await state.replace('', options());
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(statSync(path).ino).not.toBe(first);
    expect(readdirSync(folder)).toEqual(['state']);
  });

  it('is never seen half, however large', async () => {
    const path = join(folder, 'state');
    const state = at(path);
    const texts = ['a', 'b'].map((letter) => letter.repeat(1_000_000));
    await state.replace(texts[0] ?? '', options());
    let isOver = false;
    const replaced = (async () => {
      for (let round = 0; round < 6; round += 1) {
        await state.replace(texts[round % 2] ?? '', options());
      }
      isOver = true;
    })();
    let looks = 0;
    while (!isOver) {
      expect(texts).toContain(readFileSync(path, 'utf8'));
      looks += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await replaced;
    expect(looks).toBeGreaterThan(3);
  });

  it('in a folder that is not there is UNREACHABLE', async () => {
    const path = join(folder, 'none', 'state');
    await expect(at(path).replace('x', options())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(
        /^Keeping the state: .*none\/state.*: there is no folder .*none\.$/,
      ),
    });
  });

  it('that is a folder leaves it alone, and nothing beside it', async () => {
    mkdirSync(join(folder, 'state'));
    await expect(at(join(folder, 'state')).replace('x', options())).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    await expect.poll(() => readdirSync(folder)).toEqual(['state']);
  });

  it('when the caller gives up is TIMEOUT, and the old text stays', async () => {
    const path = join(folder, 'state');
    writeFileSync(path, 'old');
    const signal = AbortSignal.abort();
    await expect(at(path).replace('new', { doing, signal })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    await expect.poll(() => readdirSync(folder)).toEqual(['state']);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});

describe('a file on another host', () => {
  it('where nobody answers in time is TIMEOUT', async () => {
    const state = sshFile(sshd.host, join(folder, 'state'), sshHosts());
    await state.replace('old', options());
    sshd.freeze();
    try {
      const signal = AbortSignal.timeout(200);
      await expect(state.replace('new', { doing, signal })).rejects.toMatchObject({
        code: 'TIMEOUT',
        message: expect.stringContaining('it took too long'),
      });
    } finally {
      sshd.thaw();
    }
    await state.close();
  });

  it('is written over a new login when the old one was lost', async () => {
    const path = join(folder, 'state');
    const state = sshFile(sshd.host, path, sshHosts());
    await state.replace('one', options());
    sshd.dropConnections();
    await expect
      .poll(() => state.replace('two', options()).then(() => readFileSync(path, 'utf8'), String))
      .toBe('two');
    await state.close();
  });

  it('without SFTP there is UNREACHABLE, with the reason', async () => {
    const bare = await startSshd({ directory: join(stage, 'bare') });
    const state = sshFile(bare.host, join(folder, 'state'), sshHosts());
    await expect(state.replace('x', options())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('no SFTP'),
    });
    await state.close();
    await bare.stop();
  });

  it('where the user may not write is PERMISSION', async () => {
    const readOnly = await startSshd({
      directory: join(stage, 'read-only'),
      config: ['Subsystem sftp internal-sftp -R'],
    });
    const state = sshFile(readOnly.host, join(folder, 'state'), sshHosts());
    await expect(state.replace('x', options())).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining(`this user may not write in ${folder}`),
    });
    await state.close();
    await readOnly.stop();
  });

  it('whose key is not let in is PERMISSION', async () => {
    const host = { ...sshd.host, login: { keyFile: sshd.strangerKeyFile } };
    const state = sshFile(host, join(folder, 'state'), sshHosts());
    await expect(state.replace('x', options())).rejects.toMatchObject({ code: 'PERMISSION' });
    await state.close();
  });
});

describe('a file on this machine', () => {
  it('where this user may not write is PERMISSION', async () => {
    // The kernel lets not even root make a file there.
    await expect(localFile('/sys/state').replace('x', options())).rejects.toMatchObject({
      code: 'PERMISSION',
      message: expect.stringContaining('this user may not write in /sys'),
    });
  });
});
