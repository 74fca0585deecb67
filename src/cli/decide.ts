import { Command } from 'commander'
import type { Evidence } from '../domain/evidence.ts'
import { GateId } from '../domain/ids.ts'
import type { DecisionRequest, PlanView, StatusView } from '../messages/api.ts'
import { CliError } from './cli-error.ts'
import { connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { percent } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { showFaults } from './show-rehearsal.ts'
import { progressLine } from './show-status.ts'

interface DecideOptions extends HostOptions {
  readonly gate?: readonly string[]
  readonly all?: boolean
  readonly digest?: string
  readonly reason?: string
}

export function createApproveCommand(io: CliIo): Command {
  return createDecideCommand(io, {
    answer: 'approve',
    description: 'approve the gate that a run waits at, or those that are named',
    reason: 'looked at the plan and its rehearsal',
    examples:
      '  restamp approve plan-1a2b3c4d\n  restamp approve plan-1a2b3c4d --gate tail-1 --gate medium-1\n  restamp approve plan-1a2b3c4d --all --as approver',
  })
}

export function createRejectCommand(io: CliIo): Command {
  return createDecideCommand(io, {
    answer: 'reject',
    description: 'reject the gate that a run waits at: the run ends there, what has moved stays',
    examples: '  restamp reject plan-1a2b3c4d --reason "a release is going out today"',
  })
}

interface Kind {
  readonly answer: 'approve' | 'reject'
  readonly description: string
  /** Said where the person gives no reason; without it they must. */
  readonly reason?: string
  readonly examples: string
}

function createDecideCommand(io: CliIo, kind: Kind): Command {
  const command = new Command(kind.answer)
    .description(kind.description)
    .argument('<plan>', 'a plan id')
    .option('--gate <gate>', 'this gate, such as tail-1; may be given several times', collect)
    .option('--all', 'all gates that have no answer yet')
    .option('--digest <sha256>', 'answer only if the plan is still this very document')
    .addHelpText('after', `\nExamples:\n${kind.examples}`)
  if (kind.reason) command.option('--reason <words>', 'why', kind.reason)
  else command.requiredOption('--reason <words>', 'why')
  return withActOptions(command).action(async (planId: string, options: DecideOptions) => {
    const client = await connectToAct(options, 'decide', io)
    const seen = await client.plan(planId)
    const gates = gatesOf(seen, options)
    // To gather evidence is to keep it, which a dry run does not.
    const seenNow = options.dryRun ? undefined : await client.evidence(planId)
    const decision: DecisionRequest = {
      digest: options.digest ?? seen.plan.digest,
      gates,
      answer: kind.answer,
      reason: options.reason ?? '',
      ...(seenNow ? { evidence: seenNow.digest } : {}),
    }
    const view = await client.decide(planId, decision)
    if (options.json) return printJson(io, view)
    const done = kind.answer === 'approve' ? 'Approved' : 'Rejected'
    io.out(
      `${seenNow ? evidenceWords(seenNow.evidence) : ''}${done}: ${decision.gates.join(', ')} of ${planId}\n${progressLine(view)}`,
    )
  })
}

/** What the answer rests on, as it is at this moment. */
function evidenceWords({ rehearsal, pools, astray }: Evidence): string {
  const missing = pools.filter(({ hotNodeP95 }) => hotNodeP95 === null)
  const known = pools.map(({ stamp, pool, hotNodeP95 }) => `${stamp} ${pool} ${percent(hotNodeP95)}`)
  const lines = [
    `  rehearsal ${rehearsal ? `${rehearsal.status}: ${rehearsal.words}` : 'none'}`,
    ...(rehearsal?.faults ? [showFaults(rehearsal).trimEnd()] : []),
    `  hot-node P95 of the last hour: ${known.join(', ')}`,
    ...(missing.length > 0
      ? [`  ${missing.length} of ${pools.length} pools sent too little to judge by`]
      : []),
    ...(astray?.map(
      ({ registry, homeStamp }) => `  ${registry} is bound to ${homeStamp}, not by this plan`,
    ) ?? ['  the catalog can not be read, so nobody knows where registries are bound']),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function collect(gate: string, before: readonly string[] = []): string[] {
  return [...before, gate]
}

/** Which gates the answer is for: the named ones, all that are left, or the one that is waited at. */
function gatesOf({ plan, status }: PlanView, options: DecideOptions): DecisionRequest['gates'] {
  if (options.gate && options.all)
    throw new CliError('Name gates with --gate or take --all, not both', EXIT.usage)
  if (options.gate) return options.gate.map(namedGate)
  if (options.all) {
    const open = status.batches.filter(({ state }) => state === 'waiting').map(({ gate }) => gate)
    if (open.length > 0) return open
    throw new CliError(`No gate of ${plan.id} waits for an answer`, EXIT.no)
  }
  return [waitingGate(status)]
}

function namedGate(text: string): DecisionRequest['gates'][number] {
  const gate = GateId.safeParse(text)
  if (gate.success) return gate.data
  throw new CliError(`"${text}" is no gate; expected one such as tail-1, medium-2 or top-1`, EXIT.usage)
}

function waitingGate({ planId, run }: StatusView): DecisionRequest['gates'][number] {
  if (run?.status.kind === 'awaitingApproval') return run.status.gate
  const state = run?.status.kind ?? 'not started'
  throw new CliError(
    `${planId} waits at no gate now (its state is ${state}); name gates that are still to come with --gate, or --all`,
    EXIT.no,
  )
}
