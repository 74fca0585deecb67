import { Command } from 'commander'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { followRun } from './follow-run.ts'
import { type CliIo, printJson } from './io.ts'

export function createWatchCommand(io: CliIo): Command {
  const command = new Command('watch')
    .description(
      'follow a run: progress with an estimated end, and what it waits for; Ctrl-C leaves, the run goes on',
    )
    .argument('<plan>', 'a plan id')
    .addHelpText('after', '\nExamples:\n  restamp watch plan-1a2b3c4d')
  return withHostOptions(command).action(async (planId: string, options: HostOptions) => {
    const client = await connect(options, 'read')
    const say = options.json ? io.err : io.out
    const view = await followRun({ client, planId, io, say: (text) => say(text) })
    if (options.json) printJson(io, view)
  })
}
