import type { Director } from './director.ts';
import { until } from './until.ts';

/*
 * On a director, in front of the real ipvsadm: notes each write, and holds one up before or after it is carried out, so
 * that a test can do something exactly then. The kernel's table stays the only truth.
 */

const FOLDER = '/run/lab/gate';
const HELD_MS_MAX = 60_000;

const WRAPPER = `#!/bin/sh
wait_at() {
  [ -e ${FOLDER}/$1 ] || return 0
  : >${FOLDER}/held
  while [ -e ${FOLDER}/$1 ]; do sleep 0.02; done
}
case \${1:-} in
  -e | -a | -d)
    wait_at before
    echo "$*" >>${FOLDER}/writes
    /usr/sbin/ipvsadm.real "$@"
    code=$?
    wait_at after
    exit $code
    ;;
esac
exec /usr/sbin/ipvsadm.real "$@"
`;

/** Puts the gate there, open and with nothing noted; also after a boot, which forgets it. */
export async function putGate(director: Director): Promise<void> {
  await director.ask(`
[ -e /usr/sbin/ipvsadm.real ] || cp /usr/sbin/ipvsadm /usr/sbin/ipvsadm.real
rm -rf ${FOLDER} && mkdir -p ${FOLDER}
cat >/usr/sbin/ipvsadm.new <<'END'
${WRAPPER}END
chmod 755 /usr/sbin/ipvsadm.new && mv /usr/sbin/ipvsadm.new /usr/sbin/ipvsadm`);
}

export async function takeGate(director: Director): Promise<void> {
  await director.ask(
    `rm -rf ${FOLDER}; [ ! -e /usr/sbin/ipvsadm.real ] || mv /usr/sbin/ipvsadm.real /usr/sbin/ipvsadm`,
  );
}

/** Holds up the next write there. */
export async function holdWrite(director: Director, when: 'before' | 'after'): Promise<void> {
  await director.ask(`rm -f ${FOLDER}/held; : >${FOLDER}/${when}`);
}

/** Resolves when a write stands at the gate; `assertComing` throws when none will come. */
export async function untilHeld(
  director: Director,
  assertComing: () => Promise<void>,
): Promise<void> {
  await until(`a write on ${director.name}`, HELD_MS_MAX, async () => {
    await assertComing();
    const { code } = await director.run(`test -e ${FOLDER}/held`);
    return code === 0;
  });
}

export async function letGo(director: Director): Promise<void> {
  await director.ask(`rm -f ${FOLDER}/before ${FOLDER}/after`);
}

/** What was written there since the gate was put. */
export async function writesOn(director: Director): Promise<readonly string[]> {
  const { stdout } = await director.run(`cat ${FOLDER}/writes`);
  return stdout.split('\n').slice(0, -1);
}
