import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APPROVER, CHANNEL, SERVICE } from '../stage/inventory.ts';
import { ask, isOut } from '../stage/second-reader.ts';
import type { Hook } from '../stage/socket-proxy.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const TARGET = '192.168.100.78';
const DISABLE = `disable server ${SERVICE}/${TARGET}`;
const ENABLE = `enable server ${SERVICE}/${TARGET}`;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

const node = (index: number) => {
  const found = stage.nodes[index];
  const proxy = stage.proxies[index];
  if (found === undefined || proxy === undefined) throw new Error(`There is no node ${index}.`);
  return { ...found, proxy, socket: found.socket };
};

async function askAndApprove(command = `disable ${SERVICE} ${TARGET}`) {
  await stage.type(command);
  await stage.change('waiting');
  await expect.poll(() => stage.channelText()).toContain('change.approve');
  return () => stage.click('change.approve');
}

/** Answers writes in some way and hands everything else on. */
function onWrite(answer: Hook): Hook {
  return async (passing) => {
    if (/^(disable|enable|set)/.test(passing.command)) return answer(passing);
    return passing.answer(await passing.forward());
  };
}

async function expectBothIn() {
  for (const each of stage.nodes) expect(await isOut(each.socket, TARGET)).toBe(false);
}

describe('a device that cannot be read when the change is planned', () => {
  it('is named in the card when its socket is gone, and nothing is asked of the other', async () => {
    await node(1).proxy.close();
    await stage.type(`disable ${SERVICE} ${TARGET}`);
    const refused = await stage.change('refused');
    expect(refused.fault?.code).toBe('UNREACHABLE');
    await expect.poll(() => stage.channelText()).toContain('ha-2');
    expect(stage.channelText()).not.toContain('change.approve');
    await expectBothIn();
  });

  it('ends in a typed fault for garbage, a cut reply and a reply of 10 MB', async () => {
    const manners: [string, Hook][] = [
      ['UNEXPECTED_REPLY', (passing) => passing.answer('no such thing as csv\n\n')],
      ['CUT_REPLY', (passing) => passing.answer('# pxname,svname')],
      ['TOO_LARGE', (passing) => passing.answer(`${'x'.repeat(10_000_000)}\n\n`)],
    ];
    for (const [code, hook] of manners) {
      node(0).proxy.hook = hook;
      await stage.type(`disable ${SERVICE} ${TARGET}`);
      const refused = await stage.change('refused');
      expect(refused.fault?.code, code).toBe(code);
      node(0).proxy.hook = undefined;
      await stage.redis.client.flushall();
    }
    await expectBothIn();
  });
});

describe('a device that refuses the write', () => {
  it('fails with its exact words when the socket has level operator only', async () => {
    const approve = await askAndApprove();
    node(0).proxy.hook = onWrite((passing) => passing.answer('Permission denied\n\n'));
    await approve();
    const failed = await stage.change('failed');
    expect(failed.fault?.code).toBe('PERMISSION');
    await expect.poll(() => stage.channelText()).toContain('Permission denied');
    await expectBothIn();
    expect(node(1).proxy.writes).toEqual([]);
  });

  it('on the second node: the first is put back and the card says both', async () => {
    const approve = await askAndApprove();
    node(1).proxy.hook = onWrite((passing) => passing.answer('Some words nobody knows.\n\n'));
    await approve();
    const failed = await stage.change('failed');
    expect(failed.outcome?.steps.map(({ result }) => result)).toEqual(['put back', 'failed']);
    expect(node(0).proxy.writes).toEqual([DISABLE, ENABLE]);
    await expect.poll(() => stage.channelText()).toContain('Some words nobody knows.');
    expect(stage.channelText()).toContain('put back');
    await expectBothIn();
    expect(await stage.records.holds.ofPool('ha-1', SERVICE)).toEqual([]);
  });

  it('on the second node, when asked to keep the half: the first stays and the card says so', async () => {
    const approve = await askAndApprove(`disable ${SERVICE} ${TARGET} keep half`);
    node(1).proxy.hook = onWrite((passing) => passing.answer('Some words nobody knows.\n\n'));
    await approve();
    const half = await stage.change('half-done');
    expect(half.outcome?.steps.map(({ result }) => result)).toEqual(['verified', 'failed']);
    expect(await isOut(node(0).socket, TARGET)).toBe(true);
    expect(await isOut(node(1).socket, TARGET)).toBe(false);
    await expect.poll(() => stage.channelText()).toContain('Kept, as you asked');
  });

  it('that says yes and does nothing is caught by reading back', async () => {
    const approve = await askAndApprove();
    node(0).proxy.hook = onWrite((passing) => passing.answer('\n'));
    await approve();
    const failed = await stage.change('failed', 20_000);
    expect(failed.fault?.code).toBe('NOT_VERIFIED');
    await expectBothIn();
  });
});

