import { existsSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupFailed } from './failed.mjs'
import { capture } from './process.mjs'

/** The compiler that infra/ is checked by. Another one may warn of other things. */
export const BICEP_VERSION = '0.49.2'

const PACKAGES = {
  'linux-x64': 'Azure.Bicep.CommandLine.linux-x64',
  'linux-arm64': 'Azure.Bicep.CommandLine.linux-arm64',
  'darwin-x64': 'Azure.Bicep.CommandLine.osx-x64',
  'darwin-arm64': 'Azure.Bicep.CommandLine.osx-arm64',
  'win32-x64': 'Azure.Bicep.CommandLine.win-x64',
}

/** Where the Bicep compiler is: what `BICEP` names, else the one fetched beside the sources; undefined for none. */
export function findBicep(root, env = process.env) {
  const path = env.BICEP || fetchedPath(root)
  return path && existsSync(path) ? path : undefined
}

/** Fetches the compiler as a NuGet package, which needs the .NET SDK; the compiler itself needs none. */
export async function fetchBicep(root) {
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  if (!name)
    throw new SetupFailed(
      `no Bicep package is known for ${process.platform}-${process.arch}; install Bicep ${BICEP_VERSION} and name it in BICEP`,
    )
  const folder = folderOf(root)
  const staging = `${folder}.partial`
  await rm(staging, { recursive: true, force: true })
  await mkdir(staging, { recursive: true })
  const project = join(staging, 'bicep.csproj')
  await writeFile(project, projectFor(name))
  const { code, stdout, stderr } = await capture('dotnet', [
    'restore',
    project,
    '--packages',
    join(staging, 'packages'),
  ])
  if (code === 127)
    throw new SetupFailed(
      `the Bicep compiler comes as a NuGet package, and dotnet was not found; install the .NET SDK, or Bicep ${BICEP_VERSION} itself and name it in BICEP`,
    )
  if (code !== 0)
    throw new SetupFailed(`Bicep ${BICEP_VERSION} could not be fetched`, `${stdout}${stderr}`.trim())
  await rm(folder, { recursive: true, force: true })
  await rename(staging, folder)
  const path = fetchedPath(root)
  await chmod(path, 0o755)
  return path
}

function folderOf(root) {
  return join(root, '.tools', `bicep-${BICEP_VERSION}`)
}

function fetchedPath(root) {
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  const file = process.platform === 'win32' ? 'bicep.exe' : 'bicep'
  return name && join(folderOf(root), 'packages', name.toLowerCase(), BICEP_VERSION, 'tools', file)
}

function projectFor(name) {
  return `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="${name}" Version="[${BICEP_VERSION}]" /></ItemGroup>
</Project>
`
}
