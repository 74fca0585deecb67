import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDoctorCommand } from '../../src/cli/doctor.ts'
import type { Checked } from '../../src/ports/checks.ts'
import { startAnsweredRun } from '../support/answered-run.ts'
import { runCli, runCommand } from './run-cli.ts'

const PLAN = 'plan-answered'
let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'restamp-doctor-'))
})
afterEach(() => rmSync(stateDir, { recursive: true, force: true }))

/** A run that waits at its first gate, of a host that was stopped. */
async function stoppedAtGate(): Promise<void> {
  const run = await startAnsweredRun({ answered: 'none', stateDir })
  await run.testHost.until([PLAN], () => true)
  await run.testHost.host.whenIdle()
  await run.stop()
}

/** As if the version that began the run had looked at its orders before it took its leases. */
function begunOtherwise(): void {
  const hub = new DatabaseSync(join(stateDir, 'hub.db'))
  hub.exec(`UPDATE history SET event = replace(event, '"Name":"takeLeases"', '"Name":"readOrders"')`)
  hub.close()
}

test('a run of this version is carried on, and the doctor says so', async () => {
  await stoppedAtGate()
  const { out, exitCode } = await runCli('doctor', '--state', stateDir)
  expect(out).toContain(`1 of 1 runs under way in ${stateDir} are carried on by this version (1.0)`)
  expect(out).toContain(`${PLAN}  tail-1: waits for approval`)
  expect(exitCode).toBe(0)
})

test('a run that would go another way is refused before anything starts, in words of its plan', async () => {
  await stoppedAtGate()
  begunOtherwise()
  const { out, exitCode } = await runCli('doctor', '--state', stateDir)
  expect(exitCode).toBe(1)
  expect(out).toContain(`the run of ${PLAN} was begun by version 1.0 and can't be carried on`)
  expect(out).toContain(`restamp abort ${PLAN} --reason`)

  const files = ['--fleet', 'none.json', '--cpu', 'none.csv', '--load', 'none.csv']
  const up = await runCli('up', ...files, '--state', stateDir)
  expect(up.exitCode).toBe(1)
  expect(up.err).toContain(`nothing was started:\n  the run of ${PLAN}`)
  expect(up.err).toContain('restamp up --begin-anew')
  const anew = await runCli('up', ...files, '--state', stateDir, '--begin-anew')
  expect(anew.err).toContain('none.json')
})

test('where nothing ever ran the doctor has nothing to say', async () => {
  const { out, exitCode } = await runCli('doctor', '--state', stateDir)
  expect([out, exitCode]).toEqual([`No run is under way in ${stateDir}.\n`, 0])
})

function onAzure(checks: readonly Checked[], ...args: string[]) {
  return runCommand((io) => createDoctorCommand(io, async () => checks), ['--azure', ...args])
}

const WELL: Checked = { check: 'clock', outcome: 'holds', found: '0 s behind Azure', todo: null }
const MISSING: Checked = {
  ...{ check: 's-a: minimum', outcome: 'fix', found: 'the right is missing' },
  todo: 'grant it at the group rg-s-a',
}

test('on Azure it prints what was found and what to do, and ends with 1 where something is to be fixed', async () => {
  const { out, exitCode } = await onAzure([WELL, MISSING])
  expect(exitCode).toBe(1)
  expect(out).toMatch(/s-a: minimum +fix +the right is missing +grant it at the group rg-s-a/)
  expect(out).toContain("1 of 2 to be fixed, 0 can't be told from here.")
  const unknown = await onAzure([WELL, { ...MISSING, outcome: 'unknown' }], '--json')
  expect(unknown.exitCode).toBe(0)
  expect(JSON.parse(unknown.out)).toMatchObject({ holds: true, checks: [WELL, { outcome: 'unknown' }] })
})

test('on Azure without settings it says which are missing, and asks nobody', async () => {
  const { err, exitCode } = await runCli('doctor', '--azure', '--map', 'none.json')
  expect(exitCode).toBe(2)
  expect(err).toContain('COSMOS_ENDPOINT')
})
