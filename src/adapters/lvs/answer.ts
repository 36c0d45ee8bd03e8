import { poolText } from '../../domain/virtual-service.ts';
import { type Listing, parseListing } from './listing.ts';
import { type OwnerReport, ownerReportOf } from './owner-report.ts';
import { type Identity, parseIdentity, parseRules, parseSettings, type Service } from './parse.ts';
import { assertDone } from './refusals.ts';
import { parseSections, type Section, sectionOf } from './reply.ts';
import { type Testimony, testimonyOf } from './witness.ts';

/** The table changed while it was listed; the next reading may be whole. */
export class TableMoved extends Error {}

/**
 * What a director answered to a question, for as many as wait for it: a part is looked at when somebody wants it, and
 * once. Each throws what is wrong with that part: UNEXPECTED_REPLY, or what a program there said instead.
 */
export interface Answer {
  readonly section: (name: string) => Section;
  readonly services: () => ReadonlyMap<string, Service>;
  /** The services by the address of each host that they send new clients to. */
  readonly senders: () => ReadonlyMap<string, readonly Service[]>;
  /** ActiveConn, InActConn and the thresholds; TableMoved where the only service asked for went meanwhile. */
  readonly limits: () => Listing;
  readonly sticking: () => Listing;
  readonly totals: () => Listing;
  readonly identity: () => Identity;
  readonly settings: () => ReadonlyMap<string, number>;
  readonly owner: () => OwnerReport | undefined;
  readonly testimony: () => Testimony;
}

export function answerOf(reply: string, doing: string): Answer {
  const sections = parseSections(reply, doing);
  const section = (name: string) => sectionOf(sections, name, doing);
  const done = (name: string): string => {
    const found = section(name);
    assertDone(found, doing);
    return found.text;
  };
  const listing = (name: string, columns: readonly string[]) => () => {
    const { code, text } = section(name);
    // It went after `-Sn` had shown it.
    if (code !== 0 && text.includes('No such service')) throw new TableMoved();
    return parseListing(done(name), columns, doing);
  };
  const services = once(() => {
    const found = parseRules(done('rules'), doing);
    return new Map(found.map((each) => [poolText(each.service), each]));
  });
  return {
    section,
    services,
    senders: once(() => sendersOf([...services().values()])),
    limits: once(listing('thresholds', ['Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn'])),
    sticking: once(listing('persistent', ['PersistConn'])),
    totals: once(listing('stats', ['Conns'])),
    identity: once(() => parseIdentity(done('identity'), doing)),
    settings: once(() => parseSettings(section('settings').text)),
    owner: once(() => ownerReportOf(section('owner').text, doing)),
    testimony: once(() => testimonyOf(sections, doing)),
  };
}

function sendersOf(services: readonly Service[]): ReadonlyMap<string, readonly Service[]> {
  const found = new Map<string, Service[]>();
  // It has no others.
  if (services.length === 1) return found;
  for (const service of services) {
    for (const { server, weight } of service.destinations) {
      if (weight === 0) continue;
      const known = found.get(server.address);
      if (known === undefined) found.set(server.address, [service]);
      else if (known.at(-1) !== service) known.push(service);
    }
  }
  return found;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
