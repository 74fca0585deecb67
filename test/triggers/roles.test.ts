import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Role } from '../../src/domain/principal.ts'
import { Problem } from '../../src/messages/api.ts'
import type { Operation } from '../../src/messages/operation.ts'
import { OPERATIONS } from '../../src/messages/operations.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const ROLES = Role.options
const people = ROLES.map((role) => ({ name: `only-${role}`, roles: [role], token: `a-token-of-${role}` }))

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ people })
})
afterAll(() => app.stop())

const READERS = ['Reader', 'Planner', 'Approver', 'Operator', 'Admin']
const PLANNERS = ['Planner', 'Operator', 'Admin']
const OPERATORS = ['Operator', 'Admin']
const APPROVERS = ['Approver', 'Admin']
const BRAKES = ['Approver', 'Operator', 'Admin']

/** Who may ask what, written by hand: nothing here is worked out from the code. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  ...{ readStamp: READERS, readPolicies: READERS, comparePolicy: READERS, whatIf: PLANNERS },
  ...{ me: READERS, fleet: READERS, signals: READERS, latestScan: READERS, readiness: READERS },
  ...{ listIncidents: READERS, readCalibration: READERS, readFigures: READERS, listPlans: READERS },
  ...{ listWaiting: READERS, readPlan: READERS, readStatus: READERS, readReport: READERS },
  ...{ listSwitches: READERS, listAutonomy: READERS, listTickets: READERS, readAudit: READERS },
  ...{ verifyAudit: READERS, readOpenApi: READERS, doctor: OPERATORS },
  ...{ scanNow: PLANNERS, makePlan: PLANNERS, startRun: PLANNERS, rightSize: PLANNERS },
  ...{ decide: APPROVERS, gatherEvidence: APPROVERS },
  ...{ 'order-hold': BRAKES, 'order-observation': BRAKES, stepAutonomy: BRAKES },
  ...{ 'order-resume': OPERATORS, 'order-abort': OPERATORS, 'order-rollback': OPERATORS },
  ...{ 'order-skip': OPERATORS, turnSwitch: OPERATORS, putTicket: OPERATORS },
  ...{ resolveIncident: OPERATORS, acceptMisses: OPERATORS },
  customerReport: ['Planner', 'Approver', 'Operator', 'Admin'],
  takeAlert: ['Alerter', 'Operator', 'Admin'],
  setClock: ['Planner', 'Approver', 'Operator', 'Admin'],
  // Whoever signs the body, and nobody by a token.
  takeTicket: [],
}

const nowhere = ({ path }: Operation) => path.replaceAll(/\{\w+\}/g, 'nowhere')
const askAs = (role: string, operation: Operation, body: unknown = '{') =>
  app.ask(`only-${role}`, operation.method, nowhere(operation), operation.method === 'GET' ? undefined : body)

test('the table names each operation, and nothing else', () => {
  expect(Object.keys(MAY).toSorted()).toEqual(Object.keys(OPERATIONS).toSorted())
  for (const [key, { name }] of Object.entries(OPERATIONS)) expect(name).toBe(key)
})

describe.each(Object.values<Operation>(OPERATIONS))('$name', (operation) => {
  test('may be asked by whom the table names, and is refused to all others', async () => {
    for (const role of ROLES) {
      const { status, body } = await askAs(role, operation)
      const may = MAY[operation.name]?.includes(role)
      if (may) expect([role, [401, 403, 500, 502, 503].includes(status)]).toEqual([role, false])
      else if (operation.proof) expect([role, status]).toEqual([role, 401])
      else expect([role, status, Problem.parse(body).type]).toEqual([role, 403, '/problems/not-allowed'])
    }
  })

  test('is refused to whoever shows no token, or a foreign one', async () => {
    for (const authorization of ['', 'Bearer of-another-start', 'Basic Zm9vOmJhcg==']) {
      const path = nowhere(operation)
      const body = operation.method === 'GET' ? undefined : '{}'
      expect((await app.ask('', operation.method, path, body, { authorization })).status).toBe(401)
    }
  })
})

describe('what is in the body may ask for more', () => {
  test.each([
    ['an emergency plan', OPERATIONS.makePlan, { urgency: 'emergency', customer: 'nobody' }, OPERATORS],
    [
      'an early end of an observation',
      OPERATIONS['order-observation'],
      { set: 'end', reason: 'seen enough' },
      APPROVERS,
    ],
    [
      'a confirmation of autonomy',
      OPERATIONS.stepAutonomy,
      { region: 'nowhere', phase: 'tail', step: 'confirmed', reason: 'we trust it' },
      APPROVERS,
    ],
  ])('%s', async (_, operation, body, may) => {
    const answers = await Promise.all(ROLES.map((role) => askAs(role, operation, body)))
    expect(ROLES.filter((__, at) => answers[at]?.status !== 403).toSorted()).toEqual(may.toSorted())
  })
})
