import type { Action, Principal, Role } from '../domain/principal.ts'

/** Which role sees which button. The server decides; a test holds this against the authorizer of the domain. */
const ROLES: Readonly<Record<Exclude<Action, 'read'>, readonly Role[]>> = {
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

export function may(principal: Principal, action: Exclude<Action, 'read'>): boolean {
  return ROLES[action].some((role) => principal.roles.includes(role))
}
