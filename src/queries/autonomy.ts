import { type AutonomyLevel, type AutonomyStep, levelOf, type Standing } from '../domain/autonomy.ts'
import { isMiss } from '../domain/calibration.ts'
import type { MovePhase, Plan } from '../domain/plan.ts'
import type { Policy } from '../domain/policy.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'

const NUMBER_MAX = 999_999
const NUMBER_WIDTH = 6

type Of = { readonly region: string; readonly phase: MovePhase }

/** The newest step of a phase, and the id that the next one will have: ids sort newest first. */
async function newest({ records }: Pick<Ports, 'records'>, { region, phase }: Of) {
  const prefix = `${region}/${phase}/`
  const [last] = await records.list('autonomy', { prefix, limit: 1 })
  const number = last ? NUMBER_MAX - Number(last.id.slice(prefix.length)) : 0
  const nextId = `${prefix}${String(NUMBER_MAX - number - 1).padStart(NUMBER_WIDTH, '0')}`
  return { last: last?.value, nextId }
}

/** Where a phase's autonomy stands in a region, from records alone. */
export async function autonomyStanding(
  ports: Pick<Ports, 'records'>,
  of: Of,
  policy: Pick<Policy, 'autonomy'>,
): Promise<Standing> {
  const { last } = await newest(ports, of)
  return { allowed: policy.autonomy, last, brokenMs: await brokenMs(ports, of.region) }
}

export async function autonomyLevel(
  ports: Pick<Ports, 'records'>,
  of: Of,
  policy: Pick<Policy, 'autonomy'>,
): Promise<AutonomyLevel> {
  return levelOf(of.phase, await autonomyStanding(ports, of, policy))
}

/** Up to when an opening by autonomy is a person's again; 0 where the plan's policy lets nothing open by itself. Epoch ms. */
export async function autonomyBrokenMs(
  ports: Pick<Ports, 'records'>,
  { region, policy }: Pick<Plan, 'region' | 'policy'>,
): Promise<number> {
  return Object.values(policy.autonomy).includes('autonomous') ? brokenMs(ports, region) : 0
}

/** When a move of the region last went home again, or a prediction was missed. */
async function brokenMs({ records }: Pick<Ports, 'records'>, region: string): Promise<number> {
  const moves = await everyValue(records, 'moves')
  const home = moves.flatMap(({ direction, replica, begunMs, steps }) =>
    direction === 'reverse' && replica.endsWith(`@${region}`) ? [begunMs ?? steps[0]?.atMs ?? 0] : [],
  )
  const missed = (await everyValue(records, 'predictions', `${region}/`)).flatMap((value) =>
    isMiss(value) && !value.accepted ? [value.comparedAtMs] : [],
  )
  return Math.max(0, ...home, ...missed)
}

/** Puts a step on record; `overtaken` when somebody else wrote at the same moment. */
export async function takeStep(
  ports: Pick<Ports, 'records'>,
  step: AutonomyStep,
): Promise<'taken' | 'overtaken'> {
  const { nextId } = await newest(ports, step)
  return (await ports.records.create('autonomy', nextId, step)) === 'created' ? 'taken' : 'overtaken'
}
