import { vi } from 'vitest';
import { testAdapter } from '../contract.ts';
import { realDirector } from './real-director.ts';

// A lab comes up first.
vi.setConfig({ hookTimeout: 90_000, testTimeout: 240_000 });

testAdapter('LVS by sudo on a real director', () => realDirector('ops'));
testAdapter('LVS by the helper on a real director', () =>
  realDirector('helper', { helper: '/usr/local/sbin/lb-lvs' }),
);
