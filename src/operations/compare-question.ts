import type { Answer } from '../domain/answer.ts';
import { OperationError } from '../domain/errors.ts';
import type { Service } from '../domain/inventory.ts';
import { compare } from './compare.ts';
import type { WorkerContext } from './context.ts';

type Asked = { readonly service: Service } | { readonly pair: string };

/** The services that somebody asks about who asks to compare this; at least one of them must be theirs to see. */
export function servicesCompared(
  { inventory }: Pick<WorkerContext, 'inventory'>,
  asked: Asked,
): readonly Service[] {
  if ('service' in asked) return [asked.service];
  const found = [...inventory.services.values()].filter(({ pools }) =>
    pools.some(({ lane }) => lane === asked.pair),
  );
  if (found.length > 0) return found;
  throw new OperationError('USAGE', `No service lives on a pair ${asked.pair}.`);
}

/** Side by side: every pair and balancer that a service lives on, or a whole pair. */
export async function answerComparison(
  context: WorkerContext,
  asked: Asked,
  isVisible: (service: Service) => boolean,
): Promise<Answer> {
  const { inventory, clock } = context;
  const all = [...inventory.services.values()];
  const poolsOn = (of: string, services: readonly Service[]) =>
    services.flatMap((service) =>
      service.pools.filter(({ lane }) => lane === of).map(({ pool }) => pool),
    );
  const lanes =
    'service' in asked ? new Set(asked.service.pools.map(({ lane }) => lane)) : [asked.pair];
  const comparisons = await Promise.all(
    [...lanes].map((of) =>
      compare(context, {
        of,
        balancers: inventory.pairs.get(of)?.nodes ?? [of],
        pools: poolsOn(of, 'service' in asked ? [asked.service] : all.filter(isVisible)),
        isOnlyThese: 'service' in asked,
        hidden: new Set(
          poolsOn(
            of,
            all.filter((service) => !isVisible(service)),
          ),
        ),
      }),
    ),
  );
  const about = 'service' in asked ? asked.service.name : asked.pair;
  return { kind: 'comparison', about, comparisons, at: clock.now() };
}
