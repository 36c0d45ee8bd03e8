const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `30m`, `2h` in milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?<count>\d{1,9})(?<unit>ms|s|m|h|d)$/.exec(text)?.groups;
  const unit = UNIT_MS[match?.unit ?? ''];
  return match === undefined || unit === undefined ? undefined : Number(match.count) * unit;
}

/** Milliseconds in the largest units that fit, for people: `1 h 30 min`, `45 s`. */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = seconds % 60;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return rest > 0 && minutes < 5 ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${rest} s`;
}
