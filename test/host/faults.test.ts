import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import {
  faultKinds,
  SeededFaults,
  startTestHost,
  type TestHost,
  type TestHostOptions,
} from '../../src/host/testkit.ts'
import { faultyRuns, registerFaultyApp } from './faulty-app.ts'
import { appFolder, jan1Ms } from './small-host.ts'

const seeds = Number(process.env.FAULT_SEEDS ?? 40)
const first = Number(process.env.FAULT_SEED ?? 1)

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

/** Runs the app to its end and says where it ended otherwise than an undisturbed run. */
async function play({ test, gate }: Playing): Promise<string[]> {
  gate.isOpen = false
  for (const { name, input } of faultyRuns) await test.start(name, name.toLowerCase(), input)
  await test.raise('race', 'go', 'gone')
  gate.isOpen = true
  const rows = await test.ended(faultyRuns.map(({ name }) => name.toLowerCase()))
  return rows.flatMap((row, i) => {
    const want = JSON.stringify(faultyRuns[i]?.output)
    const got = JSON.stringify(json(row.output))
    return row.status === 'Completed' && got === want
      ? []
      : [`${row.id}: ${row.status} ${got}, expected ${want}`]
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
  it(`ends as without them, for ${seeds} seeds`, { timeout: 3_600_000 }, async () => {
    const total = new SeededFaults(0).counts
    for (let seed = first; seed < first + seeds; seed++) {
      const faults = new SeededFaults(seed)
      const run = await playing({ faults })
      try {
        const repeat = `FAULT_SEED=${seed} FAULT_SEEDS=1 npx vitest run test/host/faults.test.ts`
        expect(await play(run), `repeat with: ${repeat}`).toEqual([])
      } finally {
        await run.test.stop()
      }
      for (const kind of faultKinds) total[kind] += faults.counts[kind]
    }
    console.info(`Faults that hit: ${faultKinds.map((kind) => `${kind} ${total[kind]}`).join(', ')}`)
    if (seeds >= 40) for (const kind of faultKinds) expect(total[kind], kind).toBeGreaterThan(0)
  })

  it.each(['clock', 'start', 'event', 'episode'] as const)(
    'survives a crash at the commit point %s',
    async (crashAt) => {
      const run = await playing({ crashAt })
      const { test } = run
      expect(await play(run)).toEqual([])
      expect(test.crashes).toBeGreaterThan(0)
      await test.stop()
    },
  )
})

describe('the replay check', () => {
  it('finds nothing in deterministic orchestrations', async () => {
    const run = await playing()
    const { test } = run
    expect(await play(run)).toEqual([])
    for (const { name } of faultyRuns) expect(await test.replayCheck(name.toLowerCase())).toEqual([])
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
