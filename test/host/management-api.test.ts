import * as df from 'durable-functions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHost, type Host } from '../../src/host/host.ts'
import { control, instance, raise, start, until } from './driving.ts'
import { appFolder, jan1Ms, smallHost } from './small-host.ts'

const dayMs = 86_400_000
const json = { 'content-type': 'application/json' }

function load() {
  // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
  df.app.orchestration('Keep', function* (context) {
    if (context.df.getInput() === 'fail') throw new Error('asked for')
    return context.df.getInput()
  })
  df.app.orchestration('Hold', function* (context) {
    return yield context.df.waitForExternalEvent('go')
  })
}

const api = ({ baseUrl, systemKey }: Host, path: string) => {
  const url = new URL(`${baseUrl}/runtime/webhooks/durabletask/${path}`)
  url.searchParams.set('code', systemKey)
  return url
}
const isStatus = (host: Host, id: string, status: string) =>
  until(
    () => instance(host, id),
    ({ runtimeStatus }) => runtimeStatus === status,
  )

/** One instance of each status, under the name of its status. */
async function oneOfEach(host: Host): Promise<void> {
  await start(host, 'Keep', 'completed', { n: 1 })
  await start(host, 'Keep', 'failed', 'fail')
  for (const id of ['running', 'suspended', 'terminated']) {
    await start(host, 'Hold', id, null)
    await isStatus(host, id, 'Running')
  }
  await control(host, 'suspended', 'suspend', 'a%20while')
  await control(host, 'terminated', 'terminate', 'enough')
  for (const status of ['Completed', 'Failed', 'Suspended', 'Terminated'])
    await isStatus(host, status.toLowerCase(), status)
}

