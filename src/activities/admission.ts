import type { z } from 'zod'
import type { Plan } from '../domain/plan.ts'
import { switchAgainst, switchWords } from '../domain/switches.ts'
import type { AdmitMoves } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { switchesOver } from '../queries/switches.ts'

type Input = z.infer<typeof AdmitMoves.input>
type Answer = z.infer<typeof AdmitMoves.output>
type Blocked = Extract<Answer, { kind: 'blocked' }>

/** Says which of a batch's replicas may begin to move now, or what keeps all of them. Reads everything anew each time. */
export const createAdmitMoves =
  (ports: Pick<Ports, 'records' | 'clock'>) =>
  async ({ planId, digest, replicas }: Input): Promise<Answer> => {
    const plan = (await ports.records.read('plans', planId))?.value
    if (plan?.digest !== digest)
      return { kind: 'refused', reason: `plan ${planId} has another digest than was approved` }
    return (await switchedOff(ports, plan)) ?? { kind: 'admitted', replicas }
  }

async function switchedOff(ports: Pick<Ports, 'records'>, plan: Plan): Promise<Blocked | undefined> {
  const against = switchAgainst(await switchesOver(ports, plan.region), 'newMove')
  return (
    against && { kind: 'blocked', rule: 'switch', reason: switchWords(against), untilMs: null, person: true }
  )
}
