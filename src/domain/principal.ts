import { z } from 'zod'

export const Role = z.enum(['Reader', 'Planner', 'Approver', 'Operator', 'Admin', 'Alerter'])
export type Role = z.infer<typeof Role>

/** Who asks: comes with every request, on every surface. */
export const Principal = z.object({ name: z.string().min(1), roles: z.array(Role) })
export type Principal = z.infer<typeof Principal>

/** What can be asked for. An alerter may tell of alerts, which only start scans; timers act as no principal. */
export type Action =
  | 'read'
  | 'scan'
  | 'plan'
  | 'planEmergency'
  | 'start'
  | 'decide'
  | 'hold'
  | 'resume'
  | 'rollback'
  | 'abort'
  | 'switch'
  | 'skip'
  | 'extendObservation'
  | 'endObservation'
  | 'alert'
  | 'tell'
  | 'examine'
  | 'ticket'
  | 'clock'

const ALLOWED: Readonly<Record<Action, readonly Role[]>> = {
  read: ['Reader', 'Planner', 'Approver', 'Operator', 'Admin'],
  scan: ['Planner', 'Operator', 'Admin'],
  plan: ['Planner', 'Operator', 'Admin'],
  planEmergency: ['Operator', 'Admin'],
  start: ['Planner', 'Operator', 'Admin'],
  decide: ['Approver', 'Admin'],
  hold: ['Operator', 'Approver', 'Admin'],
  resume: ['Operator', 'Admin'],
  rollback: ['Operator', 'Admin'],
  abort: ['Operator', 'Admin'],
  switch: ['Operator', 'Admin'],
  skip: ['Operator', 'Admin'],
  extendObservation: ['Operator', 'Approver', 'Admin'],
  endObservation: ['Approver', 'Admin'],
  alert: ['Alerter', 'Operator', 'Admin'],
  tell: ['Planner', 'Approver', 'Operator', 'Admin'],
  examine: ['Operator', 'Admin'],
  ticket: ['Operator', 'Admin'],
  clock: ['Planner', 'Approver', 'Operator', 'Admin'],
}

/** The one authorizer of all surfaces: undefined when allowed, else why not and who may. */
export function refusal(principal: Principal, action: Action): string | undefined {
  if (ALLOWED[action].some((role) => principal.roles.includes(role))) return undefined
  return `${principal.name} has ${principal.roles.join(', ') || 'no role'}; to ${action} takes ${ALLOWED[action].join(' or ')}`
}

/** Whether two names are one person's; sign-in names differ in case from one place to another. */
export function samePerson(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Who asked for a plan may not approve it. */
export function decisionRefusal(principal: Principal, requestedBy: string): string | undefined {
  if (!samePerson(principal.name, requestedBy)) return undefined
  return `${principal.name} asked for this plan and so may not decide on it; ask another approver`
}
