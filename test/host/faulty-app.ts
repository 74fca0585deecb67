import * as df from 'durable-functions'

const later = (context: df.OrchestrationContext, ms: number) =>
  new Date(context.df.currentUtcDateTime.getTime() + ms)

/** One orchestration of each kind, whose results do not depend on what is repeated or reordered. */
export function registerFaultyApp(): void {
  df.app.activity('Echo', { handler: (x: unknown) => x })
  df.app.activity('Boom', {
    handler: () => {
      throw new Error('boom')
    },
  })
  df.app.orchestration('Chain', function* (context) {
    const x: number = yield context.df.callActivity('Echo', 1)
    const y: number = yield context.df.callActivity('Echo', x + 1)
    return [x, y]
  })
  df.app.orchestration('Fan', function* (context) {
    return yield context.df.Task.all([1, 2, 3, 4].map((n) => context.df.callActivity('Echo', n)))
  })
  df.app.orchestration('Retry', function* (context) {
    try {
      return yield context.df.callActivityWithRetry('Boom', new df.RetryOptions(60_000, 3))
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
  })
  df.app.orchestration('Parent', function* (context) {
    const children = ['a', 'b'].map((name) =>
      context.df.callSubOrchestrator('Chain', null, `${context.df.instanceId}-${name}`),
    )
    return yield context.df.Task.all(children)
  })
  df.app.orchestration('Rounds', function* (context) {
    const left: number = context.df.getInput()
    yield context.df.createTimer(later(context, 3_600_000))
    if (left > 1) context.df.continueAsNew(left - 1)
    return 'rounds over'
  })
  df.app.orchestration('Race', function* (context) {
    const go = context.df.waitForExternalEvent('go')
    const deadline = context.df.createTimer(later(context, 86_400_000))
    const winner = yield context.df.Task.any([go, deadline])
    if (winner === go) deadline.cancel()
    return winner === go ? go.result : 'late'
  })
}

export const faultyRuns: readonly {
  readonly name: string
  readonly input?: unknown
  readonly output: unknown
}[] = [
  { name: 'Chain', output: [1, 2] },
  { name: 'Fan', output: [1, 2, 3, 4] },
  { name: 'Retry', output: "Activity function 'Boom' failed:  boom \n " },
  {
    name: 'Parent',
    output: [
      [1, 2],
      [1, 2],
    ],
  },
  { name: 'Rounds', input: 3, output: 'rounds over' },
  { name: 'Race', output: 'gone' },
]
