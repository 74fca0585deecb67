import type { Decision } from './decision.ts'
import { EventType, type HistoryEvent } from './history.ts'

/** The orchestrator no longer does what its history says. */
export class NonDeterminism extends Error {
  override readonly name = 'NonDeterminism'
}

/** The orchestrator asked for something after which the real host, or this one, has no way on. */
export class CannotGoOn extends Error {
  override readonly name = 'CannotGoOn'
}

const actionNames = {
  activity: 'ScheduleTaskOrchestratorAction',
  timer: 'CreateTimerOrchestratorAction',
  child: 'CreateSubOrchestrationAction',
} as const

const wasChanged =
  'Was a change made to the orchestrator code after this instance had already started running?'

/** A "created" event must meet an action with its id, kind and, but for timers, name. The texts are the real host's. */
export function checkCreated(event: HistoryEvent, decision: Decision | undefined): void {
  const { kind, missing, other } = described(event)
  if (!decision) {
    throw nonDeterminism(`${missing} the current replay execution hasn't (yet?) scheduled this task.`)
  }
  const now = `${other} the current orchestration replay instead`
  if (decision.kind !== kind) {
    const where = kind === 'child' ? 'at' : 'with'
    throw nonDeterminism(
      `${now} produced a ${actionNames[decision.kind]} action ${where} this sequence number.`,
    )
  }
  if (decision.kind === 'timer' || decision.name.toLowerCase() === (event.Name ?? '').toLowerCase()) return
  throw nonDeterminism(
    decision.kind === 'activity'
      ? `${now} scheduled an activity task named '${decision.name}' with this sequence number. `
      : `${now} scheduled a sub-orchestration task with name ${decision.name} at this sequence number.`,
  )
}

function described(event: HistoryEvent): { kind: Decision['kind']; missing: string; other: string } {
  const { EventId: id, Name: name = '', Version: version, InstanceId: child = '' } = event
  const named = `sequence ID ${id} and name '${name}' (version '${version ?? ''}'`
  switch (event.EventType) {
    case EventType.TimerCreated: {
      const timer = `a timer task with sequence number ${id}`
      return { kind: 'timer', missing: `${timer} but`, other: `${timer} named but` }
    }
    case EventType.TaskScheduled: {
      const other = `an activity task with sequence number ${id} named '${name}', but`
      return { kind: 'activity', missing: `an activity task with ${named}), but`, other }
    }
    default: {
      const text = `a sub-orchestration task with ${named}, instance ID '${child}'), but`
      return { kind: 'child', missing: text, other: text }
    }
  }
}

function nonDeterminism(text: string): NonDeterminism {
  return new NonDeterminism(
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${text} ${wasChanged}`,
  )
}

export function wrongChildId(name: string, instanceId: string): CannotGoOn {
  return new CannotGoOn(
    `The child '${name}' was given the instance id '${instanceId}'. An id may not begin with @ nor be that of ` +
      'the instance itself or its parent; the real host hangs for ever here.',
  )
}

export function tooManyActions(max: number): CannotGoOn {
  return new CannotGoOn(
    `Maximum amount of orchestration actions (${max}) has been reached. ` +
      'This value can be configured in host.json file as MaxOrchestrationActions.',
  )
}

export function timedOut(name: string, retry: { readonly timeoutMs: number }): CannotGoOn {
  return new CannotGoOn(
    `The retries of '${name}' ended because retryTimeoutInMilliseconds (${retry.timeoutMs}) had passed. ` +
      'The real host hangs for ever here. Bound the retries with maxNumberOfAttempts instead.',
  )
}
