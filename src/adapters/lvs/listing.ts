import { unexpected } from './reply.ts';

/** The numbers of one destination, in the order in which the columns were asked for. */
export type Counts = readonly number[];

/** By the words of a service (`-t 192.168.100.11:80`, `-f 8 -6`), then by the destination as it is listed. */
export type Listing = ReadonlyMap<string, ReadonlyMap<string, Counts>>;

const FLAGS: Readonly<Record<string, string>> = {
  TCP: '-t',
  UDP: '-u',
  SCTP: '--sctp-service',
  FWM: '-f',
};

/**
 * The destinations in a listing of one service or of all (`-Ln --thresholds` and its like). Columns are known by their
 * heading; those that nobody asked for are let be. Ten thousand lines are nothing unusual.
 */
export function parseListing(text: string, columns: readonly string[], doing: string): Listing {
  const found = new Map<string, Map<string, Counts>>();
  let places: readonly number[] | undefined;
  let wordsMax = Number.POSITIVE_INFINITY;
  let own: Map<string, Counts> | undefined;
  for (const line of text.split('\n')) {
    const words = wordsOf(line, wordsMax);
    const [first = '', second = ''] = words;
    if (first === 'Prot') {
      const headings = words.slice(2);
      places = columns.map((column) => headings.indexOf(column));
      if (places.includes(-1)) throw unexpected(doing, line);
      wordsMax = 2 + Math.max(...places) + 1;
    }
    const flag = FLAGS[first];
    if (flag !== undefined) {
      const isIpv6Mark = flag === '-f' && words[2] === 'IPv6';
      own = new Map();
      found.set(`${flag} ${second}${isIpv6Mark ? ' -6' : ''}`, own);
    }
    if (first !== '->' || second === 'RemoteAddress:Port') continue;
    if (places === undefined || own === undefined) throw unexpected(doing, line);
    const counts = places.map((place) => {
      const word = words[place + 2] ?? '';
      if (!/^\d{1,16}$/.test(word)) throw unexpected(doing, line);
      return Number(word);
    });
    own.set(second, counts);
  }
  if (places === undefined) throw unexpected(doing, text);
  return found;
}

/** The first words of a line that is filled up with blanks. */
function wordsOf(line: string, wordsMax: number): readonly string[] {
  const words: string[] = [];
  let from = 0;
  while (from < line.length && words.length < wordsMax) {
    const blank = line.indexOf(' ', from);
    const to = blank < 0 ? line.length : blank;
    if (to > from) words.push(line.slice(from, to));
    from = to + 1;
  }
  return words;
}