describe('a device that is silent after the write was sent', () => {
  it('leaves the outcome unknown, closes the lane, and tells the truth when it answers', async () => {
    await askAndApprove();
    const [first] = stage.slack.state.channel('C0OPS');
    await stage.type(`disable ${SERVICE} 192.168.100.77`);
    const waiting = () => stage.slack.state.channel('C0OPS').filter((card) => !card.thread_ts);
    await expect.poll(() => waiting().length).toBe(2);
    const next = (await stage.change('waiting')).id;
    const approve = () =>
      stage.slack.human.click({
        user: APPROVER,
        channel: CHANNEL,
        ts: first?.ts ?? '',
        action_id: 'change.approve',
      });
    let held: (() => Promise<string>) | undefined;
    node(0).proxy.hook = (passing) => {
      if (passing.command.startsWith('disable')) {
        held = passing.forward;
        return passing.drop();
      }
      // Frozen: once the write went in, reads get nothing either.
      return held === undefined ? passing.forward().then(passing.answer) : undefined;
    };
    await approve();
    const isUnknown = async () =>
      (await stage.records.changes.recent(2)).find(({ state }) => state === 'unknown');
    await expect.poll(isUnknown, { timeout: 20_000 }).toBeDefined();
    const id = (await isUnknown())?.id ?? '';
    await expect.poll(() => stage.channelText()).toContain('nknown');
    // The next change of this lane was planned before and is approved now: it must wait.
    await stage.click('change.approve');
    await expect.poll(async () => (await stage.records.changes.get(next))?.state).toBe('approved');
    expect(node(1).proxy.writes).toEqual([]);
    // It wakes up and executes what it had been sent.
    await held?.();
    node(0).proxy.hook = undefined;
    for (const change of [id, next]) {
      await expect
        .poll(async () => (await stage.records.changes.get(change))?.state, { timeout: 20_000 })
        .toBe('done');
    }
    for (const each of stage.nodes) expect(await isOut(each.socket, TARGET)).toBe(true);
    expect(node(0).proxy.writes).toEqual([DISABLE, DISABLE.replace('.78', '.77')]);
    await expect
      .poll(() => stage.channelText(), { timeout: 5_000 })
      .toContain('192.168.100.78 is disabled in');
  });

  it('that never executed it is found unchanged: nothing is compensated blind', async () => {
    const approve = await askAndApprove();
    node(1).proxy.hook = onWrite((passing) => passing.drop());
    await approve();
    const failed = await stage.change('failed', 20_000);
    expect(failed.fault?.code).toBe('OUTCOME_UNKNOWN');
    expect(node(0).proxy.writes).toEqual([DISABLE, ENABLE]);
    await expectBothIn();
  });

  it('really frozen (SIGSTOP): the command is executed later and the card says so', async () => {
    const approve = await askAndApprove();
    const real = node(0);
    real.proxy.onConnect = undefined;
    let reads = 0;
    real.proxy.hook = async (passing) => {
      if (passing.command.startsWith('disable')) real.freeze();
      else reads += 1;
      return passing.answer(await passing.forward());
    };
    await approve();
    await stage.change('unknown', 30_000);
    real.thaw();
    await stage.change('done', 20_000);
    expect(reads).toBeGreaterThan(0);
    for (const each of stage.nodes) expect(await isOut(each.socket, TARGET)).toBe(true);
    expect(real.proxy.writes).toEqual([DISABLE]);
  });
});

describe('a hand change between plan and approval', () => {
  it('makes the approval stale: nothing is written and the card says what the device shows', async () => {
    const approve = await askAndApprove();
    await ask(node(1).socket, `set server ${SERVICE}/${TARGET} weight 5`);
    await approve();
    const refused = await stage.change('refused');
    expect(refused.fault?.code).toBe('STALE');
    await expect.poll(() => stage.channelText()).toContain('weight 5');
    for (const proxy of stage.proxies) expect(proxy.writes).toEqual([]);
    await expectBothIn();
  });
});
