import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAsk } from '../../src/cli/client.ts'
import { Role } from '../../src/domain/principal.ts'
import { createMcpServer } from '../../src/mcp/server.ts'
import { TOOLS } from '../../src/mcp/tools.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const ROLES = Role.options
const READERS = ['Reader', 'Planner', 'Approver', 'Operator', 'Admin']
const PLANNERS = ['Planner', 'Operator', 'Admin']
const PLAN = { id: 'plan-00000000' }

/** What each tool is asked with, and in whose name it may be. By hand. */
const MAY: Readonly<Record<string, readonly [given: object, may: readonly string[]]>> = {
  ...{ fleet: [{}, READERS], signals: [{ stamp: 's-a', pool: 'compute' }, READERS] },
  ...{ stamp: [{ stamp: 's-a' }, READERS], policies: [{}, READERS], incidents: [{}, READERS] },
  ...{ readiness: [{}, READERS], plans: [{}, READERS], plan: [PLAN, READERS], status: [PLAN, READERS] },
  ...{ waiting: [{}, READERS], report: [PLAN, READERS], calibration: [{}, READERS], figures: [{}, READERS] },
  ...{
    tickets: [{}, READERS],
    audit: [{ chain: 'fleet' }, READERS],
    verify_audit: [{ chain: 'fleet' }, READERS],
  },
  what_if: [{ suppose: [{ kind: 'traffic', customer: null, factor: 2 }] }, PLANNERS],
  scan: [{}, PLANNERS],
  propose_plan: [{}, PLANNERS],
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({
    people: ROLES.map((role) => ({ name: `only-${role}`, roles: [role], token: `a-token-of-${role}` })),
  })
})
afterAll(() => app.stop())

test('the table names each tool, and nothing else', () => {
  expect(Object.keys(MAY).toSorted()).toEqual(TOOLS.map(({ name }) => name).toSorted())
})

test.each(ROLES)('an assistant of somebody who is %s only may what they may', async (role) => {
  const [own, other] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'a-test', version: '1' })
  const ask = createAsk({ baseUrl: app.host.baseUrl, token: async () => `a-token-of-${role}` })
  await Promise.all([createMcpServer(ask, '1').connect(other), client.connect(own)])
  for (const [name, [given, may]] of Object.entries(MAY)) {
    const answer = await client.callTool({ name, arguments: { ...given } })
    const isRefused = / has .*; to \w+ takes /.test(JSON.stringify(answer.content))
    expect([name, isRefused]).toEqual([name, !may.includes(role)])
  }
  await client.close()
})
