import { describe, expect, it } from 'vitest';
import { startFakeHaproxy } from '../fakes/haproxy.ts';
import { openGate, reading, sshPlace, writing } from './ssh-place.ts';

const NO_FORWARDING = { config: ['AllowStreamLocalForwarding no'] };
const DISABLE = 'disable server web/a';

/** A gate that counts how often it was asked. */
function countingGate() {
  let asked = 0;
  return {
    asked: () => asked,
    gate: () => {
      asked += 1;
      return openGate();
    },
  };
}

describe('a socket on another host', () => {
  it('is reached by forwarding, with the whole reply', async () => {
    const { socket, device } = await sshPlace();
    const there = socket();
    await expect(there.exchange('show info', reading)).resolves.toMatch(
      /^Name: HAProxy[\s\S]*\n\n$/,
    );
    await expect(there.exchange(DISABLE, writing)).resolves.toBe('\n');
    expect(device.bitsOf('a')).toBe(1);
  });

  it('takes a channel of its own for each command, all over one login', async () => {
    const { socket, sshd, device } = await sshPlace();
    const [one, other] = [socket(), socket()];
    await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        (at % 2 ? one : other).exchange('show info', {
          ...reading,
          signal: new AbortController().signal,
        }),
      ),
    );
    expect(device.received).toHaveLength(12);
    expect(sshd.logins()).toBe(1);
    expect(sshd.log()).not.toContain('Starting session');
  });

  it('is reached by socat where the server forwards nothing, and forwarding is not asked for again', async () => {
    const { socket, sshd } = await sshPlace(NO_FORWARDING);
    const there = socket();
    await there.exchange('show info', reading);
    await there.exchange('show info', reading);
    const refusals = sshd.log().split('refused streamlocal port forward').length - 1;
    expect(refusals).toBe(1);
    expect(sshd.log()).toMatch(/Starting session: command .*/);
  });

  it('is reached by socat alone where the inventory says so', async () => {
    const { socket, sshd } = await sshPlace();
    await expect(socket({ via: 'socat' }).exchange('show info', reading)).resolves.toContain('Pid');
    expect(sshd.log()).toContain('Starting session: command');
  });

  it('says both reasons where forwarding is refused and socat is missing; nothing is sent', async () => {
    const { socket, device } = await sshPlace({
      config: ['AllowStreamLocalForwarding no', 'SetEnv PATH=/nonexistent'],
    });
    const { gate, asked } = countingGate();
    await expect(socket().exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(
        /^Writing: \S+\/s on \S+@127\.0\.0\.1:\d+: the ssh server forwards nothing to it .*AllowStreamLocalForwarding.*; socat cannot be run there: .*not found\.$/,
      ),
    });
    expect(asked()).toBe(0);
    expect(device.received).toEqual([]);
  });

  it('where only forwarding is wanted and refused, runs no command', async () => {
    const { socket, sshd } = await sshPlace(NO_FORWARDING);
    await expect(socket({ via: 'forward' }).exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('forwards nothing to it'),
    });
    expect(sshd.log()).not.toContain('Starting session');
  });

  it.each(['forward', 'socat', undefined] as const)(
    'that is not there is UNREACHABLE by %s, before the gate is asked',
    async (via) => {
      const { socket, directory } = await sshPlace();
      const { gate, asked } = countingGate();
      const absent = socket({ path: `${directory}/absent`, ...(via === undefined ? {} : { via }) });
      await expect(absent.exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
        code: 'UNREACHABLE',
        message: expect.stringContaining(
          via === 'forward' ? 'nobody listens there' : 'No such file or directory',
        ),
      });
      expect(asked()).toBe(0);
    },
  );

  it('that went away meanwhile is UNREACHABLE by socat too: it says when it is connected', async () => {
    const { socket, device } = await sshPlace();
    const there = socket({ via: 'socat' });
    await there.exchange('show info', reading);
    await device.close();
    const { gate, asked } = countingGate();
    await expect(there.exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('No such file or directory'),
    });
    expect(asked()).toBe(0);
  });

  it('that comes back is reached again by forwarding, without a new login', async () => {
    const { socket, sshd, device, directory } = await sshPlace();
    const there = socket();
    await there.exchange('show info', reading);
    await device.close();
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    const again = await startFakeHaproxy(`${directory}/s`);
    const sessions = sshd.log().split('Starting session').length;
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
    expect(sshd.log().split('Starting session')).toHaveLength(sessions);
    expect(sshd.logins()).toBe(1);
    await again.close();
  });

  it('is not asked for by a path that a shell or socat would read otherwise', async () => {
    const { socket, sshd } = await sshPlace();
    const paths = ['/a b', '/$(id)', '/a;id', '/a,fork', '/`id`', 'run/a', '/a\nb', '/a!!-', '/~'];
    for (const path of paths) {
      await expect(
        socket({ path, via: 'socat' }).exchange('show info', reading),
        path,
      ).rejects.toMatchObject({ code: 'UNREACHABLE' });
    }
    expect(sshd.log()).not.toContain('Starting session');
  });
});

