import type { ConfigFault } from './fault.ts';

/**
 * Faults as lines for a person, the paths aligned:
 * `inventory.yml:12  services.shop.pools[0].on: expected …, got …`.
 */
export function faultReport(faults: readonly ConfigFault[], fileName?: string): string {
  const places = faults.map(({ line }) => {
    if (fileName === undefined) return '';
    return line === undefined ? fileName : `${fileName}:${line}`;
  });
  const placeWidth = Math.max(0, ...places.map((place) => place.length));
  const pathWidth = Math.min(48, Math.max(0, ...faults.map(({ path }) => path.length + 1)));
  return faults
    .map(({ path, expected, got }, index) => {
      const place = placeWidth === 0 ? '' : `${(places[index] ?? '').padEnd(placeWidth)}  `;
      return `${place}${`${path}:`.padEnd(pathWidth)} expected ${expected}, got ${got}`;
    })
    .join('\n');
}
