import { isObject, type JsonObject } from './wire.ts';

/** Collects problems in the words of Slack's `response_metadata.messages`. */
export class BlockReport {
  readonly problems: string[] = [];

  add(problem: string, pointer: string): void {
    this.problems.push(`${problem} [json-pointer:${pointer}]`);
  }

  /** Slack refuses fields it does not know. */
  onlyFields(value: JsonObject, allowed: readonly string[], pointer: string): void {
    for (const field of Object.keys(value)) {
      if (!allowed.includes(field)) this.add(`invalid additional property: ${field}`, pointer);
    }
  }

  /** A string of at most `max` characters; may be absent unless `required`. */
  string(value: unknown, max: number, pointer: string, required = false): void {
    if (value === undefined) {
      if (required) this.add('missing required field', pointer);
      return;
    }
    if (typeof value !== 'string') this.add('must be a string', pointer);
    else if (value.length > max) this.add(`must be less than ${max + 1} characters`, pointer);
  }

  /** A text object with 1 to `max` characters. */
  text(value: unknown, max: number, pointer: string, kind: 'any' | 'plain' = 'any'): void {
    if (!isObject(value)) {
      this.add('must provide an object', pointer);
      return;
    }
    const { type, text } = value;
    if (type !== 'plain_text' && (type !== 'mrkdwn' || kind === 'plain')) {
      this.add(`unsupported type: ${String(type)}`, `${pointer}/type`);
    }
    const extra = type === 'mrkdwn' ? 'verbatim' : 'emoji';
    this.onlyFields(value, ['type', 'text', extra], pointer);
    if (typeof text !== 'string' || text.length === 0) {
      this.add('must be more than 0 characters', `${pointer}/text`);
    } else if (text.length > max) {
      this.add(`must be less than ${max + 1} characters`, `${pointer}/text`);
    }
  }

  /** An array of `min` to `max` items; what is no array counts as empty. */
  list(value: unknown, min: number, max: number, pointer: string): readonly unknown[] {
    const items = Array.isArray(value) ? value : [];
    if (items.length < min) this.add(`no fewer than ${min} items allowed`, pointer);
    if (items.length > max) this.add(`no more than ${max} items allowed`, pointer);
    return items;
  }
}

/** Sources: JSDoc of @slack/types 3.2.0 and docs.slack.dev/reference/block-kit. */
const LIMIT = {
  id: 255,
  buttonText: 75,
  buttonValue: 2000,
  url: 3000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  // Slack's pages name 75 and 150; the smaller passes under both.
  option: 75,
  placeholder: 150,
} as const;

const OPTIONS_MAX: Readonly<Record<string, number>> = {
  static_select: 100,
  multi_static_select: 100,
  radio_buttons: 10,
  checkboxes: 10,
  overflow: 5,
};

const OTHER_ELEMENTS = new Set([
  'plain_text_input',
  'number_input',
  'users_select',
  'conversations_select',
  'channels_select',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'image',
]);

const BUTTON_FIELDS = [
  'type',
  'text',
  'action_id',
  'url',
  'value',
  'style',
  'confirm',
  'accessibility_label',
];

/** Checks one interactive element or accessory. */
export function checkElement(element: unknown, pointer: string, report: BlockReport): void {
  if (!isObject(element)) {
    report.add('must provide an object', pointer);
    return;
  }
  const type = String(element.type);
  report.string(element.action_id, LIMIT.id, `${pointer}/action_id`);
  if (element.confirm !== undefined) {
    checkConfirm(element.confirm, `${pointer}/confirm`, report);
  }
  if (type === 'button') checkButton(element, pointer, report);
  else if (OPTIONS_MAX[type] !== undefined) checkOptions(element, type, pointer, report);
  else if (!OTHER_ELEMENTS.has(type)) report.add(`unsupported type: ${type}`, `${pointer}/type`);
}

function checkButton(button: JsonObject, pointer: string, report: BlockReport): void {
  report.onlyFields(button, BUTTON_FIELDS, pointer);
  report.text(button.text, LIMIT.buttonText, `${pointer}/text`, 'plain');
  report.string(button.value, LIMIT.buttonValue, `${pointer}/value`);
  report.string(button.url, LIMIT.url, `${pointer}/url`);
  report.string(button.accessibility_label, LIMIT.buttonText, `${pointer}/accessibility_label`);
  const style = button.style;
  if (style !== undefined && style !== 'primary' && style !== 'danger') {
    report.add('must be a valid enum value', `${pointer}/style`);
  }
}

function checkConfirm(confirm: unknown, pointer: string, report: BlockReport): void {
  if (!isObject(confirm)) {
    report.add('must provide an object', pointer);
    return;
  }
  report.onlyFields(confirm, ['title', 'text', 'confirm', 'deny', 'style'], pointer);
  report.text(confirm.title, LIMIT.confirmTitle, `${pointer}/title`, 'plain');
  report.text(confirm.text, LIMIT.confirmText, `${pointer}/text`);
  report.text(confirm.confirm, LIMIT.confirmButton, `${pointer}/confirm`, 'plain');
  report.text(confirm.deny, LIMIT.confirmButton, `${pointer}/deny`, 'plain');
}

function checkOptions(
  element: JsonObject,
  type: string,
  pointer: string,
  report: BlockReport,
): void {
  const groups = element.option_groups;
  const options = Array.isArray(groups)
    ? groups.flatMap((group: unknown) => (isObject(group) ? group.options : []))
    : element.options;
  const listed = report.list(options, 1, OPTIONS_MAX[type] ?? 0, `${pointer}/options`);
  for (const [index, option] of listed.entries()) {
    const at = `${pointer}/options/${index}`;
    if (!isObject(option)) {
      report.add('must provide an object', at);
      continue;
    }
    report.text(option.text, LIMIT.option, `${at}/text`);
    report.string(option.value, LIMIT.option, `${at}/value`, true);
    if (option.description !== undefined) {
      report.text(option.description, LIMIT.option, `${at}/description`);
    }
  }
  if (element.placeholder !== undefined) {
    report.text(element.placeholder, LIMIT.placeholder, `${pointer}/placeholder`, 'plain');
  }
}
