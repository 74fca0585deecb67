import assert from 'node:assert/strict'
import type { Scenario } from './conformance.ts'
import { end, request, start, until } from './driving.ts'

/** What holds of values on their way in and out. */
export const valueScenarios: readonly Scenario[] = [
  {
    name: 'an activity is told the members of its input, times in another form',
    run: async (host, id) => {
      await start(host, 'Told', id, {
        ...{ text: 'x', flag: true, none: null, list: [1], part: { at: '2020-01-02T03:04:05Z' } },
        ...{ at: '2020-01-02T23:04:05-05:00', day: '2020-01-02', data: 'own' },
      })
      assert.deepEqual((await end(host, id)).output, {
        ...{ text: 'x', flag: 'True', part: { at: '2020-01-02T03:04:05Z' } },
        ...{ at: '01/03/2020 04:04:05', day: '2020-01-02', data: 'own', instanceId: id },
      })
    },
  },
  {
    name: 'an activity is told a text with quotes around it, and what is none as it is',
    run: async (host, id) => {
      for (const [i, [given, data]] of [
        ['text', '"text"'],
        [true, true],
        [1.5, 1.5],
        [[1], [1]],
      ].entries()) {
        await start(host, 'Told', `${id}-${i}`, given)
        assert.deepEqual((await end(host, `${id}-${i}`)).output, { data, instanceId: `${id}-${i}` })
      }
    },
  },
  {
    name: 'a timer for no time, or for one beyond the year 9999, fails the orchestrator',
    run: async (host, id) => {
      await start(host, 'Until', `${id}-1`, 'text')
      await start(host, 'Until', `${id}-2`, 1e15)
      const at = "Path 'actions\\[0\\]\\[0\\]\\.compoundActions\\[1\\]\\.fireAt'\\."
      const none = new RegExp(`Error converting value \\{null\\} to type 'System\\.DateTime'\\. ${at}$`)
      assert.match(`${(await end(host, `${id}-1`)).output}`, none)
      const far = new RegExp(`Could not convert string to DateTime: \\+\\d{6}-\\S+\\. ${at}$`)
      assert.match(`${(await end(host, `${id}-2`)).output}`, far)
    },
  },
  {
    name: 'half a surrogate pair becomes a replacement character',
    run: async (host, id) => {
      await request(host, 'POST', `orchestrators/Gives/${id}`, { body: '"a\\ud83d\\\\ud83d"' })
      assert.equal((await end(host, id)).output, 'a\ufffd\\ud83d')
    },
  },
  {
    name: 'HTTP functions see a path written anew, escaped slashes kept, and repeated names spelled as the second',
    run: async ({ baseUrl }) => {
      const response = await fetch(`${baseUrl}/api/echo/a%2Bb/c%2Fd%20e?Key=1&kEY=2&KEY=3`)
      const { url, params, query } = await response.json()
      assert.equal(new URL(url).pathname, '/api/echo/a+b/c%2Fd%20e')
      assert.deepEqual(params, { a: 'a+b', b: 'c%2Fd e' })
      assert.deepEqual(query, [['kEY', '1,2,3']])
    },
  },
  {
    name: 'the areas of the host itself want a key, and a header that is no UTF-8 is refused',
    run: async ({ baseUrl }) => {
      assert.equal((await fetch(`${baseUrl}/admin/host/status`)).status, 401)
      assert.equal((await fetch(`${baseUrl}/runtime/webhooks/other`)).status, 401)
      assert.equal((await fetch(`${baseUrl}/api/echo/a`, { headers: { 'x-name': '\u00e4' } })).status, 400)
    },
  },
  {
    name: 'escapes that are no text stay as they are, empty values are not joined, a zero byte is refused',
    run: async ({ baseUrl }) => {
      const echo = async (path: string) => (await fetch(`${baseUrl}/api/echo/${path}`)).json()
      assert.deepEqual((await echo('%zz/%e4')).params, { a: '%zz', b: '%e4' })
      assert.deepEqual((await echo('x?a=%e4&b&b=&b=1&c')).query, [
        ['a', '%e4'],
        ['b', '1'],
        ['c', ''],
      ])
      assert.equal((await fetch(`${baseUrl}/api/echo/a%00`)).status, 400)
    },
  },
  {
    name: 'a timer function is told the next time of its schedule without needless zeros',
    run: async ({ baseUrl }) => {
      const seen = await until(
        async () => (await fetch(`${baseUrl}/api/yearly`)).json(),
        (timer) => timer !== null,
      )
      assert.equal(seen.schedule.adjustForDST, true)
      assert.match(seen.scheduleStatus.next, /^\d{4}-01-01T04:00:00\+00:00$/)
      assert.match(seen.scheduleStatus.lastUpdated, /T\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?\+00:00$/)
    },
  },
]
