import type { Decision } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'

/** A gate is answered at most so often: once, and anew after each reversal or expiry. */
const ANSWERS_MAX = 100

/** A gate's answers, oldest first. */
export async function decisionsOn(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  gate: string,
): Promise<readonly Decision[]> {
  const stored = await records.list('decisions', { prefix: `${planId}/${gate}/`, limit: ANSWERS_MAX })
  return stored.map(({ value }) => value).toSorted((a, b) => a.atMs - b.atMs)
}

/** When a gate's batch was last judged worse; answers from before that are answers to another question. */
export async function lastWorseMs(
  ports: Pick<Ports, 'records'>,
  planId: string,
  gate: string,
): Promise<number> {
  const worse = (await evaluationsOf(ports, planId, gate)).filter((seen) => seen.verdict === 'worse')
  return Math.max(0, ...worse.map((seen) => seen.atMs))
}

const EVALUATIONS_MAX = 10_000

export async function evaluationsOf({ records }: Pick<Ports, 'records'>, planId: string, gate: string) {
  const stored = await records.list('evaluations', { prefix: `${planId}/${gate}/`, limit: EVALUATIONS_MAX })
  return stored.map(({ value }) => value)
}
