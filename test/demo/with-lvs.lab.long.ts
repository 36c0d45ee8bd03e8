import { resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { cleanEnvironment, startDetached } from './lb-process.ts';

const SCRIPT = resolve(import.meta.dirname, '../../scripts/demo.mjs');
const STORY_MS_MAX = 280_000;

it('demo --with-lvs --script takes .78 out of both directors and brings it back, and plays a fail-over', {
  timeout: STORY_MS_MAX,
}, async () => {
  const args = [SCRIPT, '--with-lvs', '--script'];
  const demo = startDetached(process.execPath, args, cleanEnvironment());
  onTestFinished(async () => {
    demo.interrupt('SIGKILL');
    await demo.ended;
  });
  expect(await demo.ended, demo.out() + demo.err()).toBe(0);
  const others = [74, 75, 76, 77].map((last) => `192.168.100.${last}:80 Route 3`).join(', ');
  const lines = [
    '== test.tianya.cn on two LVS directors ==',
    'TCP  192.168.100.11:80 rr persistent 60',
    '/lb disable test.tianya.cn 192.168.100.78',
    'ipvsadm -e -t 192.168.100.11:80 -r 192.168.100.78:80 -g -w 0',
    `ok      lvs-1 has ${others}, 192.168.100.78:80 Route 0`,
    `ok      lvs-2 has ${others}, 192.168.100.78:80 Route 0`,
    'ok      192.168.100.78 gets no new client',
    `ok      lvs-1 has ${others}, 192.168.100.78:80 Route 3`,
    `ok      lvs-2 has ${others}, 192.168.100.78:80 Route 3`,
    'ok      192.168.100.78 gets new clients',
    '== keepalived stops on the MASTER ==',
    'Fail-over on edge: lvs-1 was MASTER, lvs-2 took over',
    'ok      lvs-2 alone has 192.168.100.11',
    'ok      messages about it: 1',
    'lb, in #ops, the same message:',
    'ok      lvs-1 alone has 192.168.100.11',
    'ok      the message says: lvs-1 is MASTER again',
    'The story held: ',
  ];
  let from = 0;
  for (const line of lines) {
    const at = demo.out().indexOf(line, from);
    expect(at, `${line} in ${demo.out()}`).toBeGreaterThan(-1);
    from = at + line.length;
  }
});
