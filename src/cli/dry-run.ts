import { CommanderError } from 'commander'
import { z } from 'zod'
import { decisionRefusal, refusal } from '../domain/principal.ts'
import { type Me, type PlanView, RollbackRequest, StatusView } from '../messages/api.ts'
import type { Asked, Operation } from '../messages/operation.ts'
import { CliError } from './cli-error.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { progressLine } from './show-status.ts'

/** What would be asked, by whom, and what came of it as things stand; nothing has been asked. */
export interface Preview {
  readonly dryRun: true
  readonly operation: string
  readonly words: string
  readonly path: string
  readonly as: string
  readonly body: unknown
  /** What it would do to the plan that it is about. */
  readonly effect: string | null
  readonly now: string | null
  /** Why it would be refused; null where nothing speaks against it. */
  readonly refused: string | null
}

interface Known {
  readonly operation: Operation
  readonly path: string
  readonly asked: Asked
  readonly me: Me
  /** The plan that it is about. */
  readonly plan: PlanView | null
}

export function previewOf(known: Known): Preview {
  const { operation, path, asked, me, plan } = known
  return {
    dryRun: true,
    ...{ operation: operation.name, words: operation.summary, path, as: me.principal.name, body: asked.body },
    effect: plan && effectWords(operation.name, plan.status, asked.body),
    now: plan && progressLine(plan.status).trimEnd(),
    refused: refusedFor(known),
  }
}

/** What the host would say, as far as it can be known from outside. */
function refusedFor({ operation, asked, me: { principal }, plan }: Known): string | null {
  const byRole = refusal(principal, operation.action)
  if (byRole) return byRole
  const body = operation.body.safeParse(asked.body)
  if (!body.success) return z.prettifyError(body.error)
  const own = plan && operation.name === 'decide' && decisionRefusal(principal, plan.plan.requestedBy)
  return own || (plan && stateRefusal(operation, plan.status))
}

/** A status names the orders that can be given on it; what it has no name for is decided by the host alone. */
function stateRefusal({ action }: Operation, { allowed, run }: StatusView): string | null {
  const possible: readonly string[] = allowed
  const isNamed = NAMED.includes(action)
  if (!isNamed || possible.includes(action)) return null
  return `its state is ${run?.status.kind ?? 'not started'}; possible now: ${possible.join(', ') || 'nothing'}`
}

const NAMED: readonly string[] = StatusView.shape.allowed.element.options

function effectWords(
  name: string,
  { movesDone, movesPlanned, batches }: StatusView,
  body: unknown,
): string | null {
  const left = movesPlanned - movesDone
  switch (name) {
    case 'startRun':
      return `the run begins and waits at its first gate; nothing moves before somebody approves`
    case 'order-hold':
      return `moves under way finish, the other ${left} wait`
    case 'order-resume':
      return `the run goes on; ${left} moves are left`
    case 'order-abort':
      return `the run ends; ${movesDone} stay where they have moved to, ${left} do not move`
    case 'order-rollback': {
      const { gate, phase } = RollbackRequest.safeParse(body).data ?? {}
      const part = batches.filter(
        (each) => (gate ?? each.gate) === each.gate && (phase ?? each.phase) === each.phase,
      )
      return `${part.reduce((sum, each) => sum + each.movesDone, 0)} registries go home, last one first`
    }
    case 'order-skip':
      return 'the registry stays where it is, its batch goes on without it'
    case 'decide': {
      const gates = gatesIn(body)
      const registries = batches
        .filter(({ gate }) => gates.includes(gate))
        .reduce((sum, each) => sum + each.registries, 0)
      return `${gates.join(', ')}: ${registries} registries`
    }
    case 'rightSize':
      return 'a plan is made and rehearsed; nothing moves by that'
    default:
      return null
  }
}

function gatesIn(body: unknown): string[] {
  const gates: unknown = typeof body === 'object' && body && 'gates' in body ? body.gates : []
  return Array.isArray(gates) ? gates.map(String) : []
}

/** Tells a preview and ends the command: well where nothing speaks against it, else with `CliError`. */
export function endWith(preview: Preview, io: CliIo, asJson: boolean): never {
  if (asJson) printJson(io, preview)
  else io.out(previewWords(preview))
  if (preview.refused !== null) throw new CliError(`it would be refused: ${preview.refused}`, EXIT.no)
  throw new CommanderError(EXIT.done, DRY_RUN, '')
}

export const DRY_RUN = 'restamp.dryRun'

function previewWords({ words, path, as, body, effect, now, refused }: Preview): string {
  const lines = [
    `Dry run, nothing was asked. Would ask, as ${as}: ${words}`,
    `  POST ${path} ${JSON.stringify(body ?? {})}`,
    ...(now === null ? [] : [`  now:    ${now}`]),
    ...(effect === null ? [] : [`  effect: ${effect}`]),
    ...(refused === null ? ['  nothing speaks against it as things stand'] : []),
  ]
  return `${lines.join('\n')}\n`
}
