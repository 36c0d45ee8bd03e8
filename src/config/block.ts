import { z } from 'zod';

/**
 * An object of exactly these keys. The message of its fault is what was expected, for unknown keys the list of
 * the known ones.
 */
export function block<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : `a block with ${keys}`),
  });
}
