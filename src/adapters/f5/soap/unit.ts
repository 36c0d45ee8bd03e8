import { OperationError } from '../../../domain/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { HttpsUnit } from '../../../transports/https.ts';
import type { F5Member } from '../parse.ts';
import { Refusal } from '../refusal.ts';
import type { Credentials } from '../rest/session.ts';
import type { F5Unit, Task } from '../unit.ts';
import { soapCaller } from './call.ts';
import {
  byMember,
  POOL_MEMBER,
  pathOf,
  poolNames,
  setterParameters,
  statisticsOf,
  wordsOf,
} from './pool-member.ts';
import { textAt, type XmlElement } from './xml.ts';

/** A unit through iControl SOAP, for software older than REST. */
export function soapUnit(
  https: HttpsUnit,
  name: string,
  credentials: Credentials,
  clock: Pick<Clock, 'now'>,
  questionMsMax: number,
): F5Unit {
  const call = soapCaller(https, credentials, clock, questionMsMax);
  /** Asked once: another version is another start of the unit, and a lost connection. */
  let version: string | undefined;

  const ofPool = (operation: string, pool: string, task: Task) =>
    call({ ...task, interface: POOL_MEMBER, operation, parameters: poolNames(pool) });

  const readVersion = async (task: Task): Promise<string> => {
    const operation = 'get_version';
    const asked = { ...task, interface: POOL_MEMBER, operation, parameters: '' };
    version ??= (await call(asked))?.text.trim().replace(/^BIG-IP_v/, '') ?? '';
    return version;
  };

  const number = (field: string) => (entry: XmlElement) => Number(textAt(entry, field));

  const unitFault = (task: Task, key: string) =>
    new OperationError(
      'UNEXPECTED_REPLY',
      `${task.doing}: member ${key.replace(' ', ':')} is not in every answer of the unit.`,
    );

  const readMembers = async (pool: string, task: Task): Promise<readonly F5Member[]> => {
    const [sessions, monitors, ratios, groups, statistics] = await Promise.all([
      ofPool('get_session_status', pool, task).then((found) =>
        byMember(found, task.doing, (entry) => textAt(entry, 'session_status')),
      ),
      ofPool('get_monitor_status', pool, task).then((found) =>
        byMember(found, task.doing, (entry) => textAt(entry, 'monitor_status')),
      ),
      ofPool('get_ratio', pool, task).then((found) => byMember(found, task.doing, number('ratio'))),
      ofPool('get_priority', pool, task).then((found) =>
        byMember(found, task.doing, number('priority')),
      ),
      ofPool('get_all_statistics', pool, task).then((found) => statisticsOf(found, task.doing)),
    ]);
    return [...sessions].map(([key, session]) => {
      const monitor = monitors.get(key);
      const ratio = ratios.get(key);
      const priorityGroup = groups.get(key);
      const figures = statistics.get(key);
      if (!monitor || ratio === undefined || priorityGroup === undefined || !figures) {
        throw unitFault(task, key);
      }
      const [node = '', port = ''] = key.split(' ');
      const { byParent, ...words } = wordsOf(session, monitor);
      return {
        configured: {
          fullPath: pathOf(pool, { node, port: Number(port) }),
          address: node,
          port: Number(port),
          ...words,
          ratio,
          priorityGroup,
          ephemeral: false,
        },
        counters: {
          byParent,
          reason: '',
          sessions: figures.current,
          sessionsTotal: figures.total,
        },
      };
    });
  };

  /** How many members of the highest group must be there; asked where there are groups. */
  const readLeast = async (pool: string, task: Task): Promise<number> => {
    const operation = 'get_minimum_active_member';
    const asked = { ...task, interface: 'LocalLB.Pool', operation, parameters: poolNames(pool) };
    return Number((await call(asked))?.children[0]?.text ?? 0);
  };

  const asMissing = async (thrown: unknown, pool: string, task: Task): Promise<unknown> => {
    if (!(thrown instanceof Refusal) || thrown.code !== 'NO_SUCH_POOL') return thrown;
    const isPoolThere = await ofPool('get_session_status', pool, task).then(
      () => true,
      (why: unknown) => !(why instanceof Refusal && why.code === 'NO_SUCH_POOL'),
    );
    return isPoolThere ? new OperationError('NO_SUCH_MEMBER', thrown.message) : thrown;
  };

  return {
    api: 'soap',
    name,
    async failover(task) {
      const operation = 'get_failover_state';
      const asked = { ...task, interface: 'System.Failover', operation, parameters: '' };
      const state = (await call(asked))?.text.trim() ?? '';
      return { status: state.replace(/^FAILOVER_STATE_/, '').replaceAll('_', ' '), activeFor: [] };
    },
    syncState: async () => undefined,
    peers: async () => [],
    async readPool(pool, task) {
      const [software, members] = await Promise.all([readVersion(task), readMembers(pool, task)]);
      const groups = new Set(members.map(({ configured }) => configured.priorityGroup));
      const minActiveMembers = groups.size > 1 ? await readLeast(pool, task) : 0;
      return { version: software, members, minActiveMembers };
    },
    async write(command, pool, gate, task) {
      if (command.api !== 'soap') throw new OperationError('INTERNAL', 'A REST request for SOAP.');
      const parameters = setterParameters(command);
      const { operation } = command;
      try {
        await call({ ...task, interface: POOL_MEMBER, operation, parameters, gate });
      } catch (thrown) {
        throw await asMissing(thrown, pool, task);
      }
    },
    async syncToGroup(_gate, task) {
      throw new OperationError('UNSUPPORTED', `${task.doing}: SOAP copies nothing to the peer.`);
    },
    async close() {
      https.close();
    },
  };
}