describe('a request about one instance', () => {
  let host: Host
  beforeAll(async () => {
    host = await createHost({
      ...{ appDir: appFolder(), hub: 'memory', clock: 'skip', startAtMs: jan1Ms, port: 0, load },
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

describe('a start', () => {
  it('is answered with links that work, and a new id of 32 hex digits', async () => {
    const host = await smallHost({ load })
    const response = await fetch(api(host, 'orchestrators/Hold'), { method: 'POST' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '10'])
    const links = await response.json()
    expect(links.id).toMatch(/^[\da-f]{32}$/)
    expect(Object.keys(links).toSorted()).toEqual([
      ...['id', 'purgeHistoryDeleteUri', 'restartPostUri', 'resumePostUri', 'sendEventPostUri'],
      ...['statusQueryGetUri', 'suspendPostUri', 'terminatePostUri'],
    ])
    expect(response.headers.get('location')).toBe(links.statusQueryGetUri)
    await isStatus(host, links.id, 'Running')
    const post = (url: string) => fetch(url.replace('{text}', 'why'), { method: 'POST' })
    expect((await post(links.suspendPostUri)).status).toBe(202)
    await isStatus(host, links.id, 'Suspended')
    expect((await post(links.resumePostUri)).status).toBe(202)
    await isStatus(host, links.id, 'Running')
    const event = links.sendEventPostUri.replace('{eventName}', 'go')
    expect((await fetch(event, { method: 'POST', headers: json, body: '5' })).status).toBe(202)
    expect((await isStatus(host, links.id, 'Completed')).output).toBe(5)
    expect((await fetch(links.purgeHistoryDeleteUri, { method: 'DELETE' })).status).toBe(200)
    expect((await fetch(links.statusQueryGetUri)).status).toBe(404)
  })

  it('waits for the end as long as it is told to', async () => {
    const host = await smallHost({ load })
    const post = async (path: string, body: string) =>
      fetch(api(host, `orchestrators/${path}`), { method: 'POST', body })
    const done = await post('Keep/a?timeout=10&pollingInterval=1', '[1]')
    expect([done.status, await done.json()]).toEqual([200, [1]])
    const failed = await post('Keep/b?timeout=10&pollingInterval=1', '"fail"')
    expect([failed.status, (await failed.json()).runtimeStatus]).toEqual([200, 'Failed'])
    const late = await post('Hold/c?timeout=0.1&pollingInterval=0.1', '1')
    expect([late.status, (await late.json()).id]).toEqual([202, 'c'])
  })

  it('of an unknown orchestrator is taken, and fails with the names of those there are', async () => {
    const host = await smallHost({ load })
    expect(await start(host, 'Nowhere', 'n', null)).toBe(202)
    expect((await isStatus(host, 'n', 'Failed')).output).toContain(
      "The following are the known orchestrator functions: 'Keep', 'Hold'.",
    )
  })

  it.each([
    ['NonRunningStates', 409],
    ['AnyState', 202],
  ])(
    'over a running instance is answered with overridableExistingInstanceStates %s as %i',
    async (states, status) => {
      const appDir = appFolder({ extensions: { durableTask: { overridableExistingInstanceStates: states } } })
      const host = await smallHost({ appDir, load })
      await start(host, 'Hold', 'h', null)
      await isStatus(host, 'h', 'Running')
      expect(await start(host, 'Keep', 'h', 'new')).toBe(status)
      if (status === 202) expect((await isStatus(host, 'h', 'Completed')).output).toBe('new')
    },
  )

  it('again under the same id, or a new one, gets the input of the first', async () => {
    const host = await smallHost({ load })
    await start(host, 'Keep', 'k', { n: 2 })
    await isStatus(host, 'k', 'Completed')
    const restart = async (query: string) =>
      (await fetch(api(host, `instances/k/restart${query}`), { method: 'POST' })).json()
    expect((await restart('?restartWithNewInstanceId=false')).id).toBe('k')
    const { id } = await restart('')
    expect(id).toMatch(/^[\da-f]{32}$/)
    expect((await isStatus(host, id, 'Completed')).output).toEqual({ n: 2 })
  })
})

describe('a list', () => {
  let host: Host
  beforeAll(async () => {
    host = await createHost({
      ...{ appDir: appFolder(), hub: 'memory', clock: 'real', startAtMs: jan1Ms, port: 0, load },
    })
    // One instance a day, in another order than that of their ids.
    for (const id of ['l-3', 'l-1', 'other', 'l-5', 'l-2', 'l-4']) {
      await start(host, 'Keep', id, id === 'l-2' ? 'fail' : id)
      await isStatus(host, id, id === 'l-2' ? 'Failed' : 'Completed')
      await host.clock.advance(dayMs)
    }
    await start(host, 'Hold', 'l-6', null)
    await isStatus(host, 'l-6', 'Running')
  })
  afterAll(() => host.stop())

  const list = async (query: string, token?: string) => {
    const headers = token === undefined ? {} : { 'x-ms-continuation-token': token }
    const response = await fetch(api(host, `instances${query}`), { headers })
    const rows: { instanceId: string; input: unknown }[] = await response.json()
    return {
      rows,
      ids: rows.map(({ instanceId }) => instanceId),
      next: response.headers.get('x-ms-continuation-token'),
    }
  }
  const day = (n: number) => new Date(jan1Ms + n * dayMs).toISOString()
  const all = ['l-1', 'l-2', 'l-3', 'l-4', 'l-5', 'l-6', 'other']

  it.each([
    ['', all],
    ['/', all],
    ['?instanceIdPrefix=l-', all.slice(0, 6)],
    ['?INSTANCEIDPREFIX=oth', ['other']],
    ['?instanceIdPrefix=none', []],
    ['?runtimeStatus=Failed', ['l-2']],
    ['?runtimeStatus=Failed,Running', ['l-2', 'l-6']],
    ['?runtimeStatus=Failed&runtimeStatus=Running', ['l-2', 'l-6']],
    ['?runtimeStatus=failed', all],
    ['?runtimeStatus=Nonsense', all],
    [`?createdTimeFrom=${day(3.5)}`, ['l-2', 'l-4', 'l-6']],
    [`?createdTimeTo=${day(1.5)}`, ['l-1', 'l-3']],
    [`?createdTimeFrom=${day(0.5)}&createdTimeTo=${day(3.5)}`, ['l-1', 'l-5', 'other']],
    ['?createdTimeFrom=yesterday', all],
    [`?createdTimeFrom=${day(3.5)}&runtimeStatus=Completed&instanceIdPrefix=l-`, ['l-4']],
    ['?top=abc', all],
  ])('%s has the instances that match, by id', async (query, ids) => {
    expect((await list(query)).ids).toEqual(ids)
  })

  it('comes page by page, and the last page has no token, also when it is full', async () => {
    const pages: string[][] = []
    let token: string | null | undefined
    do {
      const { ids, next } = await list('?instanceIdPrefix=l-&top=2', token ?? undefined)
      pages.push(ids)
      token = next
    } while (token)
    expect(pages).toEqual([
      ['l-1', 'l-2'],
      ['l-3', 'l-4'],
      ['l-5', 'l-6'],
    ])
  })

  it('keeps its filter over pages', async () => {
    const first = await list('?runtimeStatus=Completed&top=3')
    expect(first.ids).toEqual(['l-1', 'l-3', 'l-4'])
    expect((await list('?runtimeStatus=Completed&top=3', first.next ?? '')).ids).toEqual(['l-5', 'other'])
  })

  it('of none at all still has a token, and a token that is none has no page', async () => {
    const none = await list('?top=0')
    expect(none.ids).toEqual([])
    expect((await list('', none.next ?? '')).ids).toEqual(all)
    for (const token of ['nonsense', '//79', '{}'])
      expect(await list('', token)).toMatchObject({ ids: [], next: null })
  })

  it('has a hundred instances at most where nothing is said', async () => {
    const many = await smallHost({ load })
    await Promise.all(Array.from({ length: 101 }, (_, i) => start(many, 'Keep', `m-${i}`, i)))
    const page = await fetch(api(many, 'instances'))
    expect([await page.json(), page.headers.has('x-ms-continuation-token')]).toMatchObject([
      { length: 100 },
      true,
    ])
  })

  it('leaves inputs out where asked to', async () => {
    expect((await list('?instanceIdPrefix=other')).rows[0]?.input).toBe('other')
    expect((await list('?instanceIdPrefix=other&showInput=false')).rows[0]?.input).toBeNull()
  })
})

describe('a purge', () => {
  it('of one instance takes that instance, once', async () => {
    const host = await smallHost({ load })
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
    ['?createdTimeFrom=2025-01-01&runtimeStatus=Running', 404, undefined],
    ['?createdTimeFrom=2025-01-01&runtimeStatus=Failed', 200, 1],
    ['?createdTimeFrom=2025-01-01&runtimeStatus=Failed,Completed,Terminated', 200, 3],
  ])('of all with %s is answered %i', async (query, status, deleted) => {
    const host = await smallHost({ load })
    await oneOfEach(host)
    const response = await fetch(api(host, `instances${query}`), { method: 'DELETE' })
    expect(response.status).toBe(status)
    if (deleted !== undefined) expect(await response.json()).toEqual({ instancesDeleted: deleted })
    const left = await (await fetch(api(host, 'instances'))).json()
    expect(left).toHaveLength(5 - (deleted ?? 0))
  })

  it('lets a message that was on its way to the instance go nowhere', async () => {
    const host = await smallHost({ load })
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
