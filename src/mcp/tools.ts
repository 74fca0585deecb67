import { z } from 'zod'
import { PlanRequest } from '../messages/api.ts'
import type { Asked, Operation } from '../messages/operation.ts'
import { OPERATIONS } from '../messages/operations.ts'
import { WhatIfRequest } from '../messages/stamp-api.ts'

/** What an assistant may do: each is one operation of the API, asked as the person whose assistant it is. */
export interface Tool {
  readonly name: string
  readonly title: string
  /** For the model: when to use it, and what comes of it. */
  readonly description: string
  readonly operation: Operation
  /** Arguments of its own; those of the operation's path and query where it says nothing. */
  readonly input?: z.ZodObject
  /** Where a request that is no GET changes nothing all the same. */
  readonly onlyReads?: boolean
  readonly asked?: (given: Readonly<Record<string, unknown>>) => Asked
}

/** An assistant asks for routine plans only: an emergency skips what people want to have seen. */
const Proposal = z.strictObject(PlanRequest.shape).omit({ urgency: true })

/**
 * Everything that an assistant may ask: it reads, starts scans, and has plans made and rehearsed, which changes nothing. It can
 * not start, approve, resume, roll back, turn a switch or raise autonomy: there is no tool for it, and no tool leads to it.
 */
export const TOOLS: readonly Tool[] = [
  {
    ...{ name: 'fleet', title: 'Fleet', operation: OPERATIONS.fleet },
    description:
      'Regions, stamps and pools with hot-node P95, average and Max of the latest scan, and what needs action.',
  },
  {
    ...{ name: 'signals', title: 'Hottest node of a pool', operation: OPERATIONS.signals },
    description:
      'The hottest node of one pool bin by bin, its peak window and figures. A null is a missing bin, never zero.',
  },
  {
    ...{ name: 'stamp', title: 'Who heats a stamp', operation: OPERATIONS.readStamp },
    description:
      'What each registry causes of the hot minutes of a stamp’s pools, in points of the hottest node’s percent.',
  },
  {
    ...{ name: 'policies', title: 'Policies', operation: OPERATIONS.readPolicies },
    description: 'How each region is run, what each value means, and which are not as the design has them.',
  },
  {
    ...{
      name: 'what_if',
      title: 'What if',
      operation: OPERATIONS.whatIf,
      input: WhatIfRequest,
      onlyReads: true,
    },
    description:
      'What the last day would have been with a registry elsewhere, another stamp or size, a loss or other traffic. Starts nothing.',
    asked: (body) => ({ body }),
  },
  {
    ...{ name: 'incidents', title: 'Incidents', operation: OPERATIONS.listIncidents },
    description:
      'What needs action, since when and why, and which plan sees to it or which rule blocks that.',
  },
  {
    ...{ name: 'readiness', title: 'Missing signals', operation: OPERATIONS.readiness },
    description: 'Signals that can not be judged by yet. Missing data is never health: say so to the person.',
  },
  {
    ...{ name: 'plans', title: 'Plans', operation: OPERATIONS.listPlans },
    description: 'All plans, newest first, with verdict and status.',
  },
  {
    ...{ name: 'plan', title: 'A plan and its rehearsal', operation: OPERATIONS.readPlan },
    description:
      'A plan with each move, why, why not others, predictions, its rehearsal, gates and present status.',
  },
  {
    ...{ name: 'status', title: 'Status of a run', operation: OPERATIONS.readStatus },
    description:
      'Where a run is and what it waits for, until when, who can end that, and the exact commands for them.',
  },
  {
    ...{ name: 'waiting', title: 'What waits for people', operation: OPERATIONS.listWaiting },
    description:
      'Everything that waits, with who can end it and the commands that they type. You can not answer for them.',
  },
  {
    ...{ name: 'report', title: 'Report', operation: OPERATIONS.readReport },
    description: 'Before and after of each pool, every move, decision and reversal of a run.',
  },
  {
    ...{ name: 'calibration', title: 'Predicted against actual', operation: OPERATIONS.readCalibration },
    description: 'How good predictions were, pool by pool.',
  },
  {
    ...{ name: 'figures', title: 'How plans did', operation: OPERATIONS.readFigures },
    description:
      'Share of moves reversed, prediction error, tenant errors per 1,000 moves, minutes of people.',
  },
  {
    ...{ name: 'tickets', title: 'Change tickets', operation: OPERATIONS.listTickets },
    description: 'Change tickets in force or ahead, which keep what they are about from moving.',
  },
  {
    ...{ name: 'audit', title: 'Audit', operation: OPERATIONS.readAudit },
    description: 'Who did what, why and on which evidence, of one plan, or of `fleet`.',
  },
  {
    ...{ name: 'verify_audit', title: 'Verify an audit', operation: OPERATIONS.verifyAudit },
    description: 'Whether the record of a plan is whole: hashes, numbers, anchored heads.',
  },
  {
    ...{
      name: 'scan',
      title: 'Scan now',
      operation: OPERATIONS.scanNow,
      input: z.strictObject({ region: z.string().optional() }),
    },
    description: 'Starts a scan of a region, or of all. It reads telemetry and changes nothing else.',
    asked: (body) => ({ body }),
  },
  {
    ...{ name: 'propose_plan', title: 'Propose a plan', operation: OPERATIONS.makePlan, input: Proposal },
    description:
      'Makes a plan and has it rehearsed; nothing moves by that. Name at most one of customer, stamp, evacuate, ramp. A person starts it and others approve each batch.',
    asked: (body) => ({ body }),
  },
]

/** The arguments of a tool. */
export function inputOf({ operation, input }: Tool): z.ZodObject {
  if (input) return input
  const parts = [...operation.path.matchAll(/\{(\w+)\}/g)].map(
    ([, name = '']) => [name, z.string().min(1)] as const,
  )
  const query = Object.entries(operation.query).map(
    ([name, { schema, words, required }]) =>
      [name, required ? schema.describe(words) : schema.optional().describe(words)] as const,
  )
  return z.strictObject(Object.fromEntries([...parts, ...query]))
}

/** What is asked of the API with a tool's arguments. */
export function askedOf({ operation, asked }: Tool, given: Readonly<Record<string, unknown>>): Asked {
  if (asked) return asked(given)
  const named = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  )
  const isPart = (name: string) => operation.path.includes(`{${name}}`)
  return {
    parts: Object.fromEntries(named.filter(([name]) => isPart(name))),
    query: Object.fromEntries(named.filter(([name]) => !isPart(name))),
  }
}
