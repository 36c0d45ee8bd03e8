import type { MemberState } from '../../domain/member.ts';
import type { Row } from './parse.ts';

/** Static whatever else is configured: at run time they take the configured weight or 0. */
const STATIC: readonly string[] = ['static-rr'];
/** Static too, unless `hash-type consistent` is configured, which no command of the runtime API shows. */
const STATIC_UNLESS_CONSISTENT: readonly string[] = [
  'source',
  'uri',
  'url_param',
  'hdr',
  'rdp-cookie',
  'hash',
];

type WeightRule = Pick<MemberState, 'weightFixedBy' | 'weightDoubt'>;

/**
 * What stands in the way of another weight, as far as HAProxy tells. Measured on 2.6: the column `algo` names the
 * algorithm, not its `hash-type`, and reads `unknown` for `random`, which takes any weight.
 */
export function weightRuleOf(
  statistics: readonly Row[],
  members: readonly Pick<MemberState, 'weight' | 'configuredWeight'>[],
): WeightRule {
  const algorithm = statistics.find(isBackendRow)?.get('algo') ?? '';
  const balance = `balance ${algorithm}`;
  if (STATIC.includes(algorithm)) return { weightFixedBy: balance };
  if (algorithm === 'first') {
    return { weightDoubt: `"${balance}" looks at no weight but 0.` };
  }
  if (!STATIC_UNLESS_CONSISTENT.includes(algorithm)) return {};
  // Somebody gave one of them a weight that a static algorithm would have refused.
  const isDynamic = members.some(
    ({ weight, configuredWeight }) => weight !== 0 && weight !== configuredWeight,
  );
  if (isDynamic) return {};
  return {
    weightDoubt: `"${balance}" takes only the configured weight or 0, unless it has "hash-type consistent"; HAProxy does not show whether it has.`,
  };
}

/** The line of `show stat` about the backend as a whole. */
export function isBackendRow(row: Row): boolean {
  return row.get('type') === '1' || (!row.has('type') && row.get('svname') === 'BACKEND');
}
