import {
  type ActivityContext,
  InMemoryOrchestrationBackend,
  type OrchestrationContext,
  TestOrchestrationClient,
  TestOrchestrationWorker,
} from '@microsoft/durabletask-js'

/** The peer: the same five activities on durabletask-js with its in-memory backend, which keeps nothing on disk. */
export interface Peer {
  /** Runs so many orchestrations, so many at once; gives seconds. */
  run(count: number, atOnce: number): Promise<number>
  stop(): Promise<void>
}

export async function durableTaskPeer(): Promise<Peer> {
  const backend = new InMemoryOrchestrationBackend()
  const worker = new TestOrchestrationWorker(backend)
  const client = new TestOrchestrationClient(backend)
  worker.addNamedActivity('Echo', (_: ActivityContext, value: unknown) => value)
  worker.addNamedOrchestrator('Five', async function* (context: OrchestrationContext) {
    for (let i = 0; i < 5; i++) yield context.callActivity('Echo', i)
  })
  const restoreConsole = silenceConsole()
  await worker.start()

  return {
    async run(count, atOnce) {
      const round = crypto.randomUUID()
      const beganMs = performance.now()
      let next = 0
      const oneAfterAnother = async () => {
        while (next < count) {
          const id = await client.scheduleNewOrchestration('Five', 1, `${round}-${next++}`)
          await client.waitForOrchestrationCompletion(id, false, 60)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, oneAfterAnother))
      return (performance.now() - beganMs) / 1000
    },
    async stop() {
      await worker.stop()
      restoreConsole()
    },
  }
}

/** The peer logs each step to the console, which would be most of what is measured. */
function silenceConsole(): () => void {
  const { info, debug, log } = console
  const nothing = () => {}
  Object.assign(console, { info: nothing, debug: nothing, log: nothing })
  return () => {
    Object.assign(console, { info, debug, log })
  }
}
