import { type Command, Option } from 'commander'
import type { Action } from '../domain/principal.ts'
import { CliError } from './cli-error.ts'
import { type Client, createClient, type HostPlace } from './client.ts'
import { endWith } from './dry-run.ts'
import { type CliIo, EXIT } from './io.ts'
import { PROFILES_FILE, profileNamed } from './profile-file.ts'
import { readSession, userFor } from './session.ts'
import { entraToken } from './sign-in.ts'

export const DEFAULT_STATE_DIR = '.restamp'

/** What every command that speaks to a running host understands. */
export interface HostOptions {
  readonly state: string
  readonly as?: string
  /** The profile of a deployment; without one, the host of this machine. */
  readonly on?: string
  readonly profiles: string
  readonly json?: boolean
  readonly dryRun?: boolean
}

/** What a command understands that changes something. */
export function withActOptions(command: Command): Command {
  return withHostOptions(command).option(
    '--dry-run',
    'say what would be asked, its effect and whether it would be refused; ask nothing',
  )
}

export function withHostOptions(command: Command): Command {
  return withPlaceOptions(command).option(
    '--json',
    'print one JSON document on standard output and nothing else there',
  )
}

export function withPlaceOptions(command: Command): Command {
  return command
    .option('--state <dir>', 'the state folder of the running host', DEFAULT_STATE_DIR)
    .option('--as <name>', 'the local user who acts (default: the first one who may)')
    .addOption(
      new Option('--on <profile>', 'a deployment that `restamp profiles` lists, instead').env(
        'RESTAMP_PROFILE',
      ),
    )
    .addOption(profilesOption())
}

/** Where profiles are kept. */
export function profilesOption(): Option {
  return new Option('--profiles <file>', 'where profiles are kept').default(PROFILES_FILE).hideHelp()
}

/** A client of the running host, as the user who may do what is asked for, or of a deployment, as whoever is signed in. */
export async function connect(options: HostOptions, action: Action): Promise<Client> {
  return createClient(await placeOf(options, action))
}

/** The same for what changes something, unless it is to be tried dry. */
export async function connectToAct(options: HostOptions, action: Action, io: CliIo): Promise<Client> {
  const place = await placeOf(options, action)
  if (!options.dryRun) return createClient(place)
  return createClient({ ...place, preview: (preview) => endWith(preview, io, options.json ?? false) })
}

export async function placeOf(
  { on, profiles, state, as }: Omit<HostOptions, 'json'>,
  action: Action,
): Promise<HostPlace> {
  if (on === undefined) {
    const session = await readSession(state)
    const { token } = userFor(session.users, action, as)
    return { baseUrl: session.baseUrl, token: async () => token }
  }
  if (as !== undefined)
    throw new CliError('--as names a local user; on a deployment you act as whoever is signed in', EXIT.usage)
  const profile = await profileNamed(profiles, on)
  return { baseUrl: profile.url, token: () => entraToken(profile) }
}
