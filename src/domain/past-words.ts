import type { PoolOutlook } from './plan.ts'

/** What past predictions of a pool were off, in words. */
export function pastWords({ compared, error, bias }: NonNullable<PoolOutlook['past']>): string {
  const side =
    Math.abs(bias) < 0.05
      ? 'to neither side'
      : `${Math.abs(bias).toFixed(1)} too ${bias > 0 ? 'low' : 'high'}`
  const many = compared === 1 ? 'the one past prediction was' : `${compared} past predictions were`
  return `${many} off by ${error.toFixed(1)} points, ${side}`
}
