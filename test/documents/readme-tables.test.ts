import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { haproxyAdapter } from '../../src/adapters/haproxy/adapter.ts';
import { ADAPTERS } from '../../src/adapters/registry.ts';
import { printHelp } from '../../src/cli/print-help.ts';
import { readmeTable } from '../../src/commands/help.ts';
import { ENVIRONMENT, type EnvironmentEntry } from '../../src/config/environment-table.ts';
import { loadInventory } from '../../src/config/inventory.ts';
import { ERRORS } from '../../src/domain/errors.ts';
import { codeIn, fencesOf, root, sectionOf, tableOf, textOf } from './markdown.ts';

const readme = textOf('README.md');
const packages = z
  .object({
    version: z.string(),
    license: z.string(),
    engines: z.object({ node: z.string() }),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(textOf('package.json')));

describe('the README', () => {
  it('has the table of commands that help is made from', () => {
    expect(sectionOf('README.md', '## Commands')).toContain(`\n${readmeTable()}\n`);
  });

  it('has a row for every environment variable, and no other', () => {
    const rows = tableOf(readme, ['Variable', 'Needed', 'Default', 'Meaning']);
    const expected = (ENVIRONMENT as readonly EnvironmentEntry[]).map((entry) => [
      entry.name,
      entry.required ? 'yes' : 'no',
      entry.default ?? '',
      `${entry.meaning}${entry.secret ? ' Secret.' : ''}`,
    ]);
    expect(
      rows.map(([name, needed, given, meaning]) => [codeIn(name), needed, codeIn(given), meaning]),
    ).toEqual(expected);
  });

  it('has a row for every error code, and no other', () => {
    const rows = tableOf(readme, ['Code', 'What it means', 'Retry helps', 'What to do']);
    const expected = Object.entries(ERRORS).map(([code, { title, retryable, next }]) => [
      code,
      title,
      retryable ? 'yes' : 'no',
      next,
    ]);
    expect(rows.map(([code, ...rest]) => [codeIn(code), ...rest])).toEqual(expected);
  });

  it('gives the reason of every package for production, and of no other', () => {
    const rows = tableOf(readme, ['Package', 'Why']);
    expect(rows.map(([name]) => codeIn(name)).sort()).toEqual(
      Object.keys(packages.dependencies).sort(),
    );
    expect(rows.filter(([, why = '']) => why.length < 10)).toEqual([]);
  });

  it('gives the reason of every package for development, and of no other', () => {
    const [, list = ''] = /^For development only: ([\s\S]*?)\.\n\n/m.exec(readme) ?? [];
    const named = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(packages.devDependencies).sort());
    // No name without its reason.
    expect(list).toMatch(/^(?:(?:`[^`]+`(?:, | and )?)+ \([^)]{5,}\)(?:,\s+)?)+$/);
  });

  it('gives the exit codes that help gives', () => {
    const line = /^Exit codes: .*$/m.exec(printHelp(new Set()))?.[0];
    expect(line).toMatch(/0 .*4 /);
    expect(readme).toContain(line);
  });

  it('shows an inventory that loads, of the site that the examples have', () => {
    const [shown, ...more] = fencesOf('README.md').filter(({ language }) => language === 'yaml');
    expect(more).toEqual([]);
    const loaded = loadInventory(shown?.text ?? '', 'README.md');
    const example = loadInventory(textOf('examples/inventory.yml'), 'examples/inventory.yml');
    if (!loaded.ok || !example.ok) throw new Error(JSON.stringify([loaded, example]));
    expect([...loaded.inventory.balancers]).toEqual([...example.inventory.balancers]);
    expect([...loaded.inventory.pairs]).toEqual([...example.inventory.pairs]);
    expect([...loaded.inventory.services.keys()]).toEqual([...example.inventory.services.keys()]);
  });

  it('names the licence of package.json, whose text is there', () => {
    expect(readme).toContain(`Licence: [${packages.license}](LICENSE)`);
    expect(textOf('LICENSE')).toContain('Version 2.0, January 2004');
  });

  it('asks for the Node.js that package.json asks for', () => {
    const [, least = ''] = /^>=(\d+\.\d+)$/.exec(packages.engines.node) ?? [];
    expect(readme).toContain(`Node.js ${least} or newer`);
  });
});

describe('the support table', () => {
  const rows = tableOf(readme, ['What', 'State', 'How it is known']);
  const whatRuns = rows.filter(([, , how = '']) => how.startsWith('run')).map(([what]) => what);

  it('says that a HAProxy was run only where its replies were taken', () => {
    const folders = readdirSync(join(root, 'test/fixtures/haproxy'));
    const taken = folders.map((folder) => {
      const info = textOf(`test/fixtures/haproxy/${folder}/show-info.txt`);
      return `HAProxy ${/^Version: (\d+\.\d+\.\d+)/m.exec(info)?.[1]}`;
    });
    expect(whatRuns.filter((what) => what?.startsWith('HAProxy'))).toEqual(taken);
  });

  it('names every kind of balancer there is an adapter for', () => {
    const named = rows
      .filter(([, state]) => state !== 'not in this version')
      .map(([what = '']) => what.toLowerCase());
    for (const kind of Object.keys(ADAPTERS)) {
      expect(
        named.some((what) => what.startsWith(kind)),
        kind,
      ).toBe(true);
    }
  });

  it('draws the line of refused versions where the adapter draws it', async () => {
    const [, oldest = ''] =
      /HAProxy before (\d+\.\d+) /.exec(rows.map(([what]) => `${what} `).join('\n')) ?? [];
    const [major = 0, minor = 0] = oldest.split('.').map(Number);
    const read = (version: string) => {
      const info = textOf('test/fixtures/haproxy/2.6/show-info.txt').replace(
        /^Version: .*$/m,
        `Version: ${version}`,
      );
      const answer = async () => info;
      // Nothing but its version is told; the rest of what was asked gets no answer.
      const socket = { exchange: answer, ask: async () => `-\n\n${info}`, close: async () => {} };
      const adapter = haproxyAdapter('ha-1', socket, { now: () => 0 });
      return adapter.read('web', { signal: AbortSignal.timeout(1000) });
    };
    await expect(read(`${major}.${minor - 1}.19`)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    // The oldest is read; what the answer begins with is no table.
    await expect(read(`${oldest}.0`)).rejects.toMatchObject({ code: 'UNEXPECTED_REPLY' });
  });

  it('claims nothing of the versions in docker-compose.yml but that they were not run', () => {
    const images = [...textOf('docker-compose.yml').matchAll(/image: (redis|haproxy):(\d+\.\d+)/g)];
    const node = /^FROM node:(\d+)/m.exec(textOf('Dockerfile'))?.[1];
    const names = { redis: 'Redis', haproxy: 'HAProxy' } as Record<string, string>;
    const unbuilt =
      /never built\s+here; they name ([^)]+)\)/.exec(readme)?.[1]?.replace(/\s+/g, ' ') ?? '';
    expect(unbuilt).toContain(`Node.js ${node}`);
    for (const [, name = '', version] of images)
      expect(unbuilt).toContain(`${names[name]} ${version}`);
  });
});
