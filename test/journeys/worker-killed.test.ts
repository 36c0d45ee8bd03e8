import { afterEach, describe, expect, it } from 'vitest';
import { SERVICE } from '../stage/inventory.ts';
import { isOut } from '../stage/second-reader.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { type LbProcess, startWorker } from '../stage/worker-process.ts';

const TARGET = '192.168.100.78';
const DISABLE = `disable server ${SERVICE}/${TARGET}`;

let stage: Stage;
const workers: LbProcess[] = [];

async function worker(): Promise<LbProcess> {
  const started = await startWorker(stage.environment);
  workers.push(started);
  return started;
}

/** A stage whose only worker process is returned; the change waits for the approver's click. */
async function waitingChange(): Promise<LbProcess> {
  stage = await openStage({ roles: ['bot'], lockMs: 800 });
  const first = await worker();
  await stage.type(`disable ${SERVICE} ${TARGET}`);
  await stage.change('waiting');
  await expect.poll(() => stage.channelText()).toContain('change.approve');
  return first;
}

/** One change on the devices, one card, the same approval: whatever happened in between. */
async function expectOneTruth() {
  const done = await stage.change('done', 25_000);
  for (const node of stage.nodes) expect(await isOut(node.socket, TARGET)).toBe(true);
  for (const proxy of stage.proxies) expect(proxy.writes).toEqual([DISABLE]);
  await expect.poll(() => stage.channelText(), { timeout: 15_000 }).toContain('is disabled in');
  const cards = stage.slack.state.channel('C0OPS');
  expect(cards.filter((message) => !message.thread_ts)).toHaveLength(1);
  await expect
    .poll(() => stage.slack.state.channel('C0OPS').filter((message) => message.thread_ts).length, {
      timeout: 15_000,
    })
    .toBe(1);
  const { entries } = await stage.records.audit.readAll();
  expect(entries.filter(({ kind }) => kind === 'approved')).toHaveLength(1);
  return done;
}

afterEach(async () => {
  for (const running of workers.splice(0)) {
    running.kill('SIGCONT');
    running.kill('SIGKILL');
    await running.exited;
  }
  await stage.stop();
});

describe('a worker killed while it carries out a change', () => {
  it('before the write: another worker makes the change once, under the same approval', async () => {
    const first = await waitingChange();
    const [proxy] = stage.proxies;
    if (proxy === undefined) throw new Error('no proxy');
    proxy.hook = (passing) => {
      if (!passing.command.startsWith('disable')) {
        return passing.forward().then(passing.answer);
      }
      first.kill('SIGKILL');
      proxy.hook = undefined;
      return passing.drop();
    };
    await stage.click('change.approve');
    await first.exited;
    await worker();
    await expectOneTruth();
  });

  it('between write and read-back: another worker finds it done and does not write again', async () => {
    const first = await waitingChange();
    const [proxy] = stage.proxies;
    if (proxy === undefined) throw new Error('no proxy');
    proxy.hook = async (passing) => {
      const reply = await passing.forward();
      if (!passing.command.startsWith('disable')) return passing.answer(reply);
      first.kill('SIGKILL');
      proxy.hook = undefined;
      return passing.drop();
    };
    await stage.click('change.approve');
    await first.exited;
    await worker();
    await expectOneTruth();
  });

  it('between node 1 and node 2: another worker goes on with node 2', async () => {
    const first = await waitingChange();
    const second = stage.proxies[1];
    if (second === undefined) throw new Error('no proxy');
    second.hook = (passing) => {
      if (!passing.command.startsWith('disable')) {
        return passing.forward().then(passing.answer);
      }
      first.kill('SIGKILL');
      second.hook = undefined;
      return passing.drop();
    };
    await stage.click('change.approve');
    await first.exited;
    await worker();
    await expectOneTruth();
  });

  it('before the outcome is posted: another worker edits the card', async () => {
    const first = await waitingChange();
    await stage.slack.human.fault({ method: 'chat.update', times: 20, status: 503 });
    await stage.click('change.approve');
    await stage.change('done');
    first.kill('SIGKILL');
    await first.exited;
    stage.slack.human.fault({ clear: true });
    await worker();
    await expectOneTruth();
  });

  it('twice: the change ends as half done and the channel is told what each device says', async () => {
    const first = await waitingChange();
    const second = stage.proxies[1];
    if (second === undefined) throw new Error('no proxy');
    let victim = first;
    let kills = 0;
    second.hook = (passing) => {
      if (!passing.command.startsWith('disable')) {
        return passing.forward().then(passing.answer);
      }
      victim.kill('SIGKILL');
      kills += 1;
      return passing.drop();
    };
    await stage.click('change.approve');
    await first.exited;
    victim = await worker();
    await victim.exited;
    expect(kills).toBe(2);
    victim = await worker();
    const ended = await stage.change('half-done', 25_000);
    expect(kills).toBe(2);
    expect(ended.outcome?.steps.map(({ result }) => result)).toEqual(['verified', 'failed']);
    await expect.poll(() => stage.channelText(), { timeout: 15_000 }).toContain('ha-2');
  });
});

describe('a worker frozen while it carries out a change', () => {
  it('finds the lane taken when it wakes up, and writes nothing more', async () => {
    const zombie = await waitingChange();
    const [proxy] = stage.proxies;
    if (proxy === undefined) throw new Error('no proxy');
    let reads = 0;
    proxy.hook = async (passing) => {
      reads += 1;
      const reply = await passing.forward();
      // The last read before the write: the next thing this worker would do is connect and write.
      if (reads === 1) {
        // Not in the middle of a message to Slack: that would only delay the card.
        await expect.poll(() => stage.channelText()).toContain('Running');
        zombie.kill('SIGSTOP');
      }
      passing.answer(reply);
    };
    await stage.click('change.approve');
    await expect.poll(() => reads).toBeGreaterThan(0);
    proxy.hook = undefined;
    await worker();
    await expectOneTruth();
    zombie.kill('SIGCONT');
    await stage.type(`status ${SERVICE}`);
    await expect.poll(() => stage.whispers()).toContain(TARGET);
    for (const each of stage.proxies) expect(each.writes).toEqual([DISABLE]);
  });
});
