import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
const OUTPUT_CHARS_MAX = 64 * 1024;
const PLACES = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin', '/sbin', '/bin'];
/** Ends of children still alive; one exit listener serves them all. */
const kills = new Set();
function killAll() {
    for (const kill of kills)
        kill();
}
/** The full path of a program, looked up in `searchPath` (like $PATH) and the usual places. */
export function findProgram(name, searchPath = '') {
    return [...searchPath.split(':').filter((place) => place.startsWith('/')), ...PLACES]
        .map((place) => join(place, name))
        .find((path) => existsSync(path));
}
/**
 * Starts a program without a shell. It dies with this process: on a regular end by an exit listener, and
 * on a sudden one by the kernel, where `setpriv` (Linux, util-linux) can ask for that.
 */
export function startChild(program, args, directory) {
    const setpriv = findProgram('setpriv');
    const [command, commandArgs] = setpriv === undefined
        ? [program, args]
        : [setpriv, ['--pdeathsig', 'KILL', '--', program, ...args]];
    const child = spawn(command, commandArgs, {
        cwd: directory,
        env: {},
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: false,
    });
    let output = '';
    const keep = (chunk) => {
        output = (output + chunk.toString('utf8')).slice(-OUTPUT_CHARS_MAX);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    let alive = child.pid !== undefined;
    const kill = () => {
        if (alive)
            child.kill('SIGKILL');
    };
    if (!process.listeners('exit').includes(killAll))
        process.once('exit', killAll);
    kills.add(kill);
    const gone = new Promise((resolve) => {
        const end = () => {
            alive = false;
            kills.delete(kill);
            resolve();
        };
        child.once('close', end);
        child.once('error', (error) => {
            keep(Buffer.from(`${error.message}\n`));
            end();
        });
    });
    return {
        pid: child.pid ?? 0,
        output: () => output,
        alive: () => alive,
        signal: (name) => {
            if (alive)
                child.kill(name);
        },
        gone,
    };
}
