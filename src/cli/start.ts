import { Command } from 'commander'
import { connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { type CliIo, printJson } from './io.ts'
import { progressLine } from './show-status.ts'

interface StartOptions extends HostOptions {
  readonly digest?: string
}

export function createStartCommand(io: CliIo): Command {
  const command = new Command('start')
    .description('start the run of a plan; it stops at its first gate and waits for an approver')
    .argument('<plan>', 'a plan id')
    .option('--digest <sha256>', 'start only if the plan is still this very document')
    .addHelpText('after', '\nExamples:\n  restamp start plan-1a2b3c4d')
  return withActOptions(command).action(async (planId: string, options: StartOptions) => {
    const client = await connectToAct(options, 'start', io)
    const digest = options.digest ?? (await client.plan(planId)).plan.digest
    const view = await client.start(planId, digest)
    if (options.json) return printJson(io, view)
    io.out(`${progressLine(view)}Follow it with: restamp watch ${planId}\n`)
  })
}
