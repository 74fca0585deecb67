import { Command } from 'commander'
import type { AuditVerdict } from '../domain/audit.ts'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'

/** A chain of more entries than this is exported in part, and the command says so. */
const PAGES_MAX = 10_000

/** `audit verify` and `audit export`: what was done under a plan, by whom and why, as a chain that shows each change to it. */
export function createAuditCommand(io: CliIo): Command {
  return new Command('audit')
    .description('check or export the chain of all that was decided, ordered and done under a plan')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp audit verify plan-1a2b3c4d\n  restamp audit export plan-1a2b3c4d',
    )
    .addCommand(createVerifyCommand(io))
    .addCommand(createExportCommand(io))
}

function createVerifyCommand(io: CliIo): Command {
  const command = new Command('verify')
    .description(
      'check the chain against itself, its anchors and the records; exit code 1 where it is broken',
    )
    .argument('<plan>', 'a plan id, or "fleet" for kill switches and repaired routes')
    .addHelpText('after', '\nExamples:\n  restamp audit verify plan-1a2b3c4d')
  return withHostOptions(command).action(async (chain: string, options: HostOptions) => {
    const verdict = await (await connect(options, 'read')).auditVerdict(chain)
    if (options.json) printJson(io, verdict)
    else io.out(verdictWords(verdict))
    if (verdict.kind === 'broken') io.exit(EXIT.no)
  })
}

function verdictWords(verdict: AuditVerdict): string {
  if (verdict.kind === 'broken') {
    return `The audit of ${verdict.chain} is broken at entry ${verdict.number}: ${verdict.words}\n`
  }
  const { chain, entries, anchoredTo, hash, onTheWay } = verdict
  const more = onTheWay > 0 ? `; ${onTheWay} more on the way` : ''
  return `The audit of ${chain} is intact: ${entries} entries, anchored up to ${anchoredTo}, head ${hash}${more}\n`
}

function createExportCommand(io: CliIo): Command {
  const command = new Command('export')
    .description('print every entry as one line of JSON, oldest first')
    .argument('<plan>', 'a plan id, or "fleet" for kill switches and repaired routes')
    .addHelpText('after', '\nExamples:\n  restamp audit export plan-1a2b3c4d > audit.jsonl')
  return withHostOptions(command).action(async (chain: string, options: HostOptions) => {
    const client = await connect(options, 'read')
    let after = 0
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { entries, next } = await client.auditPage(chain, after)
      for (const entry of entries) io.out(`${JSON.stringify(entry)}\n`)
      if (next === null) return
      after = next
    }
    io.err(`The audit of ${chain} has more than was printed; it ends here after entry ${after}\n`)
    io.exit(EXIT.no)
  })
}
