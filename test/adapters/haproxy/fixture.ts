import { readFileSync } from 'node:fs';

/** A true reply of HAProxy 2.6, see the README beside the files. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/haproxy/2.6/${name}.txt`, import.meta.url), 'utf8');
}
