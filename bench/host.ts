// npm run bench -- host [WAITING]: what the embedded host does per second, fully synced to disk, beside durabletask-js in memory.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHost } from '../src/host/host.ts'
import { type Course, registerBenchApp } from './host-parts/bench-app.ts'
import { durableTaskPeer } from './host-parts/durabletask-peer.ts'
import { recordCalls } from './host-parts/recorded-calls.ts'

const ORCHESTRATIONS = 1000
const AT_ONCE = 50
const ROUNDS = 5
const waiting = Number(process.argv[2] ?? 100_000)

const dir = mkdtempSync(join(tmpdir(), 'bench-'))
writeFileSync(join(dir, 'host.json'), '{"version":"2.0"}')
const ended = new Map<unknown, () => void>()
const course: Course = { hopsMs: [], leftAtMs: 0, onLast: (input) => ended.get(input)?.() }
const { host, runtime } = await openHost({
  ...{ appDir: dir, hub: join(dir, 'hub.db'), clock: 'real', port: 0 },
  load: () => registerBenchApp(course),
})

/** Starts so many instances, so many at once, and waits until nothing is under way. Gives seconds. */
async function run(name: string, count: number, atOnce: number): Promise<number> {
  const round = crypto.randomUUID()
  const beganMs = performance.now()
  let next = 0
  const oneAfterAnother = async () => {
    while (next < count) {
      const id = `${round}-${next++}`
      const lastStep = new Promise<void>((resolve) => ended.set(id, resolve))
      await runtime.control.start({ name, id, input: JSON.stringify(id) })
      if (name === 'Five') await lastStep
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterAnother))
  await host.whenIdle()
  ended.clear()
  return (performance.now() - beganMs) / 1000
}

interface Rates {
  readonly own: number
  readonly peer: number
  /** The functions alone, called as this host calls them. */
  readonly functions: number
}

/** Orchestrations a second; the three take turns, so that what else the machine does hits all of them. */
async function rates(): Promise<readonly Rates[]> {
  const recorded = await recordCalls(() => run('Five', 1, 1))
  const peer = await durableTaskPeer()
  const rounds: Rates[] = []
  for (let i = 0; i <= ROUNDS; i++) {
    rounds.push({
      own: ORCHESTRATIONS / (await run('Five', ORCHESTRATIONS, AT_ONCE)),
      peer: ORCHESTRATIONS / (await peer.run(ORCHESTRATIONS, AT_ONCE)),
      functions: ORCHESTRATIONS / (await recorded.repeat(ORCHESTRATIONS, AT_ONCE)),
    })
  }
  await peer.stop()
  return rounds.slice(1)
}

/** Hops and syncs take turns, so that both meet the same disk at the same time. */
async function hop(): Promise<{ hopMs: number; syncMs: number }> {
  const syncsMs: number[] = []
  const file = openSync(join(dir, 'sync'), 'w')
  const page = Buffer.alloc(4096)
  for (let i = 0; i < 200; i++) {
    await run('Hops', 1, 1)
    const beganMs = performance.now()
    writeSync(file, page, 0, page.length, i * page.length)
    fdatasyncSync(file)
    syncsMs.push(performance.now() - beganMs)
  }
  closeSync(file)
  return { hopMs: median(course.hopsMs), syncMs: median(syncsMs) }
}

async function waitingInstances(): Promise<{ perSecond: number; bytes: number; cpuPercent: number }> {
  const before = residentBytes()
  const seconds = await run('Wait', waiting, AT_ONCE)
  const bytes = (residentBytes() - before) / waiting
  const cpu = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const used = process.cpuUsage(cpu)
  return { perSecond: waiting / seconds, bytes, cpuPercent: (used.user + used.system) / 30_000 }
}

/** The whole process, SQLite's memory included. */
function residentBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function print(...cells: readonly string[]): void {
  const [what = '', ...figures] = cells
  process.stdout.write(`| ${what.padEnd(58)} | ${figures.map((cell) => cell.padStart(18)).join(' | ')} |\n`)
}

const count = (value: number) => Math.round(value).toLocaleString('en')
print('what', 'this host', 'beside', 'ratio', 'goal')
process.stdout.write(`| --- | ---: | ---: | ---: | ---: |\n`)
const many = await rates()
const peerRate = `${count(median(many.map(({ peer }) => peer)))} per s`
function printRate(what: string, of: 'own' | 'functions', goal: string): void {
  const ratio = median(many.map((each) => each[of] / each.peer)).toFixed(2)
  print(what, `${count(median(many.map((each) => each[of])))} per s`, peerRate, `${ratio} x`, goal)
}
printRate(
  `${count(ORCHESTRATIONS)} orchestrations of 5 activities, ${AT_ONCE} at once`,
  'own',
  'at least 0.5 x',
)
printRate('the same calls of the Functions SDK, without a host', 'functions', '')
const one = await hop()
print(
  'an unloaded hop, activity to activity',
  `${one.hopMs.toFixed(2)} ms`,
  `${one.syncMs.toFixed(2)} ms`,
  `${(one.hopMs / one.syncMs).toFixed(1)} x`,
  'at most 3 x',
)
const idle = await waitingInstances()
print(
  `${count(waiting)} instances that wait on a timer and an event`,
  `${count(idle.perSecond)} per s`,
  '',
  '',
  '',
)
print('memory of a waiting instance', `${count(idle.bytes)} bytes`, '', '', 'under 2,048 bytes')
print('CPU while they wait', `${idle.cpuPercent.toFixed(1)} %`, '', '', '')
await host.stop()
rmSync(dir, { recursive: true, force: true })
