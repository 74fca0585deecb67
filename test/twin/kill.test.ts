import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { aTwin, busy, empty, shared } from './a-twin.ts'

const KILLS = 4
const MOVES_BEFORE_KILL = 12

it('a process that is killed amid moves has lost none that it was told of, and done at most one more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-kill-'))
  const database = join(folder, 'twin.sqlite')
  let known = 1
  for (let kill = 0; kill < KILLS; kill++) {
    known = await epochWhenKilled(database, MOVES_BEFORE_KILL + 3 * kill)
    const { twin } = aTwin({ database })
    const binding = await twin.catalog.binding(busy)
    const epoch = binding?.epoch ?? 0
    expect(epoch).toBeGreaterThanOrEqual(known)
    expect(epoch).toBeLessThanOrEqual(known + 1)
    expect(binding?.homeStamp).toBe(epoch % 2 === 1 ? shared : empty)
    expect(binding?.lastMoveKey).toBe(`move-${epoch - 1}`)
    twin.close()
  }
  expect(known).toBeGreaterThan(KILLS * MOVES_BEFORE_KILL)
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the moving process, kills it after some moves, and gives the last epoch that it said. */
async function epochWhenKilled(database: string, moves: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'moving-process.ts'), database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  let last = 0
  let said = 0
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line)
    said++
    if (said === moves) child.kill('SIGKILL')
  }
  await gone
  return last
}
