// npm run bench -- host [WAITING]: what the embedded host does per second, fully synced to disk.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as df from 'durable-functions'
import { openHost } from '../src/host/host.ts'

const waiting = Number(process.argv[2] ?? 10_000)
const dir = mkdtempSync(join(tmpdir(), 'bench-'))
writeFileSync(join(dir, 'host.json'), '{"version":"2.0"}')

const hopsMs: number[] = []
let leftAtMs = 0
const { host, runtime } = await openHost({
  ...{ appDir: dir, hub: join(dir, 'hub.db'), clock: 'real', port: 0 },
  load: () => {
    df.app.activity('Echo', { handler: (x: unknown) => x })
    df.app.activity('Hop', {
      handler: () => {
        if (leftAtMs) hopsMs.push(performance.now() - leftAtMs)
        leftAtMs = performance.now()
      },
    })
    df.app.orchestration('Five', function* (context) {
      for (let i = 0; i < 5; i++) yield context.df.callActivity('Echo', i)
    })
    df.app.orchestration('Hops', function* (context) {
      for (let i = 0; i < 100; i++) yield context.df.callActivity('Hop')
    })
    df.app.orchestration('Wait', function* (context) {
      const due = new Date(context.df.currentUtcDateTime.getTime() + 5 * 86_400_000)
      yield context.df.Task.any([context.df.waitForExternalEvent('go'), context.df.createTimer(due)])
    })
  },
})

/** Starts so many instances, a given number of starts at once, and waits until all is idle. Gives seconds. */
async function run(name: string, count: number, atOnce: number): Promise<number> {
  const beganMs = performance.now()
  let next = 0
  const starter = async () => {
    while (next < count) await runtime.control.start({ name, id: `${name}-${count}-${next++}`, input: '1' })
  }
  await Promise.all(Array.from({ length: atOnce }, starter))
  await host.whenIdle()
  return (performance.now() - beganMs) / 1000
}

function syncMs(): number {
  const file = openSync(join(dir, 'sync'), 'w')
  const page = Buffer.alloc(4096)
  const times = Array.from({ length: 100 }, (_, i) => {
    const beganMs = performance.now()
    writeSync(file, page, 0, page.length, i * page.length)
    fdatasyncSync(file)
    return performance.now() - beganMs
  })
  closeSync(file)
  return median(times)
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const heap = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
const print = (what: string, value: string) =>
  process.stdout.write(`| ${what.padEnd(58)} | ${value.padStart(14)} |\n`)

await run('Five', 100, 50)
const seconds = await run('Five', 1000, 50)
print('1,000 orchestrations of 5 activities, 50 at once', `${Math.round(1000 / seconds)} per s`)
await run('Hops', 1, 1)
const sync = syncMs()
print('an unloaded hop (activity to activity), median', `${median(hopsMs).toFixed(2)} ms`)
print('one fdatasync of the same disk, median', `${sync.toFixed(2)} ms`)
const before = heap()
const started = await run('Wait', waiting, 50)
print(`${waiting} instances that wait on a timer and an event`, `${Math.round(waiting / started)} per s`)
print('memory of a waiting instance', `${Math.round((heap() - before) / waiting)} bytes`)
const cpu = process.cpuUsage()
await new Promise((resolve) => setTimeout(resolve, 3000))
const used = process.cpuUsage(cpu)
print('CPU while they wait', `${((used.user + used.system) / 30_000).toFixed(1)} %`)
await host.stop()
rmSync(dir, { recursive: true, force: true })
