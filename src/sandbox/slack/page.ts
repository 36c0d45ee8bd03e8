import { CLIENT_APP } from './page-app.ts';
import { CLIENT_BLOCKS } from './page-blocks.ts';
import { CLIENT_BREAK } from './page-break.ts';
import { CLIENT_DOM } from './page-dom.ts';
import { CLIENT_HOME } from './page-home.ts';
import { PAGE_HTML, PAGE_ICON } from './page-html.ts';
import { CLIENT_MESSAGES } from './page-messages.ts';
import { CLIENT_MRKDWN } from './page-mrkdwn.ts';
import { PAGE_STYLE } from './page-style.ts';
import { CLIENT_TRAFFIC } from './page-traffic.ts';

/** One file of the page. */
export interface PageResource {
  readonly contentType: string;
  readonly body: string;
}

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/**
 * The page lives in strings, because the build copies no files beside compiled ones. The scripts are
 * classic ones that share their top-level names, loaded in the order of page-html.ts.
 */
const RESOURCES: ReadonlyMap<string, PageResource> = new Map([
  ['/', { contentType: HTML, body: PAGE_HTML }],
  ['/page/icon.svg', { contentType: 'image/svg+xml', body: PAGE_ICON }],
  ['/page/style.css', { contentType: CSS, body: PAGE_STYLE }],
  ['/page/dom.js', { contentType: SCRIPT, body: CLIENT_DOM }],
  ['/page/mrkdwn.js', { contentType: SCRIPT, body: CLIENT_MRKDWN }],
  ['/page/blocks.js', { contentType: SCRIPT, body: CLIENT_BLOCKS }],
  ['/page/messages.js', { contentType: SCRIPT, body: CLIENT_MESSAGES }],
  ['/page/home.js', { contentType: SCRIPT, body: CLIENT_HOME }],
  ['/page/break.js', { contentType: SCRIPT, body: CLIENT_BREAK }],
  ['/page/traffic.js', { contentType: SCRIPT, body: CLIENT_TRAFFIC }],
  ['/page/app.js', { contentType: SCRIPT, body: CLIENT_APP }],
]);

/** Paths the page is served under. */
export const PAGE_PATHS: readonly string[] = [...RESOURCES.keys()];

export function pageResource(path: string): PageResource | undefined {
  return RESOURCES.get(path);
}
