import { describe, expect, it } from 'vitest';
import type { MemberState } from '../../src/domain/member.ts';
import { type Impostors, openGate, stepTo, withoutEnd } from './contract-device.ts';

const NAMES_NOT_TO_SEND = ['x; show info', 'x\ny', 'x y', 'x<<', '#1', 'x/y', '../x', '', 'é'];

/**
 * The part of the contract about what must not be sent and what comes back wrong; see `testAdapter`. `look` gives a member
 * of the pool that is enabled.
 */
export function testFaults(of: () => Impostors, look: () => Promise<MemberState>): void {
  describe('names', () => {
    it.each(NAMES_NOT_TO_SEND)('%j reach no device, whatever they are the name of', async (bad) => {
      const { adapter, received } = of().misbehaving('garbage');
      const member = await look();
      const unsafe = { code: 'UNSAFE_NAME' };
      await expect(adapter.read(bad, withoutEnd())).rejects.toMatchObject(unsafe);
      const intent = { admin: 'disabled', weight: 1 } as const;
      expect(() => adapter.commandsFor(bad, member, intent)).toThrow(
        expect.objectContaining(unsafe),
      );
      expect(() => adapter.commandsFor(of().pool, { ...member, name: bad }, intent)).toThrow(
        expect.objectContaining(unsafe),
      );
      const step = {
        ...stepTo(of().adapter, of().pool, member, 'disabled'),
        balancer: adapter.balancer,
      };
      for (const forged of [
        { ...step, member: bad },
        { ...step, pool: bad },
        { ...step, commands: step.commands.map((command) => `${command}${bad}; quit`) },
      ]) {
        await expect(adapter.apply(forged, openGate, withoutEnd())).rejects.toMatchObject(unsafe);
      }
      expect(received()).toBe(0);
    });

    it('a step whose words are for another member is not sent', async () => {
      const { adapter, received } = of().misbehaving('garbage');
      const step = stepTo(of().adapter, of().pool, await look(), 'disabled');
      const swapped = { ...step, balancer: adapter.balancer, member: 'some-other-member' };
      await expect(adapter.apply(swapped, openGate, withoutEnd())).rejects.toMatchObject({
        code: 'UNSAFE_NAME',
      });
      expect(received()).toBe(0);
    });
  });

  describe('a device that misbehaves', () => {
    it.each([
      ['silent', 'TIMEOUT'],
      ['garbage', 'UNEXPECTED_REPLY'],
      ['cut', 'CUT_REPLY'],
      ['huge', 'TOO_LARGE'],
    ] as const)('%s: reading ends in %s, in time', async (how, code) => {
      const started = performance.now();
      const { adapter } = of().misbehaving(how);
      await expect(adapter.read(of().pool, withoutEnd())).rejects.toMatchObject({ code });
      expect(performance.now() - started).toBeLessThan(of().deadlineMs + 500);
    });

    it.each([
      ['silent', 'OUTCOME_UNKNOWN'],
      ['garbage', 'UNEXPECTED_REPLY'],
      ['cut', 'OUTCOME_UNKNOWN'],
      ['huge', 'OUTCOME_UNKNOWN'],
    ] as const)('%s: writing ends in %s after one attempt', async (how, code) => {
      const { adapter, received } = of().misbehaving(how);
      const step = stepTo(of().adapter, of().pool, await look(), 'disabled');
      await expect(
        adapter.apply({ ...step, balancer: adapter.balancer }, openGate, withoutEnd()),
      ).rejects.toMatchObject({ code });
      expect(received()).toBe(1);
    });

    it('absent: reading and writing end in UNREACHABLE', async () => {
      const step = stepTo(of().adapter, of().pool, await look(), 'disabled');
      const { absent } = of();
      await expect(absent.read(of().pool, withoutEnd())).rejects.toMatchObject({
        code: 'UNREACHABLE',
      });
      await expect(
        absent.apply({ ...step, balancer: absent.balancer }, openGate, withoutEnd()),
      ).rejects.toMatchObject({ code: 'UNREACHABLE' });
    });

    it('a caller who gives up ends a read at once', async () => {
      const { adapter } = of().misbehaving('silent');
      const caller = new AbortController();
      const read = adapter.read(of().pool, { signal: caller.signal });
      caller.abort();
      await expect(read).rejects.toMatchObject({ code: 'TIMEOUT' });
    });
  });
}
