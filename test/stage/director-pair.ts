import { type ChangeRecord, type ChangeState, isOpen } from '../../src/domain/change.ts';
import { idIn, typed } from '../journeys/acting.ts';
import type { Director } from '../lab/director.ts';
import type { Lab } from '../lab/lab.ts';
import { DIRECTOR_NAMES, type DirectorName, NET, REAL_SERVERS, VIP } from '../lab/places.ts';
import { until } from '../lab/until.ts';
import { useLab } from '../lab/use-lab.ts';
import { holdWrite, putGate, takeGate, untilHeld } from '../lab/write-gate.ts';
import { type CuttableRelay, startCuttableRelay } from './cuttable-relay.ts';
import { APPROVER, CHANNEL, OPERATORS, REQUESTER, SERVICE } from './inventory.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';

/** The director that is MASTER at the lab's start, and the other one. */
export const MASTER: DirectorName = 'lvs-1';
export const BACKUP: DirectorName = 'lvs-2';
export const PAIR = 'edge';
export const TARGET = `${NET}.78`;
const LVS_POOL = `${VIP}:80`;
const LVS_MEMBERS = REAL_SERVERS.map((last) => `${NET}.${last}:80`);
export const DISABLE = `disable ${SERVICE} ${TARGET}`;
/** Directors are slow machines on a busy one. */
export const PATIENCE_MS = 90_000;

/** The article's service on both directors of the lab, each behind a cable that can be pulled. */
export interface DirectorPair {
  readonly lab: Lab;
  readonly stage: Stage;
  director(name: DirectorName): Director;
  relay(name: DirectorName): CuttableRelay;
  /** Weight of the target in the director's own table, or undefined where it is not in there. */
  weight(name: DirectorName): Promise<number | undefined>;
  /** Types a command; resolves once its change is in this state. */
  change(text: string, state: ChangeState): Promise<ChangeRecord>;
  /** Has the target disabled; resolves with the change once its write stands at the gate of this director. */
  heldChange(name: DirectorName, when: 'before' | 'after'): Promise<string>;
  /** The lab as at its start, gates put and cables in. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

function yamlOf(
  lab: Lab,
  relays: ReadonlyMap<DirectorName, CuttableRelay>,
  services: string,
): string {
  const blocks = DIRECTOR_NAMES.map((name) => {
    const { login, proof } = lab.director(name).ssh('helper');
    const keyFile = login !== undefined && 'keyFile' in login ? login.keyFile : '';
    const fingerprint = proof !== undefined && 'fingerprint' in proof ? proof.fingerprint : '';
    const ssh = `helper@127.0.0.1:${relays.get(name)?.port}`;
    return `  ${name}: { kind: lvs, ssh: "${ssh}", ssh_key: ${keyFile}, host_key: "${fingerprint}", helper: /usr/local/sbin/lb-lvs }`;
  });
  return `environments:
  production:
    roles: { viewers: workspace, operators: [${OPERATORS}], approvers: [${APPROVER}] }
    guard: { min_available: 50% }
balancers:
${blocks.join('\n')}
pairs:
  ${PAIR}: { nodes: [${DIRECTOR_NAMES.join(', ')}], vrrp: VI_1 }
services:
  ${SERVICE}:
    environment: production
    channel: ${CHANNEL}
    members: [${LVS_MEMBERS.map((name) => `"${name}"`).join(', ')}]
    pools: [{ on: ${PAIR}, vip: "${LVS_POOL}" }]
${services}shell: { root: ${REQUESTER} }
`;
}

/** Nothing was written, because this machine is too busy: as a person would, one asks again. */
const isTooBusy = (record: ChangeRecord | undefined) =>
  record?.state === 'refused' &&
  /stopped before an answer|no answer/.test(record.fault?.message ?? '');

const whyNot = ({ id, state, fault, outcome }: ChangeRecord) =>
  `${id} is ${state}: ${JSON.stringify(fault ?? outcome?.fault)}`;

/** Nobody needs to agree, and no client sticks: what is tested is the pair. */
export async function openDirectorPair({
  services = '',
  ...options
}: StageOptions & { readonly services?: string } = {}): Promise<DirectorPair> {
  const { lab, stop } = await useLab({ persistSeconds: 0 });
  const director = (name: DirectorName) => lab.director(name);
  const relays = new Map<DirectorName, CuttableRelay>();
  for (const name of DIRECTOR_NAMES) {
    relays.set(name, await startCuttableRelay(director(name).ssh('helper').port));
    await putGate(director(name));
  }
  const relay = (name: DirectorName): CuttableRelay => {
    const found = relays.get(name);
    if (found === undefined) throw new Error(`There is no relay for ${name}.`);
    return found;
  };
  const stage = await openStage({
    ...options,
    site: { yaml: yamlOf(lab, relays, services), secrets: new Map() },
  });
  return {
    lab,
    stage,
    director,
    relay,
    async weight(name) {
      const saved = await director(name).ask('/usr/sbin/ipvsadm -Sn');
      const found = new RegExp(`^-a -t ${VIP}:80 -r ${TARGET}:80 -g -w (\\d+)$`, 'm').exec(saved);
      return found === null ? undefined : Number(found[1]);
    },
    async change(text, state) {
      let id = idIn(await typed(stage, text));
      let found: ChangeRecord | undefined;
      await until(`${text}: ${state}`, PATIENCE_MS, async () => {
        const record = await stage.records.changes.get(id);
        if (isTooBusy(record)) id = idIn(await typed(stage, text));
        else if (record?.state === state) found = record;
        else if (record !== undefined && !isOpen(record.state)) throw new Error(whyNot(record));
        return found !== undefined;
      });
      if (found === undefined) throw new Error('It was found.');
      return found;
    },
    async heldChange(name, when) {
      await holdWrite(director(name), when);
      let id = idIn(await typed(stage, DISABLE));
      await untilHeld(director(name), async () => {
        const record = await stage.records.changes.get(id);
        if (record === undefined || isOpen(record.state)) return;
        if (!isTooBusy(record)) throw new Error(whyNot(record));
        id = idIn(await typed(stage, DISABLE));
      });
      return id;
    },
    async reset() {
      for (const name of DIRECTOR_NAMES) relay(name).mend();
      // First, or the watcher takes the reset for a restart and disables again what the last test disabled.
      await stage.redis.client.del('{lb}:gaps');
      for (const key of await stage.redis.client.keys('{lb}:holds*')) {
        await stage.redis.client.del(key);
      }
      await lab.reset();
      for (const name of DIRECTOR_NAMES) await putGate(director(name));
    },
    async stop() {
      await stage.stop();
      for (const each of relays.values()) await each.close();
      await lab.reset();
      for (const name of DIRECTOR_NAMES) await takeGate(director(name));
      await stop();
    },
  };
}
