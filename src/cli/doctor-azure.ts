import type { Checked } from '../ports/checks.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { table } from './table.ts'

/** What looks at Azure by settings and a map; its SDKs are loaded only then. */
export type Examine = (env: CliIo['env'], map: string) => Promise<readonly Checked[]>

const examineAzure: Examine = async (env, map) => (await import('../onboard.ts')).examine(env, map)

/** Prints what was found of all that Restamp depends on; exit code 1 where something is to be fixed. */
export async function doctorAzure(
  io: CliIo,
  { map, json }: { readonly map: string; readonly json?: boolean | undefined },
  examine: Examine = examineAzure,
): Promise<void> {
  const checks = await examine(io.env, map)
  const toFix = checks.filter(({ outcome }) => outcome === 'fix')
  if (toFix.length > 0) io.exit(EXIT.no)
  if (json) return printJson(io, { holds: toFix.length === 0, checks })
  const rows = checks.map(({ check, outcome, found, todo }) => [check, outcome, found, todo ?? ''])
  io.out(table(['check', 'outcome', 'found', 'what to do'], rows))
  const unknown = checks.filter(({ outcome }) => outcome === 'unknown').length
  io.out(`\n${toFix.length} of ${checks.length} to be fixed, ${unknown} can't be told from here.\n`)
}
