import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import type { HistoryEvent } from '../../src/host/history.ts'
import { EventType } from '../../src/host/history.ts'
import { SeededFaults, startTestHost, type TestHost, type TestHostOptions } from '../../src/host/testkit.ts'
import { FaultTally } from '../support/fault-tally.ts'
import { driveFaultyApp, faultyRuns, registerFaultyApp } from './faulty-app.ts'
import { appFolder, jan1Ms } from './small-host.ts'

const seeds = Number(process.env.FAULT_SEEDS ?? 2000)
const first = Number(process.env.FAULT_SEED ?? 1)
const seedMsMax = 5_000
const firstMsMax = 60_000
const ids = faultyRuns.map(({ id }) => id)

interface Playing {
  readonly test: TestHost
  /** Keeps the clock from skipping past the race's deadline before the client has raised its event. */
  readonly gate: { isOpen: boolean }
}

async function playing(more: Partial<TestHostOptions> = {}): Promise<Playing> {
  const gate = { isOpen: true }
  const options = {
    appDir: appFolder(),
    startAtMs: jan1Ms,
    load: registerFaultyApp,
    mayAdvance: () => gate.isOpen,
  }
  return { test: await startTestHost({ ...options, ...more }), gate }
}

/** Runs the app to its end and says where it ended otherwise than an undisturbed run, or where time was wrong. */
async function play({ test, gate }: Playing): Promise<string[]> {
  gate.isOpen = false
  await driveFaultyApp(test)
  gate.isOpen = true
  const rows = await test.ended(ids)
  const problems = rows.map(async (row, i) => {
    const { status = 'Completed', output } = faultyRuns[i] ?? {}
    const [want, got] = [JSON.stringify(output), JSON.stringify(json(row.output))]
    const end =
      row.status === status && got === want ? [] : [`${row.id}: ${row.status} ${got}, expected ${want}`]
    return [...end, ...timeProblems(row.id, (await test.look(row.id))?.events ?? [])]
  })
  return (await Promise.all(problems)).flat()
}

/** Each episode is later than the one before, and no timer has fired before it was due. */
function timeProblems(id: string, events: readonly HistoryEvent[]): string[] {
  let nowMs = 0
  return events.flatMap(({ EventType: type, Timestamp: at, FireAt: fireAt }) => {
    if (type === EventType.OrchestratorStarted) {
      const beforeMs = nowMs
      nowMs = Date.parse(at)
      return nowMs > beforeMs ? [] : [`${id}: time went from ${beforeMs} to ${nowMs}`]
    }
    const isEarly = type === EventType.TimerFired && nowMs < Date.parse(fireAt ?? '')
    return isEarly ? [`${id}: a timer due at ${fireAt} had fired at ${new Date(nowMs).toISOString()}`] : []
  })
}

function json(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return text
  }
}

describe('an app under faults', () => {
  it(`ends as without them, for ${seeds} seeds`, { timeout: firstMsMax + seedMsMax * seeds }, async () => {
    const tally = new FaultTally()
    for (let seed = first; seed < first + seeds; seed++) {
      const faults = new SeededFaults(seed)
      const repeat = `FAULT_SEED=${seed} FAULT_SEEDS=1 npx vitest run test/host/faults.test.ts`
      const run = await playing({ faults })
      const problems = await play(run).catch((error: Error) => [error.message])
      await run.test.stop()
      expect(problems, `seed ${seed} (${new FaultTally(faults.counts)}), repeat with: ${repeat}`).toEqual([])
      tally.add(faults.counts)
    }
    console.info(`Faults that hit: ${tally}`)
    if (seeds >= 40) expect(tally.missing()).toEqual([])
  })
})

describe('the replay check', () => {
  it('finds nothing in deterministic orchestrations', async () => {
    const run = await playing()
    const { test } = run
    expect(await play(run)).toEqual([])
    for (const id of ids) expect(await test.replayCheck(id)).toEqual([])
    await test.stop()
  })

  it('names the episode in which an orchestration decides otherwise than before', async () => {
    let calls = 0
    const test = await startTestHost({
      appDir: appFolder(),
      load: () => {
        df.app.activity('Echo', { handler: (x: unknown) => x })
        df.app.orchestration('Moody', function* (context) {
          yield context.df.callActivity(calls++ < 2 ? 'Echo' : 'Other', 1)
          return 'done'
        })
      },
    })
    await test.start('Moody', 'moody')
    await test.ended(['moody'])
    expect((await test.replayCheck('moody')).join()).toMatch(
      /Moody moody, event 0: history has \[4 0 Echo\], replay gives \[4 0 Other\]/,
    )
    await test.stop()
  })
})
