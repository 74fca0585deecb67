import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAsk } from '../../src/cli/client.ts'
import { type AskApi, createMcpServer } from '../../src/mcp/server.ts'
import { TOOLS } from '../../src/mcp/tools.ts'
import type { Asked, Operation } from '../../src/messages/operation.ts'
import { awaits, startedRun } from '../support/run-steps.ts'
import { REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const RUNS = 300

let app: TestApp
let planId = ''
beforeAll(async () => {
  app = await startTestApp()
  const { plan } = await startedRun(app)
  await app.until(plan.id, awaits())
  planId = plan.id
})
afterAll(() => app.stop())

const asUser = (user: string) =>
  createAsk({
    baseUrl: app.host.baseUrl,
    token: async () => app.users.find(({ name }) => name === user)?.token ?? '',
  })

async function assistant(ask: AskApi): Promise<Client> {
  const [own, other] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'a-test', version: '1' })
  await Promise.all([createMcpServer(ask, '1').connect(other), client.connect(own)])
  return client
}

const textOf = ({ content }: Awaited<ReturnType<Client['callTool']>>) =>
  Array.isArray(content) ? content.map(({ text }) => text).join('') : ''

test('these are all tools there are, and only two of them do more than read', async () => {
  const { tools } = await (await assistant(asUser('reader'))).listTools()
  expect(tools.map(({ name }) => name)).toEqual([
    ...[
      'fleet',
      'signals',
      'stamp',
      'policies',
      'what_if',
      'incidents',
      'readiness',
      'plans',
      'plan',
      'status',
      'waiting',
      'report',
    ],
    ...['calibration', 'figures', 'tickets', 'audit', 'verify_audit', 'scan', 'propose_plan'],
  ])
  const more = tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)
  expect(more.map(({ name }) => name)).toEqual(['scan', 'propose_plan'])
  expect(tools.every(({ annotations }) => annotations?.destructiveHint === false)).toBe(true)
  const propose = tools.find(({ name }) => name === 'propose_plan')
  expect(Object.keys(propose?.inputSchema.properties ?? {})).toEqual([
    'region',
    'customer',
    'stamp',
    'evacuate',
    'ramp',
  ])
})

test.each([
  ['fleet', {}, 'regions'],
  ['signals', { stamp: 's-a', pool: 'compute', hours: 2 }, 'hotNode'],
  ['stamp', { stamp: 's-a' }, 'replicas'],
  ['policies', {}, 'hotPercent'],
  ['what_if', { suppose: [{ kind: 'traffic', customer: null, factor: 2 }] }, 'wouldBe'],
  ['incidents', { region: REGION }, 'incidents'],
  ['readiness', {}, 'regions'],
  ['plans', {}, 'plans'],
  ['waiting', {}, 'restamp approve'],
  ['calibration', {}, 'regions'],
  ['figures', { days: 7 }, 'regions'],
  ['tickets', {}, 'tickets'],
  ['audit', { chain: 'fleet' }, 'there is no audit of fleet'],
  ['scan', { region: REGION }, 'scans'],
  ['propose_plan', { customer: TENANTS[0]?.customer }, 'rehearsal'],
])('%s answers as the API does', async (name, given, words) => {
  const answer = await (await assistant(asUser('operator'))).callTool({ name, arguments: given })
  expect(textOf(answer)).toContain(words)
})

test('a plan that waits is told with who can end it and what they type', async () => {
  const client = await assistant(asUser('reader'))
  const status = textOf(await client.callTool({ name: 'status', arguments: { id: planId } }))
  expect(status).toContain(`restamp approve ${planId}`)
  for (const name of ['plan', 'report'])
    expect(textOf(await client.callTool({ name, arguments: { id: planId } }))).toContain(planId)
  expect(textOf(await client.callTool({ name: 'verify_audit', arguments: { chain: planId } }))).toContain(
    'intact',
  )
})

describe('what can not be done is said in words', () => {
  test('who may not is told who may', async () => {
    const answer = await (await assistant(asUser('reader'))).callTool({ name: 'propose_plan', arguments: {} })
    expect([answer.isError, textOf(answer)]).toEqual([
      true,
      expect.stringContaining('takes Planner or Operator or Admin'),
    ])
  })

  test('an emergency, and an argument that is unknown, are refused before anybody is asked', async () => {
    const asked: string[] = []
    const client = await assistant(async ({ name }) => asked.push(name))
    for (const given of [{ urgency: 'emergency' }, { approve: true }])
      expect((await client.callTool({ name: 'propose_plan', arguments: given })).isError).toBe(true)
    expect(asked).toEqual([])
  })
})

test('whatever an assistant calls, nothing is asked that moves a tenant, and no answer, order or switch is on record', async () => {
  const met = new Set<string>()
  const real = asUser('operator')
  const record = async (operation: Operation, asked: Asked) => {
    met.add(`${operation.method} ${operation.name}`)
    if (operation.name === 'makePlan') expect(Object(asked.body).urgency).toBeUndefined()
    return real(operation, asked)
  }
  const client = await assistant(record)
  const before = await changing()
  const words = fc.oneof(
    fc.constantFrom(planId, 'approve', REGION, 's-a', 'compute', '../decisions', `${planId}/start`),
    fc.string(),
  )
  const call = fc.record({
    name: fc.constantFrom(...TOOLS.map(({ name }) => name)),
    given: fc.dictionary(
      fc.constantFrom('id', 'chain', 'region', 'stamp', 'pool', 'customer', 'urgency', 'reason', 'digest'),
      words,
    ),
  })
  await fc.assert(
    fc.asyncProperty(call, async ({ name, given }) => {
      await client.callTool({ name, arguments: given })
    }),
    { numRuns: RUNS },
  )
  const writes = [...met].filter((one) => one.startsWith('POST'))
  expect(writes.filter((one) => !['POST scanNow', 'POST makePlan'].includes(one))).toEqual([])
  expect(met.size).toBeGreaterThan(5)
  expect(await changing()).toEqual(before)
})

/** All records but those of telemetry, plans and rehearsals. */
async function changing() {
  const told = [
    'decisions',
    'controls',
    'switches',
    'moves',
    'runs',
    'autonomy',
    'evidence',
    'tickets',
  ] as const
  return Object.fromEntries(
    await Promise.all(
      told.map(async (name) => [name, await app.ports.records.list(name, { limit: 1000 })] as const),
    ),
  )
}

test('over standard input and output, as an assistant starts it', async () => {
  const state = mkdtempSync(join(tmpdir(), 'restamp-mcp-'))
  writeFileSync(
    join(state, 'session.json'),
    JSON.stringify({ baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }),
  )
  const client = new Client({ name: 'a-test', version: '1' })
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, 'mcp', '--state', state, '--as', 'reader'],
      stderr: 'pipe',
    }),
  )
  try {
    expect(client.getServerVersion()?.name).toBe('restamp')
    expect(client.getInstructions()).toContain('no answer is never yes')
    expect(textOf(await client.callTool({ name: 'plans', arguments: {} }))).toContain(planId)
  } finally {
    await client.close()
    rmSync(state, { recursive: true, force: true })
  }
})
