import { testAdapter } from '../contract.ts';
import { realDirector } from './real-director.ts';

testAdapter('LVS by sudo on a real director', () => realDirector('ops'));
