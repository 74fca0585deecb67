// A small app of somebody else: an order with lines that are packed in parallel, a pause, a payment and a child.
import { appendFileSync } from 'node:fs'
import { app } from '@azure/functions'
import * as df from 'durable-functions'

const note = (text) => process.env.EFFECTS && appendFileSync(process.env.EFFECTS, `${text}\n`)
const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms)

df.app.activity('Pack', {
  handler: (line) => {
    note(`pack ${line}`)
    return `packed ${line}`
  },
})
df.app.activity('Charge', {
  handler: async (id) => {
    await new Promise((r) => setTimeout(r, 5))
    note(`charge ${id}`)
    return { charged: id }
  },
})

df.app.orchestration('Order', function* (context) {
  const { lines, rounds = 1 } = context.df.getInput()
  const packed = yield context.df.Task.all(lines.map((line) => context.df.callActivity('Pack', line)))
  yield context.df.createTimer(later(context, 60_000))
  const paid = yield context.df.callSubOrchestrator(
    'Pay',
    context.df.instanceId,
    `${context.df.instanceId}-pay-${rounds}`,
  )
  if (rounds > 1) return context.df.continueAsNew({ lines, rounds: rounds - 1 })
  return { packed, paid }
})
df.app.orchestration('Pay', function* (context) {
  const receipt = yield context.df.callActivity('Charge', context.df.getInput())
  yield context.df.createTimer(later(context, 30_000))
  return receipt
})
df.app.orchestration('Approval', function* (context) {
  const answer = yield context.df.waitForExternalEvent('answer')
  yield context.df.createTimer(later(context, 1_000))
  return answer
})

app.http('show-order', {
  route: 'orders/{id:int}',
  methods: ['GET', 'POST'],
  authLevel: 'function',
  handler: (request) => ({ jsonBody: { id: request.params.id } }),
})
app.http('open', {
  route: 'open/{*rest}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => ({ body: Buffer.from(await request.arrayBuffer()) }),
})
app.http('boss', { route: 'boss', methods: ['GET'], authLevel: 'admin', handler: () => ({ body: 'in' }) })
app.timer('sweep', { schedule: '%EVERY%', handler: (timer) => note(`sweep ${timer.isPastDue}`) })
