import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerJudge, type FuzzRequest, requestsOf } from '../support/api-fuzz.ts'
import { approve, awaits, gatesOf, madePlan, startedRun } from '../support/run-steps.ts'
import { REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const REQUESTS = Number(process.env.RESTAMP_FUZZ ?? 500)
/** Each seed may end all runs there are; so many are there for it to play with. */
const PLANS = 4

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

/** What is there to be named: plans in several states, and the region's own names. */
async function wordsOf(): Promise<string[]> {
  const views = [await startedRun(app)]
  for (let made = 1; made < PLANS; made += 1) views.push(await madePlan(app))
  const [running] = views
  const waiting = running && (await app.until(running.plan.id, awaits()))
  if (running && waiting) await approve(app, running, gatesOf(waiting).slice(0, 1))
  const plans = views.flatMap(({ plan }) => [
    plan.id,
    plan.digest,
    ...plan.moves.map(({ phase, batch }) => `${phase}-${batch}`),
  ])
  const names = TENANTS.flatMap(({ name, customer, stamp }) => [name, customer, stamp])
  return [...new Set([...plans, ...names, REGION, 'compute', 'fleet', '*', 'a good reason'])]
}

test('no request that the document allows, or nearly allows, gets an answer that it does not have', async () => {
  const document = JSON.parse(JSON.stringify((await app.ask('reader', 'GET', 'openapi.json')).body))
  const judge = answerJudge(document)
  const users = [...app.users.map(({ name }) => name), 'nobody']
  const requests = fc.sample(requestsOf(document, { users, words: await wordsOf() }), {
    numRuns: REQUESTS,
    ...seeded(),
  })
  const met = new Map<string, number>()
  const problems: string[] = []
  for (const request of requests) {
    const status = await judged(request, (problem) => problems.push(problem))
    met.set(`${Math.floor(status / 100)}xx`, (met.get(`${Math.floor(status / 100)}xx`) ?? 0) + 1)
  }
  console.info(
    `${requests.length} requests: ${[...met]
      .toSorted()
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
  )
  expect(problems.slice(0, 5).join('\n')).toBe('')
  expect([...met.keys()].toSorted()).toEqual(['2xx', '4xx'])

  async function judged(request: FuzzRequest, tell: (problem: string) => void): Promise<number> {
    const { method, path, body, user, headers } = request
    const answer = await app.ask(user, method, path.replace('/api/v1/', ''), body, headers)
    const wrong = judge(request, { ...answer, type: answer.headers.get('content-type') ?? '' })
    if (wrong) tell(`${user} ${method} ${path} ${body?.slice(0, 300) ?? ''}\n  ${wrong}`)
    return answer.status
  }
}, 3_600_000)

const seeded = () =>
  process.env.RESTAMP_PROPERTY_SEED ? { seed: Number(process.env.RESTAMP_PROPERTY_SEED) } : { seed: 1 }
