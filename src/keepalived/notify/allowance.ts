/** A bucket that fills with time: `perSecond` of it each second, up to `burst`. */
export function allowance(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  now: () => number,
): (amount?: number) => boolean {
  let left = burst;
  let since = now();
  return (amount = 1) => {
    const at = now();
    // A clock that is set back gives nothing, and takes nothing.
    left = Math.min(burst, left + (Math.max(0, at - since) / 1_000) * perSecond);
    since = at;
    if (left < amount) return false;
    left -= amount;
    return true;
  };
}
