/** `*`, `?`, `[…]` as glob(3) reads them; a name that begins with a dot is meant only by a dot. */
export function matchesGlob(pattern: string, path: string): boolean {
  return regexOf(pattern).test(path);
}

/** Whether a pattern means files by more than their one name. */
export function isPattern(text: string): boolean {
  return /[*?[]/u.test(text);
}

function regexOf(pattern: string): RegExp {
  let source = '';
  let isFirst = true;
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern.charAt(at);
    const noDot = isFirst ? '(?!\\.)' : '';
    isFirst = sign === '/';
    if (sign === '*') source += `${noDot}[^/]*`;
    else if (sign === '?') source += `${noDot}[^/]`;
    else if (sign === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) source += '\\[';
      else {
        const inside = pattern
          .slice(at + 1, end)
          .replace(/^!/u, '^')
          .replace(/[\\[]/gu, '\\$&');
        source += `${noDot}[${inside}]`;
        at = end;
      }
    } else source += sign.replace(/[.+^${}()|\\\]]/u, '\\$&');
  }
  return new RegExp(`^${source}$`, 'u');
}