describe('a key that may run one command only', () => {
  const forced = (words: string) => (device: string) => ({
    keyOptions: `restrict,command="socat ${words} - UNIX-CONNECT:${device}"`,
  });

  it.each(['-t5', '-d -d -t5'])('reaches the socket with "socat %s"', async (words) => {
    const { socket, device } = await sshPlace(forced(words));
    const there = socket();
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid: 100');
    await expect(there.exchange(DISABLE, writing)).resolves.toBe('\n');
    expect(device.received).toEqual(['show info', DISABLE]);
  });

  it('reaches nothing but that socket, whatever the inventory says', async () => {
    const { socket, device, directory } = await sshPlace(forced('-t5'));
    const elsewhere = socket({ path: `${directory}/elsewhere` });
    await expect(elsewhere.exchange('show info', reading)).resolves.toContain('Pid: 100');
    expect(device.received).toEqual(['show info']);
  });

  it('to a socket that is not there is UNREACHABLE, before the gate is asked', async () => {
    const { socket, device } = await sshPlace(forced('-t5'));
    await device.close();
    const { gate, asked } = countingGate();
    await expect(socket().exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    expect(asked()).toBe(0);
  });

  it('and does not say when it is connected leaves a write OUTCOME_UNKNOWN when the socket went away', async () => {
    const { socket, device } = await sshPlace(forced('-t5'));
    const there = socket();
    await there.exchange('show info', reading);
    await device.close();
    // What socat says of it may come after the connection's end; that it counts as not known may not depend on it.
    await expect(there.exchange(DISABLE, writing)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
  });

  it('that answers nothing and ends well leaves a write OUTCOME_UNKNOWN', async () => {
    const { socket } = await sshPlace({ keyOptions: 'restrict,command="cat >/dev/null"' });
    const there = socket();
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'CUT_REPLY',
      message: expect.stringContaining('without an answer'),
    });
    await expect(there.exchange(DISABLE, writing)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
  });

  it('that answers and ends badly leaves a write OUTCOME_UNKNOWN, with its words', async () => {
    const { socket } = await sshPlace({
      keyOptions: 'restrict,command="read line || exit 0; echo; echo broken >&2; exit 3"',
    });
    await expect(socket().exchange(DISABLE, writing)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('ended with 3: broken'),
    });
  });
});

describe.each(['forward', 'socat'] as const)('a write by %s', (via) => {
  it('is not sent when the gate refuses; its own error comes back', async () => {
    const { socket, device } = await sshPlace();
    const refusal = new Error('no leave');
    const gate = () => Promise.reject(refusal);
    await expect(socket({ via }).exchange(DISABLE, { ...writing, gate })).rejects.toBe(refusal);
    expect(device.received).toEqual([]);
  });

  it('is FENCED and not sent when the permit is too old', async () => {
    const { socket, device } = await sshPlace();
    const gate = () => Promise.resolve({ validUntilMs: performance.now() - 1 });
    await expect(socket({ via }).exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
      code: 'FENCED',
    });
    expect(device.received).toEqual([]);
  });

  it.each(['silent', 'cut', 'hang up', 'huge'] as const)(
    'that is answered by "%s" is OUTCOME_UNKNOWN',
    async (manner) => {
      const { socket, device } = await sshPlace();
      const there = socket({ via }, 1_000);
      await there.exchange('show info', reading);
      device.manner = manner;
      await expect(there.exchange(DISABLE, writing)).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
      });
      expect(device.received).toEqual(['show info', DISABLE]);
    },
  );

  it('waits for no delayed acknowledgement (40 ms each)', async () => {
    const { socket } = await sshPlace();
    const there = socket({ via });
    const tookMs: number[] = [];
    // The quickest of many: a busy machine is slow now and then, a delayed acknowledgement every time.
    for (let round = 0; round < 100 && Math.min(...tookMs) >= 35; round += 1) {
      const startedMs = performance.now();
      await there.exchange(DISABLE, writing);
      tookMs.push(performance.now() - startedMs);
    }
    expect(Math.min(...tookMs)).toBeLessThan(35);
  });

  it('that is more than one command is refused', async () => {
    const { socket, sshd } = await sshPlace();
    await expect(socket({ via }).exchange('show info; show stat', reading)).rejects.toMatchObject({
      code: 'UNSAFE_NAME',
    });
    expect(sshd.logins()).toBe(0);
  });
});
