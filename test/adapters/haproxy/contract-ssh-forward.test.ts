import { testAdapter } from '../contract.ts';
import { overSsh } from './over-ssh.ts';
import { realHaproxy } from './real-haproxy.ts';

testAdapter('HAProxy over ssh, forwarded', () => realHaproxy(overSsh('forward')));
