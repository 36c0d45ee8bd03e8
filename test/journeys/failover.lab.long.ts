import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { DIRECTOR_NAMES, type DirectorName, VIP } from '../lab/places.ts';
import { until } from '../lab/until.ts';
import { useLab } from '../lab/use-lab.ts';
import { APPROVER, CHANNEL, OPERATORS, SERVICE } from '../stage/inventory.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { asked, became, cardText, clickOn, idIn, typed } from './acting.ts';

/** What an operator adds by docs/failover.md. */
const TRACK = `vrrp_track_file lb_yield {
   file /run/lb-yield.VI_1
   weight -100
   init_file 0
}
`;
const PREPARE = `set -e
printf '%s' '${TRACK}' | cat - /etc/keepalived/keepalived.conf >/run/lab/tracked.conf
sed 's|^vrrp_instance VI_1 {|&\\n   track_file {\\n      lb_yield\\n   }|' /run/lab/tracked.conf >/etc/keepalived/keepalived.conf
keepalived -t -f /etc/keepalived/keepalived.conf
pkill -TERM -o -x keepalived
while pidof keepalived >/dev/null; do sleep 0.05; done
setsid keepalived --log-console --log-detail --dont-fork </dev/null >>/run/lab/log.keepalived 2>&1 &`;

/** On the lab's client: a connection to the VIP every 25 ms; prints how many there were, and how many had no answer. */
const PROBE = `
const net = require('node:net');
let all = 0, lost = 0;
const knock = () => {
  all += 1;
  const socket = net.connect(80, '${VIP}');
  const end = (isLost) => { if (isLost) lost += 1; socket.destroy(); };
  const late = setTimeout(end, 900, true);
  socket.once('connect', () => { clearTimeout(late); end(false); });
  socket.once('error', () => { clearTimeout(late); end(true); });
};
const timer = setInterval(knock, 25);
setTimeout(() => { clearInterval(timer); setTimeout(() => console.log(all, lost), 1000); }, 8000);`;

function yamlOf(lab: Lab): string {
  const director = (name: DirectorName) => {
    const { user, host, port, login, proof } = lab.director(name).ssh('root');
    const key = login !== undefined && 'keyFile' in login ? login.keyFile : '';
    const print = proof !== undefined && 'fingerprint' in proof ? proof.fingerprint : '';
    return `  ${name}: { kind: lvs, ssh: "${user}@${host}:${port}", ssh_key: ${key}, host_key: "${print}" }`;
  };
  return `environments:
  production:
    roles: { viewers: workspace, operators: [${OPERATORS}], approvers: [${APPROVER}] }
    approval: { required: 1 }
    guard: { min_available: 50% }
balancers:
${DIRECTOR_NAMES.map(director).join('\n')}
pairs:
  edge: { nodes: [lvs-1, lvs-2], vrrp: VI_1 }
services:
  ${SERVICE}:
    environment: production
    channel: ${CHANNEL}
    pools: [{ on: edge, vip: "${VIP}:80" }]
`;
}

describe('a planned fail-over of two real directors', () => {
  let lab: Lab;
  let stage: Stage;
  let stop: () => Promise<void> = async () => {};

  beforeAll(async () => {
    ({ lab, stop } = await useLab());
    // The standby first: the VIP stays where it is.
    for (const name of ['lvs-2', 'lvs-1'] as const) await lab.director(name).ask(PREPARE);
    await until('the VIP on lvs-1', 30_000, async () => (await holders()).join() === 'lvs-1');
    stage = await openStage({
      site: { yaml: yamlOf(lab), secrets: new Map() },
    });
  }, 120_000);
  afterAll(async () => {
    await stage?.stop();
    await lab?.reset();
    await stop();
  }, 120_000);

  /** Who has the VIP, by the directors' own word. */
  const holders = async (): Promise<readonly DirectorName[]> => {
    const found: DirectorName[] = [];
    for (const name of DIRECTOR_NAMES) {
      const { stdout } = await lab.director(name).run('ip -4 -o addr show eth0');
      if (stdout.includes(`${VIP}/`)) found.push(name);
    }
    return found;
  };
  const carriedOut = async (text: string) => {
    const { id } = await asked(stage, text);
    const before = cardText(stage, id);
    await clickOn(stage, id, 'change.approve', APPROVER);
    const record = await became(stage, id, 'done', 60_000);
    return { before, record };
  };

  /** What the watcher says of it: once, in the thread of the change, and to nobody else. */
  const toldAsAsked = async (words: string, id: string) => {
    const said = () =>
      stage.slack.state
        .channel(CHANNEL)
        .map((message) => ({ message, text: JSON.stringify([message.text, message.blocks]) }))
        .filter(({ text }) => text.includes(`${words} on edge`));
    await expect.poll(() => said().length, { timeout: 40_000 }).toBe(1);
    const [only] = said();
    expect(only?.text).toContain(`${words} on edge, as was asked for`);
    expect(only?.text).toContain(`change \`${id}\``);
    expect(only?.message.thread_ts).toBeDefined();
    expect(only?.message.thread_ts).not.toBe(only?.message.ts);
  };

  it('asks for approval with both roles, moves the VIP without an interruption, and back', async () => {
    const probing = lab.on('client', [process.execPath, '-e', PROBE], 60_000);
    const over = await carriedOut('failover edge because kernel update of lvs-1');
    expect(over.before).toContain('lvs-1 MASTER, priority 100; lvs-2 BACKUP, priority 90');
    expect(over.before).toContain('no sync daemon copies them');
    expect(over.record.outcome?.remarks.join(' ')).toContain('lvs-2 is MASTER of edge');
    expect(await holders()).toEqual(['lvs-2']);
    await toldAsAsked('Fail-over', over.record.id);
    const [all = 0, lost = 0] = (await probing).stdout.trim().split(' ').map(Number);
    expect(all).toBeGreaterThan(100);
    // Stopping keepalived loses about twenty-five; a busy machine may lose one of its own.
    expect(lost).toBeLessThan(5);

    const back = await carriedOut('failback edge');
    expect(back.record.outcome?.remarks.join(' ')).toContain('lvs-1 is MASTER of edge');
    expect(await holders()).toEqual(['lvs-1']);
    await toldAsAsked('Fail-back', back.record.id);
  }, 240_000);

  it('is refused when the table of the standby is another one', async () => {
    const gone = `-t ${VIP}:80 -r 192.168.100.78:80`;
    await lab.director('lvs-2').ask(`ipvsadm -d ${gone}`);
    const id = idIn(await typed(stage, 'failover edge'));
    const { fault } = await became(stage, id, 'refused', 40_000);
    expect(fault).toMatchObject({
      code: 'GUARD',
      message: expect.stringContaining('compare edge'),
    });
    expect(await holders()).toEqual(['lvs-1']);
    await lab.director('lvs-2').ask(`ipvsadm -a ${gone} -g -w 3`);
  });

  it('is refused, with what to do, where keepalived does not track the file', async () => {
    await lab.director('lvs-1').ask('rm /run/lb-yield.VI_1');
    const id = idIn(await typed(stage, 'failover edge'));
    const { fault } = await became(stage, id, 'refused', 40_000);
    expect(fault?.message).toContain('docs/failover.md');
    expect(await holders()).toEqual(['lvs-1']);
  });
});
