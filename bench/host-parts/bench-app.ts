import * as df from 'durable-functions'

/** What the app tells of its course. */
export interface Course {
  /** The time from the end of one activity to the start of the next. */
  readonly hopsMs: number[]
  leftAtMs: number
  /** Called with an orchestration's input in its last activity. */
  onLast: (input: unknown) => void
}

const dayMs = 86_400_000

export function registerBenchApp(course: Course): void {
  df.app.activity('Echo', { handler: (x: unknown) => x })
  df.app.activity('Last', { handler: (x: unknown) => course.onLast(x) })
  df.app.activity('Hop', {
    handler: (first: unknown) => {
      if (!first) course.hopsMs.push(performance.now() - course.leftAtMs)
      course.leftAtMs = performance.now()
    },
  })
  df.app.orchestration('Five', function* (context) {
    for (let i = 1; i < 5; i++) yield context.df.callActivity('Echo', i)
    yield context.df.callActivity('Last', context.df.getInput())
  })
  df.app.orchestration('Hops', function* (context) {
    for (let i = 0; i < 5; i++) yield context.df.callActivity('Hop', i === 0 ? 1 : 0)
  })
  df.app.orchestration('Wait', function* (context) {
    const due = new Date(context.df.currentUtcDateTime.getTime() + 5 * dayMs)
    yield context.df.Task.any([context.df.waitForExternalEvent('go'), context.df.createTimer(due)])
  })
}
