import type { Command } from 'commander'
import type { Action } from '../domain/principal.ts'
import { type Client, createClient } from './client.ts'
import { readSession, userFor } from './session.ts'

export const DEFAULT_STATE_DIR = '.restamp'

/** What every command that speaks to a running host understands. */
export interface HostOptions {
  readonly state: string
  readonly as?: string
  readonly json?: boolean
}

export function withHostOptions(command: Command): Command {
  return command
    .option('--state <dir>', 'the state folder of the running host', DEFAULT_STATE_DIR)
    .option('--as <name>', 'the local user who acts (default: the first one who may)')
    .option('--json', 'print one JSON document on standard output and nothing else there')
}

/** A client of the running host, as the user who may do what is asked for. */
export async function connect(options: HostOptions, action: Action): Promise<Client> {
  const session = await readSession(options.state)
  const user = userFor(session.users, action, options.as)
  return createClient({ baseUrl: session.baseUrl, token: user.token })
}
