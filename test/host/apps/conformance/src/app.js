// The app of conformance.ts. It runs on any Functions host, so everything in it is plain SDK.
import { app } from '@azure/functions'
import * as df from 'durable-functions'

const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms)

df.app.activity('Echo', { handler: (x) => x })
df.app.activity('TypeOf', { handler: (x) => typeof x })
df.app.activity('Boom', {
  handler: () => {
    throw new Error('boom')
  },
})

df.app.activity('Metadata', { handler: (_input, c) => c.triggerMetadata })

df.app.orchestration('ChainOf', function* (c) {
  let n = c.df.getInput()
  for (let i = 0; i < 3; i++) n = (yield c.df.callActivity('Echo', n)) + 1
  return n
})
df.app.orchestration('TypesSeen', function* (c) {
  const seen = []
  for (const x of [true, 5, 'a', null, { a: 1 }, [1]]) seen.push(yield c.df.callActivity('TypeOf', x))
  return seen
})
df.app.orchestration('Caught', function* (c) {
  try {
    yield c.df.callActivity('Boom')
  } catch (e) {
    return e.message.split(' \n ')[0]
  }
})
df.app.orchestration('RetryIds', function* (c) {
  try {
    yield c.df.callActivityWithRetry('Boom', new df.RetryOptions(500, 2))
  } catch {
    return yield c.df.callActivity('Echo', 'after')
  }
})
df.app.orchestration('FailsWhile', function* (c) {
  const timer = c.df.createTimer(later(c, 1500))
  try {
    yield c.df.Task.all([timer, c.df.callActivity('Boom')])
  } catch {
    c.df.setCustomStatus('caught')
    return 'early'
  }
})
df.app.orchestration('Waits', function* (c) {
  c.df.setCustomStatus('waiting')
  const [x, y] = yield c.df.Task.all([c.df.waitForExternalEvent('e'), c.df.waitForExternalEvent('e')])
  return [x, y]
})
df.app.orchestration('Rounds', function* (c) {
  const { left, seen } = c.df.getInput()
  const e = yield c.df.waitForExternalEvent('e')
  if (left > 1) {
    c.df.continueAsNew({ left: left - 1, seen: [...seen, e] })
    return
  }
  return [...seen, e]
})
// biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
df.app.orchestration('Text', function* (c) {
  const s = c.df.getInput()
  if (s === 'a') c.df.continueAsNew('b')
  else return s
})
df.app.orchestration('Family', function* (c) {
  const own = yield c.df.callSubOrchestrator('ChainOf', 1, `${c.df.instanceId}-child`)
  try {
    yield c.df.callSubOrchestrator('Throws', null)
  } catch (e) {
    return [own, e.message.split(' \n ')[0]]
  }
})
// biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
df.app.orchestration('Throws', function* () {
  throw new Error('by itself')
})
df.app.orchestration('Open', function* (c) {
  yield c.df.Task.any([c.df.waitForExternalEvent('go'), c.df.createTimer(later(c, 2500))])
  c.df.setCustomStatus('returned')
  return 'over'
})
df.app.orchestration('Told', function* (c) {
  const told = yield c.df.callActivity('Metadata', c.df.getInput())
  return Object.fromEntries(Object.entries(told).filter(([name]) => !name.startsWith('activityTrigger')))
})
df.app.orchestration('Echoes', function* (c) {
  c.df.setCustomStatus('waiting')
  return yield c.df.callActivity('Echo', yield c.df.waitForExternalEvent('e'))
})
df.app.orchestration('Until', function* (c) {
  yield c.df.Task.any([c.df.waitForExternalEvent('never'), c.df.createTimer(later(c, c.df.getInput()))])
})
df.app.orchestration('WaitingFamily', function* (c) {
  return yield c.df.callSubOrchestrator('Echoes', undefined, `${c.df.instanceId}-child`)
})
// biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
df.app.orchestration('Gives', function* (c) {
  return c.df.getInput() ?? undefined
})
app.http('echo-http', {
  route: 'echo/{a}/{b?}',
  authLevel: 'anonymous',
  handler: async (r) => {
    const { params, url } = r
    return { jsonBody: { params, url, query: [...r.query], q: r.query.get('q'), body: await r.text() } }
  },
})

let yearly
app.timer('yearly', {
  schedule: '0 0 4 1 1 *',
  runOnStartup: true,
  handler: (timer) => {
    yearly = timer
  },
})
app.http('yearly-http', {
  route: 'yearly',
  authLevel: 'anonymous',
  handler: () => ({ jsonBody: yearly ?? null }),
})
