import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdminState, MemberState } from '../../src/domain/member.ts';
import { settingOf } from '../../src/domain/member.ts';
import type { Step } from '../../src/domain/plan.ts';
import type { WriteGate } from '../../src/ports/adapter.ts';
import { itLong } from '../long.ts';
import {
  type ContractDevice,
  type Impostors,
  openGate,
  stepTo,
  strangersOf,
  weightOut,
  withoutEnd,
} from './contract-device.ts';
import { testFaults } from './contract-faults.ts';

/** What every adapter must do, run against a real device of its kind. */
export function testAdapter(name: string, make: () => Promise<ContractDevice & Impostors>): void {
  testOnDevice(name, make, { more: testFaults });
}

/**
 * The same, where what stands in the device's place is tested apart, by `testFaults`. What says nothing new of a device
 * that is slow is played in `npm run test:long`.
 */
export function testOnDevice<Device extends ContractDevice>(
  name: string,
  make: () => Promise<Device>,
  {
    more = () => {},
    isSlow = false,
  }: {
    readonly more?: (of: () => Device, look: () => Promise<MemberState>) => void;
    readonly isSlow?: boolean;
  } = {},
): void {
  const itUnlessSlow = isSlow ? itLong : it;
  describe(`adapter contract: ${name}`, () => {
    let device: Device;

    beforeAll(async () => {
      device = await make();
    });
    afterAll(() => device.close());
    beforeEach(() => device.reset());

    const look = async (adapter = device.adapter): Promise<MemberState> => {
      const state = await adapter.read(device.pool, withoutEnd());
      const member = state.members.find((entry) => entry.name === device.member);
      if (member === undefined) throw new Error(`${device.member} is not in the pool`);
      return member;
    };
    const bring = async (admin: AdminState, weight?: number): Promise<Step> => {
      const step = stepTo(device.adapter, device.pool, await look(), admin, weight);
      await device.adapter.apply(step, openGate, withoutEnd());
      return step;
    };

    describe('reading', () => {
      it('shows the pool with all its members, the device and the time', async () => {
        const before = Date.now();
        const state = await device.adapter.read(device.pool, withoutEnd());
        expect(state.pool).toBe(device.pool);
        expect(state.members.length).toBeGreaterThan(1);
        expect(state.device).toMatchObject({
          balancer: device.adapter.balancer,
          kind: device.adapter.kind,
        });
        expect(state.device.incarnation).not.toBe('');
        expect(state.readAt).toBeGreaterThanOrEqual(before);
        expect(await look()).toMatchObject({ admin: 'enabled', causes: [] });
      });

      it('an unknown pool is NO_SUCH_POOL', async () => {
        const { pool } = strangersOf(device);
        await expect(device.adapter.read(pool, withoutEnd())).rejects.toMatchObject({
          code: 'NO_SUCH_POOL',
        });
      });
    });

    describe('changing', () => {
      it('disable, then read shows it disabled by command, and the others untouched', async () => {
        const step = await bring('disabled');
        expect(await look()).toMatchObject({ admin: 'disabled', causes: ['command'] });
        expect(settingOf(await look())).toEqual(step.after);
        const { members } = await device.adapter.read(device.pool, withoutEnd());
        for (const other of members.filter(({ name }) => name !== device.member)) {
          expect(other.admin).toBe('enabled');
        }
      });

      it('disabling twice is harmless, also with the commands sent again', async () => {
        const step = await bring('disabled');
        await device.adapter.apply(step, openGate, withoutEnd());
        expect(await look()).toMatchObject({ admin: 'disabled' });
        expect(stepTo(device.adapter, device.pool, await look(), 'disabled').commands).toEqual([]);
      });

      it('forced offline is read back as that and revived by enable, or refused with the reason', async () => {
        const { adapter, pool } = device;
        const before = await look();
        if (!adapter.capabilities.states.includes('offline')) {
          expect(() => stepTo(adapter, pool, before, 'offline')).toThrow(
            expect.objectContaining({
              code: 'UNSUPPORTED',
              message: expect.stringMatching(/only F5 forces offline.*use disable/),
            }),
          );
          return;
        }
        await bring('offline');
        expect(await look()).toMatchObject({ admin: 'offline', causes: ['command'] });
        await bring('enabled');
        expect(settingOf(await look())).toEqual(settingOf(before));
      });

      it('enable brings back exactly what was there, the weight included', async () => {
        await bring('enabled', 7);
        const before = settingOf(await look());
        expect(before.weight).toBe(7);
        await bring('disabled');
        expect((await look()).weight).toBe(weightOut(device, 7));
        await bring('enabled', before.weight);
        expect(settingOf(await look())).toEqual(before);
      });

      itUnlessSlow(
        'enable repairs a weight that was changed while the member was out',
        async () => {
          await bring('disabled', 3);
          expect(settingOf(await look())).toMatchObject({
            admin: 'disabled',
            weight: weightOut(device, 3),
          });
          await bring('enabled', 10);
          expect(settingOf(await look())).toMatchObject({ admin: 'enabled', weight: 10 });
        },
      );

      it('goes from every state the device knows to every other', async () => {
        const { states } = device.adapter.capabilities;
        for (const from of states) {
          for (const to of states) {
            await bring(from, from === 'enabled' ? 10 : undefined);
            await bring(to, to === 'enabled' ? 10 : undefined);
            expect(await look(), `${from} to ${to}`).toMatchObject({ admin: to });
          }
        }
      });

      itUnlessSlow(
        'a round through every state, twice, leaves nothing behind and the weight as it was',
        async () => {
          const { states } = device.adapter.capabilities;
          await bring('enabled', 7);
          const before = await look();
          for (const round of [states, [...states].reverse(), states]) {
            for (const admin of round) {
              await bring(admin, admin === 'enabled' ? 7 : undefined);
              const weight = admin === 'enabled' ? 7 : weightOut(device, 7);
              expect(await look(), admin).toMatchObject({ admin, weight });
            }
          }
          await bring('enabled', 7);
          const after = await look();
          expect(settingOf(after)).toEqual(settingOf(before));
          expect(after.causes).toEqual([]);
          // What was hidden would show now: out and in again by one command each.
          await bring('disabled');
          await bring('enabled', 7);
          expect(await look()).toMatchObject({ admin: 'enabled', weight: 7, causes: [] });
        },
      );

      it('a weight that is no whole number from 0 on is UNSUPPORTED, and nothing is sent', async () => {
        const member = await look();
        for (const weight of [-1, 1.5, Number.NaN]) {
          expect(() => stepTo(device.adapter, device.pool, member, 'enabled', weight)).toThrow(
            expect.objectContaining({ code: 'UNSUPPORTED' }),
          );
        }
        expect(await look()).toMatchObject({ weight: member.weight });
      });

      it('an unknown member is NO_SUCH_MEMBER, an unknown pool NO_SUCH_POOL', async () => {
        const strangers = strangersOf(device);
        const stranger = { ...(await look()), name: strangers.member };
        const { adapter, pool } = device;
        await expect(
          adapter.apply(stepTo(adapter, pool, stranger, 'disabled'), openGate, withoutEnd()),
        ).rejects.toMatchObject({ code: 'NO_SUCH_MEMBER' });
        const elsewhere = stepTo(adapter, strangers.pool, await look(), 'disabled');
        await expect(adapter.apply(elsewhere, openGate, withoutEnd())).rejects.toMatchObject({
          code: 'NO_SUCH_POOL',
        });
      });

      it('a user without the right is told PERMISSION and nothing changes', async () => {
        const step = stepTo(device.adapter, device.pool, await look(device.readOnly), 'disabled');
        await expect(device.readOnly.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
          code: 'PERMISSION',
        });
        expect(await look()).toMatchObject({ admin: 'enabled' });
      });
    });

    describe('the gate', () => {
      it('that refuses keeps the command from the device', async () => {
        const step = stepTo(device.adapter, device.pool, await look(), 'disabled');
        const refusal = new Error('another worker took over');
        await expect(
          device.adapter.apply(step, () => Promise.reject(refusal), withoutEnd()),
        ).rejects.toBe(refusal);
        expect(await look()).toMatchObject({ admin: 'enabled' });
      });

      it('whose permit is too old keeps the command from the device', async () => {
        const step = stepTo(device.adapter, device.pool, await look(), 'disabled');
        const late: WriteGate = () => Promise.resolve({ validUntilMs: performance.now() - 1 });
        await expect(device.adapter.apply(step, late, withoutEnd())).rejects.toMatchObject({
          code: 'FENCED',
        });
        expect(await look()).toMatchObject({ admin: 'enabled' });
      });

      it('is asked once for each command', async () => {
        const step = stepTo(device.adapter, device.pool, await look(), 'disabled', 4);
        let asked = 0;
        await device.adapter.apply(
          step,
          () => {
            asked += 1;
            return openGate();
          },
          withoutEnd(),
        );
        expect(asked).toBe(step.commands.length);
      });
    });

    it('a write to it while it is frozen is OUTCOME_UNKNOWN, and done when it wakes up', async () => {
      const step = stepTo(device.adapter, device.pool, await look(), 'disabled');
      await device.freeze();
      try {
        // One after the other: a reading that took the open connection would leave the write without one, and not sent.
        await expect(device.adapter.apply(step, openGate, withoutEnd())).rejects.toMatchObject({
          code: 'OUTCOME_UNKNOWN',
        });
        await expect(device.adapter.read(device.pool, withoutEnd())).rejects.toMatchObject({
          code: 'TIMEOUT',
        });
      } finally {
        device.thaw();
      }
      await expect.poll(() => look(), { timeout: 15_000 }).toMatchObject({ admin: 'disabled' });
    });

    more(
      () => device,
      () => look(),
    );
  });
}
