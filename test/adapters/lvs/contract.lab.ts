import { vi } from 'vitest';
import { testOnDevice } from '../contract.ts';
import { realDirector } from './real-director.ts';

// A lab comes up first.
vi.setConfig({ hookTimeout: 90_000, testTimeout: 240_000 });

// The other ways to log in pass the same suite in `npm run test:long`.
testOnDevice('LVS by root on a real director', () => realDirector('root'), { isSlow: true });
