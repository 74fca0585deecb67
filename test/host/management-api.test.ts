import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHost, type Host } from '../../src/host/host.ts'
import { control, instance, raise, start } from './driving.ts'
import { api, isStatus, keepAndHold, oneOfEach } from './one-of-each.ts'
import { appFolder, jan1Ms, smallHost } from './small-host.ts'

const dayMs = 86_400_000
const json = { 'content-type': 'application/json' }

describe('a request about one instance', () => {
  let host: Host
  beforeAll(async () => {
    host = await createHost({
      ...{ appDir: appFolder(), hub: 'memory', clock: 'skip', startAtMs: jan1Ms, port: 0, load: keepAndHold },
    })
    await oneOfEach(host)
  })
  afterAll(() => host.stop())

  it.each([
    ['GET', 'instances/completed', 200, undefined],
    ['GET', 'instances/completed/', 200, undefined],
    ['GET', 'INSTANCES/completed', 200, undefined],
    ['GET', 'instances/failed', 200, undefined],
    ['GET', 'instances/failed?returnInternalServerErrorOnFailure=true', 500, undefined],
    ['GET', 'instances/completed?returnInternalServerErrorOnFailure=true', 200, undefined],
    ['GET', 'instances/terminated', 200, undefined],
    ['GET', 'instances/running', 202, undefined],
    ['GET', 'instances/suspended', 202, undefined],
    ['GET', 'instances/never', 404, ''],
    ['GET', 'instances/completed?taskHub=other', 404, ''],
    ['PUT', 'instances/completed', 404, ''],
    ['GET', 'orchestrators/Keep/x', 404, ''],
    ['POST', 'orchestrators/Keep/a%2Fb', 404, ''],
    [
      'POST',
      'orchestrators/Keep/running',
      409,
      /"An Orchestration instance with the status Running already exists."/,
    ],
    ['POST', 'orchestrators/Keep/suspended', 409, /status Suspended already exists/],
    ['POST', 'instances/running/raiseEvent/other', 202, ''],
    ['POST', 'instances/suspended/raiseEvent/other', 202, ''],
    ['POST', 'instances/completed/raiseEvent/go', 410, ''],
    ['POST', 'instances/failed/raiseEvent/go', 410, ''],
    ['POST', 'instances/terminated/raiseEvent/go', 410, ''],
    ['POST', 'instances/never/raiseEvent/go', 404, ''],
    ['POST', 'instances/running/raiseEvent/', 404, ''],
    ['GET', 'instances/running/raiseEvent/go', 404, ''],
    [
      'POST',
      'instances/suspended/suspend',
      500,
      /Cannot suspend the orchestration instance suspended because instance is in the Suspended state/,
    ],
    [
      'POST',
      'instances/running/resume',
      500,
      /Cannot resume the orchestration instance running because instance is in the Running state/,
    ],
    ...['terminate', 'suspend', 'resume'].flatMap((verb) => [
      ['POST', `instances/completed/${verb}`, 410, ''] as const,
      ['POST', `instances/never/${verb}`, 404, ''] as const,
      ['GET', `instances/running/${verb}`, 404, ''] as const,
    ]),
    ['POST', 'instances/never/rewind', 404, /No orchestration with instance ID \\"\$never\\" found/],
    [
      'POST',
      'instances/completed/rewind',
      412,
      /This orchestration has status Completed, but only orchestrations in the/,
    ],
    ['POST', 'instances/never/restart', 400, /InstanceId does not match a valid orchestration instance/],
    [
      'POST',
      'instances/running/restart?restartWithNewInstanceId=false',
      409,
      /A non-terminal instance with this instance ID already exists/,
    ],
    ['POST', 'instances/running/explode', 404, ''],
    ['DELETE', 'instances/never', 404, ''],
    [
      'DELETE',
      'instances/running',
      412,
      /Only orchestrations in a terminal state can be purged, but the orchestration with instance ID running has status Running/,
    ],
    ['DELETE', 'instances/suspended', 412, /has status Suspended/],
    ['DELETE', 'instances', 400, /Please provide value for 'createdTimeFrom' parameter/],
    ['POST', 'instances', 404, ''],
  ] as const)('%s %s is answered %i', async (method, path, status, text) => {
    const body = method === 'POST' ? { body: '1', headers: json } : {}
    const response = await fetch(api(host, path), { method, ...body })
    expect(response.status).toBe(status)
    const got = await response.text()
    if (text instanceof RegExp) expect(got).toMatch(text)
    else if (text !== undefined) expect(got).toBe(text)
  })

  it.each([
    ['1', {}, 'Only application/json request content is supported'],
    ['1', { 'content-type': 'text/plain' }, 'Only application/json request content is supported'],
    ['', json, 'Invalid JSON content'],
    ['{bad', json, 'Invalid JSON content'],
  ])('an event with the body %j and the headers %j is refused', async (body, headers, message) => {
    const bytes = new TextEncoder().encode(body)
    const response = await fetch(api(host, 'instances/running/raiseEvent/go'), {
      method: 'POST',
      headers,
      body: bytes,
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ Message: message })
  })

  it('without the system key is answered 401 and nothing else', async () => {
    for (const code of ['', '?code=wrong']) {
      const response = await fetch(`${host.baseUrl}/runtime/webhooks/durabletask/instances/completed${code}`)
      expect([response.status, await response.text()]).toEqual([401, ''])
    }
  })

  it('of a running one says where to look again and when', async () => {
    const { headers, url } = await fetch(api(host, 'instances/running?showInput=false'))
    expect(headers.get('retry-after')).toBe('5')
    expect(headers.get('location')).toBe(url)
  })

  it.each([
    ['', { n: 1 }],
    ['?showInput=false', null],
    ['?SHOWINPUT=False', null],
    ['?showInput=nonsense', { n: 1 }],
  ])('shows the input as %j says', async (query, input) => {
    expect((await instance(host, 'completed', query)).input).toEqual(input)
  })

  it('shows the history where asked to, and results where asked for those', async () => {
    expect(await instance(host, 'completed')).not.toHaveProperty('historyEvents')
    const plain = await instance(host, 'completed', '?showHistory=true')
    expect(plain.historyEvents?.map(({ EventType }) => EventType)).toEqual([
      'ExecutionStarted',
      'ExecutionCompleted',
    ])
    expect(plain.historyEvents?.at(-1)).not.toHaveProperty('Result')
    const whole = await instance(host, 'completed', '?showHistory=true&showHistoryOutput=true')
    expect(whole.historyEvents?.at(-1)?.Result).toEqual({ n: 1 })
    const bare = await instance(host, 'completed', '?showHistory=true&showInput=false')
    expect(bare.historyEvents?.[0]).not.toHaveProperty('Input')
  })

  it('that is suspended shows the reason', async () => {
    expect((await instance(host, 'suspended')).output).toBe('a while')
  })
})

