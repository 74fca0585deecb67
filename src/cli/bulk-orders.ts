import { CommanderError } from 'commander'
import { ENDED } from '../domain/run.ts'
import type { PlanList, StatusView } from '../messages/api.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { DRY_RUN } from './dry-run.ts'
import { EXIT, type ExitCode } from './io.ts'
import { progressLine } from './show-status.ts'

export interface PlansAsked {
  readonly plans: readonly string[]
  /** Every run under way instead; of one region where one is named. */
  readonly all?: boolean | undefined
  readonly region?: string | undefined
}

/** What became of one plan of several. */
export interface ItemResult {
  readonly planId: string
  readonly exitCode: ExitCode
  readonly words: string
}

const NOT_UNDER_WAY: readonly string[] = ['not started', ...ENDED]

/** The plans that are meant. Throws `CliError` where that is nobody's guess, or nothing. */
export async function plansOf(
  { plans, all, region }: PlansAsked,
  connected: () => Promise<Client>,
): Promise<string[]> {
  if (all !== true && region === undefined) {
    if (plans.length > 0) return [...new Set(plans)]
    throw new CliError('Name plans, or take --all, of one region with --region', EXIT.usage)
  }
  if (plans.length > 0) throw new CliError('Name plans or take --all, not both', EXIT.usage)
  const underWay = (await (await connected()).plans()).plans.filter((plan) => isMeant(plan, region))
  if (underWay.length > 0) return underWay.map(({ id }) => id)
  throw new CliError(`No run is under way${region ? ` in ${region}` : ''}`, EXIT.no)
}

function isMeant(plan: PlanList['plans'][number], region: string | undefined): boolean {
  return !NOT_UNDER_WAY.includes(plan.status) && (region === undefined || plan.region === region)
}

/** Asks for each plan, one after another; what is refused for one keeps none of the others. */
export async function forEach(
  plans: readonly string[],
  order: (planId: string) => Promise<StatusView>,
): Promise<ItemResult[]> {
  const results: ItemResult[] = []
  for (const planId of plans) results.push(await resultOf(planId, order))
  return results
}

async function resultOf(planId: string, order: (planId: string) => Promise<StatusView>): Promise<ItemResult> {
  try {
    return { planId, exitCode: EXIT.done, words: progressLine(await order(planId)).trimEnd() }
  } catch (error) {
    if (error instanceof CliError) return { planId, exitCode: error.exitCode, words: error.message }
    if (error instanceof CommanderError && error.code === DRY_RUN)
      return { planId, exitCode: EXIT.done, words: 'nothing speaks against it' }
    throw error
  }
}

/** That of the worst item. */
export function worstExit(results: readonly ItemResult[]): ExitCode {
  const worstFirst = [EXIT.dependency, EXIT.usage, EXIT.no]
  return worstFirst.find((code) => results.some(({ exitCode }) => exitCode === code)) ?? EXIT.done
}
