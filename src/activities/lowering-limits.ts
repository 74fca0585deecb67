import { headroomAt } from '../domain/headroom.ts'
import type { Plan } from '../domain/plan.ts'
import type { Evaluation } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import { poolPeak } from '../queries/headroom.ts'
import { changesOf, standingOf } from '../queries/lowerings.ts'

/** Why a batch's minimums may not be lowered: the proof of headroom is made anew on fresh telemetry, right before it. */
export async function headroomProblems(ports: Ports, plan: Plan, gate: string): Promise<string[]> {
  const problems: string[] = []
  for (const { stamp, pool, to } of loweringsAt(plan, gate)) {
    const peak = await poolPeak(ports, plan.policy, { stamp, role: pool, atNodes: to })
    if (peak.kind === 'unknown') {
      problems.push(`the peak of ${stamp} ${pool} can't be forecast, insufficient data: ${peak.words}`)
      continue
    }
    const { proven, words } = headroomAt(peak, to, plan.policy)
    if (!proven) problems.push(`${stamp} ${pool} has no headroom for ${to} nodes: ${words}`)
  }
  return problems
}

/** Whether a batch's last look came after all its minimums were lowered, or what of it stands though judged worse. */
export async function loweringsPassed(
  ports: Pick<Ports, 'records'>,
  plan: Plan,
  { gate, seen, ended }: { readonly gate: string; readonly seen: Evaluation; readonly ended: boolean },
): Promise<{ readonly passed: boolean; readonly worse?: string }> {
  const standing = []
  for (const { stamp, pool } of loweringsAt(plan, gate)) {
    const log = await changesOf(ports, plan.id, { stamp, pool })
    standing.push(standingOf(log).find((each) => each.gate === gate))
  }
  if (seen.verdict === 'worse') {
    const isHarmful = standing.some((each) => each !== undefined && each.begunMs <= seen.atMs)
    return { passed: false, ...(isHarmful ? { worse: seen.words } : {}) }
  }
  const isLast = seen.final === true && (seen.verdict === 'betterOrEqual' || ended)
  const areDone = standing.every((each) => each?.outcome?.kind === 'done' && each.outcome.atMs <= seen.atMs)
  return { passed: isLast && areDone }
}

function loweringsAt({ lowerings = [] }: Plan, gate: string) {
  return lowerings.filter(({ batch }) => `right-size-${batch}` === gate)
}
