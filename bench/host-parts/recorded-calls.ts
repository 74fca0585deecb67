import { type Invocation, Invoker, type Outcome } from '../../src/host/invocation.ts'

/** Invocations as the host once made them, to be made again without a host around them. */
export interface RecordedCalls {
  readonly calls: number
  /** All calls in turn, `times` times over, so many rows of them at once; gives seconds. */
  repeat(times: number, atOnce: number): Promise<number>
}

/** Records what is invoked while `work` runs. */
export async function recordCalls(work: () => Promise<unknown>): Promise<RecordedCalls> {
  const calls: (() => Promise<Outcome>)[] = []
  const { invoke } = Invoker.prototype
  Invoker.prototype.invoke = function (this: Invoker, target, invocation: Invocation) {
    calls.push(() => invoke.call(this, target, invocation))
    return invoke.call(this, target, invocation)
  }
  await work()
  Invoker.prototype.invoke = invoke
  return {
    calls: calls.length,
    async repeat(times, atOnce) {
      const beganMs = performance.now()
      let next = 0
      const oneAfterAnother = async () => {
        while (next++ < times) for (const call of calls) await call()
      }
      await Promise.all(Array.from({ length: atOnce }, oneAfterAnother))
      return (performance.now() - beganMs) / 1000
    },
  }
}
