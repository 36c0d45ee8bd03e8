import { testOnDevice } from '../contract.ts';
import { realDirector } from './real-director.ts';

testOnDevice('LVS by sudo on a real director', () => realDirector('ops'));
testOnDevice('LVS by the helper on a real director', () =>
  realDirector('helper', { helper: '/usr/local/sbin/lb-lvs' }),
);
