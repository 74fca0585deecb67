import { Command } from 'commander'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, printJson } from './io.ts'
import { waitingBlock } from './show-status.ts'

/** `waiting`: everything that waits, each with who can end it and how. */
export function createWaitingCommand(io: CliIo): Command {
  const command = new Command('waiting')
    .description('everything that waits: for what, since and until when, who can end it, and what to type')
    .addHelpText('after', '\nExamples:\n  restamp waiting\n  restamp waiting --json')
  return withHostOptions(command).action(async (options: HostOptions) => {
    const list = await (await connect(options, 'read')).waiting()
    if (options.json) return printJson(io, list)
    if (list.waits.length === 0) return io.out('Nothing waits.\n')
    for (const { planId, region, customer, waiting } of list.waits) {
      io.out(
        `${planId}  ${region}${customer ? `, ${customer}` : ''}${waiting.person ? '  needs a person' : ''}\n`,
      )
      io.out(waitingBlock(waiting, list.nowMs))
    }
  })
}
