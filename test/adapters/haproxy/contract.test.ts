import { testAdapter } from '../contract.ts';
import { DIRECT, realHaproxy } from './real-haproxy.ts';

testAdapter('HAProxy', () => realHaproxy(async () => DIRECT));
