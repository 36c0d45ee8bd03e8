import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What the deployment files say, read from the top of the repository. */
export const repositoryRoot = resolve(import.meta.dirname, '../..');
export const inRepository = (path: string) => resolve(repositoryRoot, path);
export const textOf = (path: string) => readFileSync(inRepository(path), 'utf8');
export const isThere = (path: string) => existsSync(inRepository(path));

/** An image with an exact version: `name:1.2.3` and what may follow, never `latest` or `name:1`. */
export const pinnedImage = /^[a-z0-9./-]+:\d+\.\d+\.\d+(-[a-z0-9.-]+)?(@sha256:[0-9a-f]{64})?$/;
