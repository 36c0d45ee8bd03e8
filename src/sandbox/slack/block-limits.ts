import { BlockReport, checkElement } from './block-elements.ts';
import { isObject, type JsonObject } from './wire.ts';

export type BlockSurface = 'message' | 'view';

/** Sources: JSDoc of @slack/types 3.2.0 and docs.slack.dev/reference/block-kit. */
const LIMIT = {
  blocksInMessage: 50,
  blocksInView: 100,
  id: 255,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  actionElements: 25,
  contextElements: 10,
  contextText: 2000,
  headerText: 150,
  imageUrl: 3000,
  altText: 2000,
  labelText: 2000,
  markdownTotal: 12_000,
  tableRows: 100,
  tableCells: 20,
  tableTotal: 10_000,
} as const;

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  section: ['type', 'block_id', 'text', 'fields', 'accessory', 'expand'],
  actions: ['type', 'block_id', 'elements'],
  context: ['type', 'block_id', 'elements'],
  header: ['type', 'block_id', 'text'],
  divider: ['type', 'block_id'],
  table: ['type', 'block_id', 'rows', 'column_settings'],
  markdown: ['type', 'block_id', 'text'],
};

/**
 * What Slack would refuse in these blocks, in its own words; empty when it would take them. Limits in
 * characters and items as published for the surface.
 */
export function blockProblems(blocks: unknown, surface: BlockSurface = 'message'): string[] {
  const report = new BlockReport();
  if (!Array.isArray(blocks)) return ['must be an array [json-pointer:/blocks]'];
  const most = surface === 'message' ? LIMIT.blocksInMessage : LIMIT.blocksInView;
  report.list(blocks, 0, most, '/blocks');
  checkIds(blocks, report);
  for (const [index, block] of blocks.entries()) checkBlock(block, `/blocks/${index}`, report);
  checkTotals(blocks.filter(isObject), report);
  return report.problems;
}

function checkIds(blocks: readonly unknown[], report: BlockReport): void {
  const seen = new Set<unknown>();
  for (const [index, block] of blocks.entries()) {
    const id = isObject(block) ? block.block_id : undefined;
    if (id === undefined) continue;
    report.string(id, LIMIT.id, `/blocks/${index}/block_id`);
    if (seen.has(id)) report.add('block_id already exists', `/blocks/${index}/block_id`);
    seen.add(id);
  }
}

type Check = (block: JsonObject, at: string, report: BlockReport) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  section: checkSection,
  actions: checkActions,
  context: checkContext,
  table: checkTable,
  header: (block, at, report) => report.text(block.text, LIMIT.headerText, `${at}/text`, 'plain'),
  image: (block, at, report) => {
    report.string(block.image_url, LIMIT.imageUrl, `${at}/image_url`);
    report.string(block.alt_text, LIMIT.altText, `${at}/alt_text`, true);
  },
  input: (block, at, report) => {
    report.text(block.label, LIMIT.labelText, `${at}/label`, 'plain');
    checkElement(block.element, `${at}/element`, report);
  },
  markdown: (block, at, report) =>
    report.string(block.text, LIMIT.markdownTotal, `${at}/text`, true),
  divider: () => undefined,
  rich_text: () => undefined,
};

function checkBlock(block: unknown, at: string, report: BlockReport): void {
  if (!isObject(block)) {
    report.add('must provide an object', at);
    return;
  }
  const type = String(block.type);
  const check = Object.hasOwn(CHECKS, type) ? CHECKS[type] : undefined;
  if (check === undefined) {
    report.add(`unsupported type: ${type}`, `${at}/type`);
    return;
  }
  const fields = FIELDS[type];
  if (fields !== undefined) report.onlyFields(block, fields, at);
  check(block, at, report);
}

function checkSection(block: JsonObject, at: string, report: BlockReport): void {
  const { text, fields, accessory } = block;
  if (text === undefined && fields === undefined) report.add('must define text or fields', at);
  if (text !== undefined) report.text(text, LIMIT.sectionText, `${at}/text`);
  if (fields !== undefined) {
    const listed = report.list(fields, 1, LIMIT.fields, `${at}/fields`);
    for (const [index, field] of listed.entries()) {
      report.text(field, LIMIT.fieldText, `${at}/fields/${index}`);
    }
  }
  if (accessory !== undefined) checkElement(accessory, `${at}/accessory`, report);
}

function checkActions(block: JsonObject, at: string, report: BlockReport): void {
  const seen = new Set<unknown>();
  const elements = report.list(block.elements, 1, LIMIT.actionElements, `${at}/elements`);
  for (const [index, element] of elements.entries()) {
    const pointer = `${at}/elements/${index}`;
    checkElement(element, pointer, report);
    const id = isObject(element) ? element.action_id : undefined;
    if (id !== undefined && seen.has(id)) report.add('action_id already exists', pointer);
    seen.add(id);
  }
}

function checkContext(block: JsonObject, at: string, report: BlockReport): void {
  const elements = report.list(block.elements, 1, LIMIT.contextElements, `${at}/elements`);
  for (const [index, element] of elements.entries()) {
    const pointer = `${at}/elements/${index}`;
    if (isObject(element) && element.type === 'image') {
      report.string(element.alt_text, LIMIT.altText, `${pointer}/alt_text`, true);
    } else {
      report.text(element, LIMIT.contextText, pointer);
    }
  }
}

function checkTable(block: JsonObject, at: string, report: BlockReport): void {
  const rows = report.list(block.rows, 1, LIMIT.tableRows, `${at}/rows`);
  for (const [index, row] of rows.entries()) {
    const cells = report.list(row, 1, LIMIT.tableCells, `${at}/rows/${index}`);
    for (const [column, cell] of cells.entries()) {
      const pointer = `${at}/rows/${index}/${column}`;
      const type = isObject(cell) ? cell.type : undefined;
      if (type !== 'raw_text' && type !== 'rich_text') {
        report.add(`unsupported type: ${String(type)}`, `${pointer}/type`);
      }
    }
  }
  const settings = block.column_settings;
  if (settings !== undefined) {
    report.list(settings, 0, LIMIT.tableCells, `${at}/column_settings`);
  }
  if (JSON.stringify(rows.map(textOfRow)).length > LIMIT.tableTotal) {
    report.add(`must be less than ${LIMIT.tableTotal + 1} characters`, `${at}/rows`);
  }
}

function textOfRow(row: unknown): unknown {
  if (!Array.isArray(row)) return '';
  return row.map((cell: unknown) => (isObject(cell) ? (cell.text ?? cell.elements) : ''));
}

function checkTotals(blocks: readonly JsonObject[], report: BlockReport): void {
  const tables = blocks.filter((block) => block.type === 'table');
  if (tables.length > 1) report.add('only_one_table_allowed', '/blocks');
  let markdown = 0;
  for (const block of blocks) {
    if (block.type === 'markdown') markdown += String(block.text ?? '').length;
  }
  if (markdown > LIMIT.markdownTotal) {
    report.add(`markdown must be less than ${LIMIT.markdownTotal + 1} characters`, '/blocks');
  }
}
