import { describe, expect, it } from 'vitest';
import { openGate, reading, sshPlace, writing } from './ssh-place.ts';

const DISABLE = 'disable server web/a';

describe.each(['forward', 'socat'] as const)('a connection that is lost (%s)', (via) => {
  it('between two commands is made anew, once, without an error', async () => {
    const { socket, sshd } = await sshPlace();
    const there = socket({ via });
    await there.exchange('show info', reading);
    sshd.dropConnections();
    await expect(there.exchange(DISABLE, writing)).resolves.toBe('\n');
    expect(sshd.logins()).toBe(2);
  });

  it('after the command leaves a write OUTCOME_UNKNOWN and a read UNREACHABLE', async () => {
    const { socket, sshd, device } = await sshPlace();
    const there = socket({ via });
    device.manner = 'silent';
    for (const [options, code] of [
      [writing, 'OUTCOME_UNKNOWN'],
      [reading, 'UNREACHABLE'],
    ] as const) {
      device.received.length = 0;
      const reply = there.exchange(DISABLE, options).catch((error: unknown) => error);
      await expect.poll(() => device.received).toEqual([DISABLE]);
      sshd.dropConnections();
      expect(await reply).toMatchObject({
        code,
        message: expect.stringContaining('the ssh connection was lost'),
      });
    }
    device.manner = 'true';
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
  });

  it('while the gate is asked is UNREACHABLE: nothing was sent', async () => {
    const { socket, sshd, device, hosts } = await sshPlace();
    const there = socket({ via });
    const { connection } = hosts.take(sshd.host);
    const gate = async () => {
      const { lost } = await connection.session();
      sshd.dropConnections();
      await expect.poll(() => lost.aborted).toBe(true);
      return openGate();
    };
    await expect(there.exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'Writing: the connection was lost before the command; nothing was sent.',
    });
    expect(device.received).toEqual([]);
  });

  it('to a host that is down is UNREACHABLE, and stands again when the host does', async () => {
    const { socket, sshd } = await sshPlace();
    const there = socket({ via });
    await there.exchange('show info', reading);
    await sshd.kill();
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    await sshd.start();
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
  });
});

describe.each(['forward', 'socat'] as const)('an sshd that freezes (%s)', (via) => {
  it('before the command is TIMEOUT: the gate is not asked, nothing was sent', async () => {
    const { socket, sshd, device } = await sshPlace();
    const there = socket({ via }, 1_000);
    await there.exchange('show info', reading);
    sshd.freeze();
    let asked = 0;
    const gate = () => {
      asked += 1;
      return openGate();
    };
    await expect(there.exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'Writing: no answer within 1 s; nothing was sent.',
    });
    expect(asked).toBe(0);
    sshd.thaw();
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
    expect(device.bitsOf('a')).toBe(0);
  });

  it('right before the write leaves it OUTCOME_UNKNOWN, and it is executed later', async () => {
    const { socket, sshd, device } = await sshPlace();
    const there = socket({ via }, 1_000);
    await there.exchange('show info', reading);
    const gate = () => {
      sshd.freeze();
      return openGate();
    };
    await expect(there.exchange(DISABLE, { ...writing, gate })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('no answer within 1 s. It may still be executed'),
    });
    expect(device.bitsOf('a')).toBe(0);
    sshd.thaw();
    await expect.poll(() => device.bitsOf('a')).toBe(1);
  });

  it('for good is noticed by the keep-alives, and the next login is a new one', async () => {
    const { socket, sshd, hosts } = await sshPlace({}, { keepAliveEveryMs: 50 });
    const there = socket({ via }, 2_000);
    await there.exchange('show info', reading);
    const { connection } = hosts.take(sshd.host);
    const { lost } = await connection.session();
    sshd.freeze();
    await expect.poll(() => lost.aborted).toBe(true);
    await sshd.kill();
    await sshd.start();
    await expect(there.exchange('show info', reading)).resolves.toContain('Pid');
    expect(sshd.logins()).toBe(2);
  });
});

describe('the connections of a process', () => {
  it('are ended when the last who took one gives it back', async () => {
    const { socket, sshd, hosts } = await sshPlace();
    const [one, other] = [socket(), socket()];
    await Promise.all([one.exchange('show info', reading), other.exchange('show info', reading)]);
    const taken = hosts.take(sshd.host);
    const { lost } = await taken.connection.session();
    taken.giveBack();
    await one.close();
    await one.close();
    expect(lost.aborted).toBe(false);
    await other.close();
    expect(lost.aborted).toBe(true);
    await expect.poll(() => sshd.log()).toContain('Received disconnect');
  });

  it('are not left behind by a socket that is closed in the middle of the login', async () => {
    const { socket, sshd } = await sshPlace();
    const there = socket();
    const reply = there.exchange('show info', reading).catch((error: unknown) => error);
    await there.close();
    expect(await reply).toMatchObject({ code: 'TIMEOUT' });
    await expect(there.exchange('show info', reading)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    expect(sshd.logins()).toBe(0);
  });
});
