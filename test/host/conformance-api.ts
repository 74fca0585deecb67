import assert from 'node:assert/strict'
import type { Scenario } from './conformance.ts'
import { control, end, instance, raise, request, start, type Target, until } from './driving.ts'

const json = (body: string) => ({ body, headers: { 'content-type': 'application/json' } })
const waiting = (host: Target, id: string) =>
  until(
    () => instance(host, id),
    ({ customStatus }) => customStatus === 'waiting',
  )
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

/** What holds of the management API. */
export const apiScenarios: readonly Scenario[] = [
  {
    name: 'escapes in a path are read twice, and a plus is a blank',
    run: async (host, id) => {
      for (const [sent, read] of [
        ['-1+b', '-1 b'],
        ['-2%2Bb', '-2 b'],
        ['-3%2525b', '-3%b'],
        ['-4~b', '-4~b'],
      ]) {
        const response = await request(host, 'POST', `orchestrators/Gives/${id}${sent}`, json('1'))
        assert.equal((await response.json()).id, `${id}${read}`)
      }
    },
  },
  {
    name: 'an escaped slash parts a path as a plain one does',
    run: async (host, id) => {
      await start(host, 'Echoes', id, null)
      await waiting(host, id)
      assert.equal((await request(host, 'POST', `instances/${id}%2Fterminate?reason=so`)).status, 202)
      assert.equal((await end(host, id)).output, 'so')
      assert.equal((await request(host, 'GET', `instances//${id}`)).status, 404)
    },
  },
  {
    name: 'the status of a running instance leads back to the very request',
    run: async (host, id) => {
      await start(host, 'Echoes', id, null)
      await waiting(host, id)
      const { url, headers } = await request(host, 'GET', `instances/${id}?showInput=false&showHistory=true`)
      assert.equal(headers.get('location'), url)
    },
  },
  {
    name: 'an event to an instance that is over is refused before its body is looked at',
    run: async (host, id) => {
      const text = { body: 'text', headers: { 'content-type': 'text/plain' } }
      const send = async () => (await request(host, 'POST', `instances/${id}/raiseEvent/e`, text)).status
      assert.equal(await send(), 404)
      await start(host, 'Echoes', id, null)
      await waiting(host, id)
      assert.equal(await send(), 400)
      await raise(host, id, 'e', 1)
      await end(host, id)
      assert.equal(await send(), 410)
    },
  },
  {
    name: 'a start waits for the end only if told how long and how often to look',
    run: async (host, id) => {
      const post = (own: string, query: string) =>
        request(host, 'POST', `orchestrators/Gives/${id}-${own}?${query}`, json('5'))
      assert.equal((await post('1', 'timeout=20')).status, 202)
      assert.equal(await (await post('2', 'timeout=20&pollingInterval=0.5')).json(), 5)
      const refused = await post('3', 'timeout=1&pollingInterval=10')
      assert.equal(refused.status, 400)
      assert.match((await refused.json()).Message, /Total timeout 1 should be bigger than retry timeout 10/)
      const failed = `orchestrators/Throws/${id}-4?timeout=20&pollingInterval=0.5&showHistory=true`
      const body = await (await request(host, 'POST', failed, json('5'))).json()
      assert.deepEqual([body.runtimeStatus, body.historyEvents.length], ['Failed', 2])
    },
  },
  {
    name: 'a form is no input, and a blank input no JSON',
    run: async (host, id) => {
      const body = new URLSearchParams({ a: '1' })
      assert.equal((await request(host, 'POST', `orchestrators/Gives/${id}`, { body })).status, 202)
      const { runtimeStatus, output } = await end(host, id)
      assert.equal(runtimeStatus, 'Failed')
      assert.match(`${output}`, /Exception while executing function: Functions\.Gives/)
    },
  },
  {
    name: 'what is nested more than 64 levels deep is refused, also on its way to an activity',
    run: async (host, id) => {
      assert.equal((await request(host, 'POST', `orchestrators/Gives/${id}`, json(nested(65)))).status, 400)
      await start(host, 'Echoes', id, null)
      await waiting(host, id)
      const send = async (levels: number) =>
        (await request(host, 'POST', `instances/${id}/raiseEvent/e`, json(nested(levels)))).status
      assert.equal(await send(65), 400)
      assert.equal(await send(64), 202)
      assert.match(
        `${(await end(host, id)).output}`,
        /The reader's MaxDepth of 64 has been exceeded. Path 'actions\[0\]\[1\]\.input(\[0\]){60}', line 1, position \d+\./,
      )
    },
  },
  {
    name: 'a list is filtered by names or numbers of statuses, with blanks around them or not',
    run: async (host, id) => {
      await start(host, 'Gives', `${id}-a`, 1)
      await start(host, 'Throws', `${id}-b`, 1)
      await Promise.all([end(host, `${id}-a`), end(host, `${id}-b`)])
      const list = async (status: string) => {
        const path = `instances?instanceIdPrefix=${id}&runtimeStatus=${status}`
        const all: { runtimeStatus: string }[] = await (await request(host, 'GET', path)).json()
        return all.map(({ runtimeStatus }) => runtimeStatus)
      }
      assert.deepEqual(await list('1'), ['Completed'])
      assert.deepEqual(await list('Terminated,%20Failed'), ['Failed'])
      assert.deepEqual(await list('completed'), ['Completed', 'Failed'])
    },
  },
  {
    name: 'a reason is shown until there is something else to show',
    run: async (host, id) => {
      await start(host, 'Echoes', id, null)
      await waiting(host, id)
      await control(host, id, 'suspend', 'why')
      const isNow = (status: string) =>
        until(
          () => instance(host, id),
          ({ runtimeStatus }) => runtimeStatus === status,
        )
      assert.equal((await isNow('Suspended')).output, 'why')
      await request(host, 'POST', `instances/${id}/resume`)
      assert.equal((await isNow('Running')).output, 'why')
      await raise(host, id, 'e', null)
      assert.equal((await end(host, id)).output, 'why')
    },
  },
  {
    name: 'a child with the id of an earlier instance shows what that one left',
    run: async (host, id) => {
      await start(host, 'Gives', `${id}-child`, 'before')
      await end(host, `${id}-child`)
      await start(host, 'WaitingFamily', id, null)
      const { input, output } = await waiting(host, `${id}-child`)
      assert.deepEqual([input, output], ['before', 'before'])
      await raise(host, `${id}-child`, 'e', 'after')
      assert.equal((await end(host, id)).output, 'after')
    },
  },
  {
    name: 'an instance that got no input is restarted with null',
    run: async (host, id) => {
      await request(host, 'POST', `orchestrators/Gives/${id}`)
      await end(host, id)
      await request(host, 'POST', `instances/${id}/restart?restartWithNewInstanceId=false`)
      const again = await until(
        () => end(host, id),
        ({ historyEvents }) => historyEvents?.[0]?.Input === 'null',
      )
      assert.equal(again.runtimeStatus, 'Completed')
    },
  },
  {
    name: 'a reason that begins with a JSON value is shown as that value, another as text',
    run: async (host, id) => {
      for (const [i, [reason, shown]] of [
        ['5 apples', 5],
        ['null and void', null],
        ['{"a":1} and more', { a: 1 }],
        ['5é', '5é'],
        ['[1', '[1'],
        [' blanks around ', 'blanks around'],
      ].entries()) {
        await start(host, 'Echoes', `${id}-${i}`, null)
        await waiting(host, `${id}-${i}`)
        await control(host, `${id}-${i}`, 'terminate', encodeURIComponent(String(reason)))
        assert.deepEqual((await end(host, `${id}-${i}`)).output, shown)
      }
    },
  },
  {
    name: 'without inputs a history has no event data and no reason of a termination either',
    run: async (host, id) => {
      await start(host, 'Echoes', id, 'x')
      await waiting(host, id)
      await raise(host, id, 'other', 1)
      await control(host, id, 'terminate', 'why')
      await end(host, id)
      const { historyEvents } = await instance(host, id, '?showHistory=true&showInput=false')
      assert.deepEqual(
        historyEvents?.filter((event) => 'Input' in event),
        [],
      )
    },
  },
  {
    name: 'no time, a mere year and words are no filter',
    run: async (host, id) => {
      await start(host, 'Gives', id, 1)
      await end(host, id)
      for (const time of ['2020', 'yesterday', 'abc 1', '']) {
        const path = `instances?instanceIdPrefix=${id}&createdTimeTo=${encodeURIComponent(time)}`
        assert.equal((await (await request(host, 'GET', path)).json()).length, 1, time)
      }
      for (const time of [
        '2020-01-02',
        '01/02/2020',
        'Thu, 02 Jan 2020 00:00:00 GMT',
        '2020-01-02T00:00:00Z',
      ]) {
        const path = `instances?instanceIdPrefix=${id}&createdTimeTo=${encodeURIComponent(time)}`
        assert.equal((await (await request(host, 'GET', path)).json()).length, 0, time)
      }
    },
  },
]
