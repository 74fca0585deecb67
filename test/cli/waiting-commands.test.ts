import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { waitingFor } from '../../src/domain/waiting.ts'
import { waitingOf } from '../../src/domain/waiting-of.ts'
import { aRun, EVERY_STATUS, EVERY_WAIT, planRecords } from '../domain/a-run.ts'
import { keepingIo } from './run-cli.ts'

const FREEZE = { setting: 'freeze', by: 'kim', reason: 'an incident', atMs: 7 } as const
const SWITCHES = [
  { ...FREEZE, scope: '*' },
  { ...FREEZE, scope: 'weu' },
]
const WAITS = [
  ...Object.values(EVERY_STATUS).flatMap((status) => waitingOf(planRecords({ run: aRun(status) })) ?? []),
  ...Object.values(EVERY_WAIT).map(waitingFor),
  ...Object.values(EVERY_STATUS).flatMap(
    (status) => waitingOf(planRecords({ run: aRun(status), switches: SWITCHES })) ?? [],
  ),
]
const COMMANDS = [...new Set(WAITS.flatMap(({ next }) => next))]

/** Parses a command as the command line would, with every action replaced by one that only notes that it was reached. */
async function reached(command: string): Promise<string[]> {
  const [name, ...args] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )
  expect(name).toBe('restamp')
  const program = createProgram(keepingIo().io, '0.0.0')
  const names: string[] = []
  for (const each of program.commands) {
    each.exitOverride().action(() => {
      names.push(each.name())
    })
  }
  await program.parseAsync(args, { from: 'user' })
  return names
}

test.each(COMMANDS)('`%s`, which a wait names, is a command of ours as it stands', async (command) => {
  expect(await reached(command)).toEqual([command.split(' ')[1]])
})

test('a command that is none is found out', async () => {
  await expect(reached('restamp approve --gate')).rejects.toThrow()
  await expect(reached('restamp thaw plan-1a2b3c4d')).rejects.toThrow()
})
