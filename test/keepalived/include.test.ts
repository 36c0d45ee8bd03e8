import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesOnDisk } from '../../src/keepalived/on-disk.ts';
import { wholeConfig } from '../../src/keepalived/whole.ts';

describe('a configuration of several files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-'));
    mkdirSync(join(folder, 'conf.d'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const whole = () => wholeConfig(filesOnDisk(join(folder, 'keepalived.conf')));
  const words = () => whole().statements.map((each) => each.words.join(' '));

  it('is one, in the order in which keepalived reads it', () => {
    write('keepalived.conf', 'a\ninclude conf.d/*.conf\nz\n');
    write('conf.d/2.conf', 'two\n');
    write('conf.d/1.conf', 'one\ninclude deeper\n');
    write('conf.d/deeper', 'deep\n');
    write('conf.d/.hidden.conf', 'no\n');
    write('conf.d/other', 'no\n');
    const order = ['a', 'include conf.d/*.conf', 'one', 'include deeper', 'deep', 'two', 'z'];
    expect(words()).toEqual(order);
    expect(
      whole()
        .statements.map(({ file }) => file?.slice(folder.length + 1))
        .slice(2, 5),
    ).toEqual(['conf.d/1.conf', 'conf.d/1.conf', 'conf.d/deeper']);
  });

  it('takes an include within a block, and one that means nothing', () => {
    write('keepalived.conf', 'a {\n  b\n  include weight.conf\n  include absent*\n}\n');
    write('weight.conf', 'weight 0\n');
    const [block] = whole().statements;
    expect(block?.block?.map((each) => each.words.join(' '))).toEqual([
      'b',
      'include weight.conf',
      'weight 0',
      'include absent*',
    ]);
  });

  it('says where a fault is, and what was not followed', () => {
    write('keepalived.conf', 'include conf.d/1.conf\ninclude {a,b}.conf\n');
    write('conf.d/1.conf', 'x {\n');
    const { faults, notFollowed } = whole();
    expect(faults).toEqual([
      expect.objectContaining({ file: join(folder, 'conf.d/1.conf'), line: 1 }),
    ]);
    expect(notFollowed).toMatchObject([{ line: 2, problem: '{a,b}.conf' }]);
  });

  it('that includes itself comes to an end', () => {
    write('keepalived.conf', 'a\ninclude *.conf\n');
    symlinkSync(join(folder, 'keepalived.conf'), join(folder, 'again.conf'));
    expect(whole().notFollowed.length).toBeGreaterThan(0);
  });
});
