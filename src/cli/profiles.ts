import { Command } from 'commander'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { profilesOption } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { Profile, profileNamed, readProfiles, writeProfiles } from './profile-file.ts'
import { table } from './table.ts'

interface FileOptions {
  readonly profiles: string
}

interface AddOptions extends FileOptions {
  readonly url: string
  readonly clientId: string
  readonly tenantId?: string
}

/** `restamp profiles`: the deployments that commands can be asked for with `--on`. */
export function createProfilesCommand(io: CliIo): Command {
  return new Command('profiles')
    .description('list the deployments that `--on NAME` asks, add one or remove one')
    .addHelpText(
      'after',
      `
Examples:
  restamp profiles add prod --url https://restamp.example.com --client-id 00000000-0000-0000-0000-000000000001
  restamp status plan-1a2b3c4d --on prod

A profile holds no secret: commands act as whoever is signed in by \`az login\`, \`azd auth login\` or a managed identity.`,
    )
    .addCommand(listCommand(io), { isDefault: true })
    .addCommand(addCommand(io))
    .addCommand(removeCommand(io))
}

function listCommand(io: CliIo): Command {
  return new Command('list')
    .description('list them')
    .option('--json', 'print one JSON document on standard output and nothing else there')
    .addOption(profilesOption())
    .action(async ({ profiles: file, json }: FileOptions & { json?: boolean }) => {
      const profiles = await readProfiles(file)
      if (json) return printJson(io, profiles)
      const rows = Object.entries(profiles).map(([name, { url, clientId }]) => [name, url, clientId])
      io.out(
        rows.length > 0 ? table(['profile', 'address', 'client id'], rows) : '  There is no profile yet.\n',
      )
    })
}

function addCommand(io: CliIo): Command {
  return new Command('add')
    .description('add a deployment, or change it')
    .argument('<name>', 'what it is called with --on')
    .requiredOption('--url <url>', 'its address: `azd env get-value RESTAMP_URL`')
    .requiredOption('--client-id <id>', 'its registration: `azd env get-value RESTAMP_AUTH_CLIENT_ID`')
    .option('--tenant-id <id>', 'the tenant, where you are signed in to several')
    .addOption(profilesOption())
    .action(async (name: string, { profiles: file, url, clientId, tenantId }: AddOptions) => {
      const profile = Profile.safeParse({ url, clientId, ...(tenantId ? { tenantId } : {}) })
      if (!profile.success) throw new CliError(z.prettifyError(profile.error), EXIT.usage)
      await writeProfiles(file, { ...(await readProfiles(file)), [name]: profile.data })
      io.out(`  --on ${name} asks ${profile.data.url}\n`)
    })
}

function removeCommand(io: CliIo): Command {
  return new Command('remove')
    .description('forget a deployment; nothing happens to it')
    .argument('<name>', 'a profile')
    .addOption(profilesOption())
    .action(async (name: string, { profiles: file }: FileOptions) => {
      await profileNamed(file, name)
      const { [name]: _, ...others } = await readProfiles(file)
      await writeProfiles(file, others)
      io.out(`  ${name} is forgotten\n`)
    })
}
