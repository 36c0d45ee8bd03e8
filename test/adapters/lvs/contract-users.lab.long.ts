import { testAdapter } from '../contract.ts';
import { realDirector } from './real-director.ts';

testAdapter('LVS by sudo on a real director', () => realDirector('ops'));
testAdapter('LVS by the helper on a real director', () =>
  realDirector('helper', { helper: '/usr/local/sbin/lb-lvs' }),
);
