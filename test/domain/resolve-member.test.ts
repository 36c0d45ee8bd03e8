import { describe, expect, it } from 'vitest';
import type { MemberState } from '../../src/domain/member.ts';
import { resolveMembers } from '../../src/domain/resolve-member.ts';

function member(name: string, address: string, port = 80): MemberState {
  return {
    name,
    address,
    port,
    admin: 'enabled',
    health: 'up',
    status: 'UP',
    causes: [],
    weight: 1,
    configuredWeight: 1,
    backup: false,
    sessions: 0,
    sessionsTotal: 0,
  };
}

const web1 = member('web-1', '10.0.0.1');
const web2 = member('web-2', '10.0.0.2');
const web2b = member('web-2b', '10.0.0.2', 8080);
const six = member('six', '2001:db8::6');
const pool = [web1, web2, web2b, six];

describe('resolveMembers', () => {
  it.each([
    ['web-1', web1],
    ['web-1:80', web1],
    ['10.0.0.1', web1],
    ['10.0.0.2:8080', web2b],
    ['2001:DB8:0::6', six],
    ['[2001:db8::6]:80', six],
  ])('finds %s', (asked, expected) => {
    expect(resolveMembers([asked], pool)).toEqual({ resolved: [expected] });
  });

  it('prefers a name to an address, as some people name servers by addresses', () => {
    const named = member('10.0.0.1', '10.0.0.9');
    expect(resolveMembers(['10.0.0.1'], [web1, named])).toEqual({ resolved: [named] });
    const withPort = member('10.0.0.1:80', '10.0.0.8');
    expect(resolveMembers(['10.0.0.1:80'], [web1, withPort])).toEqual({ resolved: [withPort] });
  });

  it('lists the choices of an address that two members share', () => {
    expect(resolveMembers(['10.0.0.2'], pool)).toEqual({
      problem:
        'Member "10.0.0.2" is ambiguous; it could be web-2 (10.0.0.2:80), web-2b (10.0.0.2:8080).',
    });
  });

  it('names the nearest for a member that is not there, and takes none of the others', () => {
    expect(resolveMembers(['web-1', 'web-3'], pool)).toEqual({
      problem: 'Member "web-3" is unknown. Nearest: web-1.',
    });
  });

  it('lists the pool when nothing is near, and says how many more there are', () => {
    const many = Array.from({ length: 10 }, (_, n) => member(`node${n}`, `10.1.0.${n}`));
    expect(resolveMembers(['frontend'], many)).toEqual({
      problem: expect.stringMatching(
        /^Member "frontend" is unknown\. The pool has node0 .* and 2 more\.$/,
      ),
    });
    expect(resolveMembers(['a'], [])).toEqual({
      problem: 'Member "a" is unknown: the pool has no members.',
    });
  });

  it('does not find a name with a port that is not the member’s', () => {
    expect(resolveMembers(['web-1:81'], pool)).toHaveProperty('problem');
  });

  it('counts two names of one member once', () => {
    expect(resolveMembers(['web-1', '10.0.0.1:80', 'web-1:80'], pool)).toEqual({
      resolved: [web1],
    });
  });

  it('compares names by case, as the device does', () => {
    expect(resolveMembers(['WEB-1'], pool)).toEqual({
      problem: 'Member "WEB-1" is unknown. Nearest: web-1.',
    });
  });
});