describe('a purge', () => {
  it('of one instance takes that instance, once', async () => {
    const host = await smallHost({ load: keepAndHold })
    await oneOfEach(host)
    const purge = () => fetch(api(host, 'instances/completed'), { method: 'DELETE' })
    const first = await purge()
    expect([first.status, await first.json()]).toEqual([200, { instancesDeleted: 1 }])
    expect((await purge()).status).toBe(404)
    expect((await instance(host, 'failed')).runtimeStatus).toBe('Failed')
  })

  it.each([
    [`?createdTimeFrom=${new Date(jan1Ms + dayMs).toISOString()}`, 404, undefined],
    [`?createdTimeFrom=2025-01-01&createdTimeTo=2025-02-01`, 404, undefined],
    ['?createdTimeFrom=2025-01-01&runtimeStatus=Running', 200, 5],
    ['?createdTimeFrom=2025-01-01&runtimeStatus=Failed', 200, 1],
    ['?createdTimeFrom=2025-01-01&runtimeStatus=Failed,Completed,Terminated', 200, 3],
  ])('of all with %s is answered %i', async (query, status, deleted) => {
    const host = await smallHost({ load: keepAndHold })
    await oneOfEach(host)
    const response = await fetch(api(host, `instances${query}`), { method: 'DELETE' })
    expect(response.status).toBe(status)
    if (deleted !== undefined) expect(await response.json()).toEqual({ instancesDeleted: deleted })
    const left = await (await fetch(api(host, 'instances'))).json()
    expect(left).toHaveLength(5 - (deleted ?? 0))
  })

  it('lets a message that was on its way to the instance go nowhere', async () => {
    const host = await smallHost({ load: keepAndHold })
    await start(host, 'Hold', 'h', null)
    await isStatus(host, 'h', 'Running')
    await control(host, 'h', 'terminate')
    await isStatus(host, 'h', 'Terminated')
    expect((await fetch(api(host, 'instances/h'), { method: 'DELETE' })).status).toBe(200)
    expect(await raise(host, 'h', 'go', 1)).toBe(404)
    await start(host, 'Hold', 'h', null)
    await isStatus(host, 'h', 'Running')
  })
})
